package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/signature"
)

// What the options say of deliveries changes what a consumer gets, and what counts as accepted.
func TestOptionsReachTheDeliveries(t *testing.T) {
	assuming := func(name, value string) (set assume.Set) {
		if err := set.Change(name, value); err != nil {
			t.Fatal(err)
		}
		return set
	}
	const plain, charset = "application/cloudevents+json ", "application/cloudevents+json; charset=utf-8"
	for _, test := range []struct {
		name       string
		o          Options
		status     int    // of the consumer; 0: it does not answer
		wantHeader string // the Content-Type and what stands before the token
		wantState  string
	}{
		{"nothing chosen", Options{}, 206, plain, "waiting"},
		{"success", Options{Assume: assuming("success", "2xx")}, 206, plain, "delivered"},
		{"signature-prefix", Options{Assume: assuming("signature-prefix", "Bearer")}, 200, plain + "Bearer ", "delivered"},
		{"content-type", Options{Assume: assuming("content-type", charset)}, 200, charset + " ", "delivered"},
		{"timeout", Options{Timeout: 10 * time.Millisecond}, 0, plain, "waiting"},
	} {
		t.Run(test.name, func(t *testing.T) {
			headers := make(chan string, 10)
			consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // else the end of the connection is not seen
				headers <- r.Header.Get("Content-Type") + " " + r.Header.Get(signature.HeaderName)
				if test.status == 0 {
					<-r.Context().Done()
					return
				}
				w.WriteHeader(test.status)
			}))
			t.Cleanup(consumer.Close)
			s := start(t, test.o)
			api := s.URL() + "/sandbox/v1"
			for _, post := range [][2]string{
				{"/subscriptions", `{"name": "one", "url": "` + consumer.URL + `", "events": ["channel.alerted.*"]}`},
				{"/conversations", "{}"},
			} {
				if status, text := call(t, http.DefaultClient, "POST", api+post[0], post[1], "Content-Type", "application/json"); status != 201 {
					t.Fatalf("POST %s: %d %s", post[0], status, text)
				}
			}
			if got := <-headers; !strings.HasPrefix(got, test.wantHeader+"eyJ") {
				t.Errorf("the headers are %.70q, want %q and a token", got, test.wantHeader)
			}
			if got := firstAttempt(t, api); got != test.wantState {
				t.Errorf("after the attempt the delivery is %s, want %s", got, test.wantState)
			}
		})
	}
}

// firstAttempt is the state of the first delivery once it has been attempted.
func firstAttempt(t *testing.T, api string) string {
	t.Helper()
	for {
		_, text := call(t, http.DefaultClient, "GET", api+"/deliveries", "")
		var list struct {
			Deliveries []struct {
				State    string
				Attempts int
			}
		}
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Deliveries) > 0 && list.Deliveries[0].Attempts > 0 {
			return list.Deliveries[0].State
		}
		if t.Context().Err() != nil {
			t.Fatal("no attempt")
		}
	}
}
