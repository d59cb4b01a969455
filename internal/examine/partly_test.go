package examine_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/rulebook"
)

// Who verifies nearly everything is told what not.
func TestWhatAloneIsNotVerified(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		skips func(r *http.Request, typ string, known bool) bool // known: the notification was accepted before
		rule  rulebook.ID                                        // that is broken; "": none
		want  string
	}{
		{"nothing", func(*http.Request, string, bool) bool { return false }, "", ""},
		{"duplicates", func(_ *http.Request, _ string, known bool) bool { return known }, rulebook.RefuseWithoutStoring, "it accepts forgeries of what it knows"},
		{"presence", func(_ *http.Request, typ string, _ bool) bool {
			return strings.HasPrefix(typ, "agent.presencechanged.")
		}, rulebook.VerifySignature, "the signature of presence changes"},
		{"unknown types", func(_ *http.Request, typ string, _ bool) bool {
			_, err := event.ParseType(typ)
			return typ != "" && err != nil
		}, rulebook.VerifySignature, "the signature of types that it does not know"},
		{"v1", func(_ *http.Request, typ string, _ bool) bool { return strings.HasSuffix(typ, ".v1") }, rulebook.VerifySignature, "the signature of version v1"},
		{"a charset", func(r *http.Request, _ string, _ bool) bool {
			return strings.Contains(r.Header.Get("Content-Type"), "charset")
		}, rulebook.VerifySignature, "the signature of what has parameters in its Content-Type"},
		{"chunks", func(r *http.Request, _ string, _ bool) bool { return len(r.TransferEncoding) > 0 }, rulebook.VerifySignature, "the signature of what comes in chunks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var secret []byte
				var mu sync.Mutex
				accepted := map[string]bool{}
				x := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, err := io.ReadAll(r.Body)
					var n struct{ Type, Source, ID string }
					_ = json.Unmarshal(body, &n) // of what is none, nothing is known
					mu.Lock()
					defer mu.Unlock()
					key := n.Source + "\n" + n.ID
					r.Body = io.NopCloser(bytes.NewReader(body))
					if err != nil || !c.skips(r, n.Type, accepted[key]) && !(verifier{}).accepts(r, secret) {
						w.WriteHeader(http.StatusUnauthorized)
						return
					}
					accepted[key] = true
					w.WriteHeader(http.StatusNoContent)
				}))
				secret, x.State = x.Sending.Target.Secret, nil
				x.Sending.Timeout, x.Budget = 3*time.Second, time.Minute
				x.Only = []string{string(rulebook.VerifySignature), string(rulebook.RequireToken), string(rulebook.CompareHash), string(rulebook.RefuseWithoutStoring)}
				report, err := x.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if c.rule == "" {
					if len(report.Findings) > 0 {
						t.Errorf("a correct consumer is accused: %+v", report.Findings)
					}
					return
				}
				if len(report.Findings) != 1 || report.Findings[0].Rule.ID != c.rule || !strings.Contains(report.Findings[0].Text, c.want) {
					t.Errorf("%d findings, %+v; want %s alone, with %q", len(report.Findings), report.Findings, c.rule, c.want)
				}
			})
		})
	}
}
