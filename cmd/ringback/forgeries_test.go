package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

// A consumer that does what docs/consumer.md says passes, whichever of the answers it chooses that are right.
func TestCorrectConsumersPassForgeries(t *testing.T) {
	for _, c := range []struct {
		name             string
		refuse, unusable int
		cold             bool // answers 503 to the first request with each token or body
		failed           string
	}{
		{"the documented answers", 401, 204, false, ""},
		{"bad request", 403, 400, false, ""},
		{"tolerated", 400, 422, false, ""},
		{"cold", 401, 200, true, ""},
		{"takes a signed body for a forgery", 401, 401, false, "malformed-json answered with 401 Unauthorized: a correct consumer would answer 204 or 400"},
		{"hides", 404, 204, false, "unsigned answered with 404 Not Found: a correct consumer would refuse with 401"},
	} {
		t.Run(c.name, func(t *testing.T) {
			secret, _ := signature.ParseSecret(signature.DevelopmentSecret)
			var mu sync.Mutex
			seen := map[string]bool{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				err := signature.Verify(secret, r.Header.Get(signature.HeaderName), body, time.Now())
				var n struct{ Data *struct{} }
				mu.Lock()
				key := string(body)
				if err != nil {
					key = "forged"
				}
				first := !seen[key]
				seen[key] = true
				mu.Unlock()
				switch {
				case c.cold && first:
					w.WriteHeader(http.StatusServiceUnavailable)
				case err != nil:
					w.WriteHeader(c.refuse)
				case json.Unmarshal(body, &n) != nil || n.Data == nil:
					w.WriteHeader(c.unusable)
				default:
					w.WriteHeader(http.StatusNoContent)
				}
			}))
			defer server.Close()
			status, out, errs := call(t, "", "run", "forgeries", "--seed", "7", "--speed", "max", "--to", server.URL)
			want := exitOK
			if c.failed != "" {
				want = exitFailed
			}
			if status != want || !strings.Contains(out, c.failed) || strings.Contains(out, "wrongly accepted") {
				t.Errorf("status %d, want %d and %q:\n%s%s", status, want, c.failed, out, errs)
			}
		})
	}
}
