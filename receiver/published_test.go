package receiver_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// The examples of the documentation, signed as they are published, are accepted. What is odd
// about them is a note: IDs of another year than time, and on the page of v1 a time that is
// not the timestamp.
func TestPublishedExamplesAreAccepted(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "event", "testdata", "published", "*.json"))
	if err != nil || len(files) != 5 {
		t.Fatalf("got %d documented examples, %v; want 5", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		asV1 := strings.NewReplacer(".v0", ".v1", "36.6134321Z", "36.613Z").Replace(string(text))
		for body, want := range map[string][]receiver.Rule{
			string(text): {receiver.IDSecond},
			asV1:         {receiver.V1TimeDiffers},
		} {
			r := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}, Now: now, Partial: true})
			w := httptest.NewRecorder()
			r.ServeHTTP(w, post([]byte(body), nil))
			report := r.Report()
			if w.Code != http.StatusOK || report.Accepted != 1 || len(report.Violations) != 0 {
				t.Errorf("%s: got %d %s, %v; want it accepted", file, w.Code, w.Body, report.Violations)
			}
			if !strings.Contains(file, "alerted") {
				want = append(want, receiver.MissingAlerted)
			}
			if got := rulesOf(report.Remarks); !slices.Equal(got, want) {
				t.Errorf("%s: got %v; want notes of %v", file, report.Remarks, want)
			}
			for _, f := range report.Remarks {
				if f.Class != event.Note {
					t.Errorf("%s: got %s; want a note: %s", file, f.Class, f)
				}
			}
		}
	}
}
