package engine

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// All subscriptions together have no more connections than they may, everything is delivered, and
// somebody is told why that takes longer.
func TestConnectionsOfAllSubscriptionsAreBounded(t *testing.T) {
	var mu sync.Mutex
	var told []string
	h := open(t, Options{AllConnections: 3, Tell: func(text string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, text)
	}})
	c := consume(t, secret("a"))
	const subscriptions = 12
	for i := range subscriptions {
		h.subscribe(fmt.Sprint("s", i), c.url, secret("a"), "*")
	}
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("all is delivered", func() bool {
		if now := h.engine.Connections(); now.Open > 3 || now.Most != 3 {
			t.Fatalf("the connections are %+v, want 3 at most", now)
		}
		return len(h.deliveries(store.Filter{State: store.Delivered})) == subscriptions*number
	})
	now := h.engine.Connections()
	mu.Lock()
	defer mu.Unlock()
	if now.Waited == 0 || len(told) != 1 || !strings.Contains(told[0], "all 3 connections") || !strings.Contains(told[0], "raise that limit (ulimit -n)") {
		t.Errorf("%d waited, told %q", now.Waited, told)
	}
}
