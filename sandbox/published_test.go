package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/published"
)

// The documented requests get the documented answers, member by member, through all that stands
// before the API.
func TestDocumentedRequestsGetTheDocumentedAnswers(t *testing.T) {
	s := start(t, Options{})
	id := "none yet"
	for _, x := range published.Exchanges {
		status, answer := exchange(t, s, x, id)
		if status != x.Status {
			t.Errorf("%s: got %d %s, want %d", x.Name, status, answer, x.Status)
		}
		if err := published.Like(x.Answer, []byte(answer)); err != nil {
			t.Errorf("%s: %v", x.Name, err)
		}
		if x.Body == published.CreateBody && status == http.StatusOK {
			var made struct{ SubscriptionID string }
			if err := json.Unmarshal([]byte(answer), &made); err != nil {
				t.Fatal(err)
			}
			id = made.SubscriptionID
		}
	}
}

func TestTooManyRequestsGetTheDocumentedAnswer(t *testing.T) {
	s := start(t, Options{RateLimit: RateLimit{PerSecond: 1e-6, Burst: 1}})
	x := published.TooMany
	access := token(t, http.DefaultClient, s, x.Token)
	for _, want := range []int{200, x.Status} {
		status, answer := call(t, http.DefaultClient, x.Method, s.URL()+x.Path, x.Body, "Accept", "application/vnd.newvoicemedia.v1+json", "Authorization", "Bearer "+access)
		if status != want {
			t.Errorf("got %d %s, want %d", status, answer, want)
		}
		if err := published.Like(x.Answer, []byte(answer)); want == x.Status && err != nil {
			t.Error(err)
		}
	}
}

// exchange makes a documented request; id is that of the subscription.
func exchange(t *testing.T, s *Sandbox, x published.Exchange, id string) (status int, answer string) {
	t.Helper()
	c := s.Credentials()
	to := s.URL() + strings.ReplaceAll(x.Path, "{id}", id)
	if x.Form != "" {
		header := []string{"Content-Type", form}
		if x.Basic {
			header = append(header, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(c.ID)+":"+url.QueryEscape(c.Secret))))
		}
		return call(t, http.DefaultClient, x.Method, to, strings.NewReplacer("{client}", url.QueryEscape(c.ID), "{secret}", url.QueryEscape(c.Secret)).Replace(x.Form), header...)
	}
	header := []string{"Accept", "application/vnd.newvoicemedia.v1+json"}
	switch x.Token {
	case published.NoToken:
	case published.Noise:
		header = append(header, "Authorization", "Bearer noise")
	default:
		header = append(header, "Authorization", "bearer "+token(t, http.DefaultClient, s, x.Token)) // in lower case, as the documentation has it
	}
	return call(t, http.DefaultClient, x.Method, to, x.Body, header...)
}
