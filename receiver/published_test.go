package receiver_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/published"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// The examples of the documentation, signed as they are published and on one line, are accepted. What
// is odd about them is a note: IDs of another year than time, and on the page of v1 a time that
// is not the timestamp.
func TestPublishedExamplesAreAccepted(t *testing.T) {
	for _, n := range published.Notifications(t) {
		var want []receiver.Rule
		for _, rule := range n.Notes {
			want = append(want, receiver.Rule(rule))
		}
		if !n.Begins {
			want = append(want, receiver.MissingAlerted)
		}
		for form, body := range n.Forms() {
			r := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}, Now: now, Partial: true})
			w := httptest.NewRecorder()
			r.ServeHTTP(w, post(body, nil))
			report := r.Report()
			if w.Code != http.StatusOK || report.Accepted != 1 || len(report.Violations) != 0 {
				t.Errorf("%s %s: got %d %s, %v; want it accepted", n.Name, form, w.Code, w.Body, report.Violations)
			}
			if got := rulesOf(report.Remarks); !slices.Equal(got, want) {
				t.Errorf("%s %s: got %v; want notes of %v", n.Name, form, report.Remarks, want)
			}
			for _, f := range report.Remarks {
				if f.Class != event.Note {
					t.Errorf("%s %s: got %s; want a note: %s", n.Name, form, f.Class, f)
				}
			}
		}
	}
}
