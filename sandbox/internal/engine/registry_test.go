package engine

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// Listeners get each change of a subscription once, whoever made it, and never the secret.
func TestChangesOfSubscriptionsAreAnnounced(t *testing.T) {
	h := open(t, Options{})
	messages := h.engine.Listen(t.Context())
	const id = "2oTzcHsQQWRVfSvQ00000000001"
	h.subscribe(id, "http://127.0.0.1:9/", secret("s"), "*")
	h.change(id, func(s *store.Subscription) { s.Enabled = false })
	h.engine.SubscriptionsChanged() // nothing has
	if err := h.store.DeleteSubscription(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	h.engine.SubscriptionsChanged()
	h.engine.Broadcast("end", nil)
	var got []string
	for {
		select {
		case m := <-messages:
			if m.Kind == "end" {
				want := []string{`"enabled":true`, `"enabled":false`, `"deleted":true`}
				if len(got) != len(want) {
					t.Fatalf("got %q, want three messages", got)
				}
				for i := range want {
					if !strings.Contains(got[i], want[i]) || !strings.Contains(got[i], id) || strings.Contains(got[i], secret("s").Base64()) {
						t.Errorf("message %d is %s, want %s of %s and no secret", i, got[i], want[i], id)
					}
				}
				return
			}
			text, err := json.Marshal(m.Data)
			if err != nil || m.Kind != "subscription" {
				t.Fatalf("kind %s, error %v", m.Kind, err)
			}
			got = append(got, string(text))
		case <-time.After(patience):
			t.Fatalf("in vain; got %q", got)
		}
	}
}
