package interop

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/published"
	"github.com/ringback/ringback/signature"
)

// The examples of the documentation, signed as they are published and on one line, are accepted by
// the Express consumer, whether they are posted or replayed from a file. Some share an ID, and are
// copies to any consumer.
func TestTheExpressConsumerAcceptsThePublishedExamples(t *testing.T) {
	express := startConsumer(t)
	program := build(t)
	key, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, n := range published.Notifications(t) {
		id := fromJSON(t, n.Compact).(map[string]any)["id"].(string)
		for form, body := range n.Forms() {
			want := "accepted"
			if seen[id] {
				want = "duplicate"
			}
			seen[id] = true
			header := http.Header{signature.HeaderName: {signature.Sign(key, body, time.Now())}, "Content-Type": {"application/cloudevents+json"}}
			if v := express.post(t, header, string(body)); v.Status != http.StatusOK || v.Result != want {
				t.Errorf("%s %s: %+v, want it %s", n.Name, form, v, want)
			}
			file := filepath.Join(t.TempDir(), "example.json")
			if err := os.WriteFile(file, body, 0o600); err != nil {
				t.Fatal(err)
			}
			before := express.stats(t)
			program.output(t, "replay", file, "--to", express.url, "--secret", signature.DevelopmentSecret, "--speed", "max", "--retry-for", "0")
			if after := express.stats(t); after.Duplicates != before.Duplicates+1 || after.refusals() > 0 {
				t.Errorf("%s %s, replayed: %+v, want one duplicate more than in %+v", n.Name, form, after, before)
			}
		}
	}
}
