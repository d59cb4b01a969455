package engine

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/assume"
)

// A channel that was rejected ends by itself, after a restart, too, and its agent is busy until then.
func TestARejectedChannelEndsByItself(t *testing.T) {
	for _, restart := range []bool{false, true} {
		var set assume.Set
		if err := set.Change("unexpected-time", "200ms"); err != nil {
			t.Fatal(err)
		}
		h := open(t, Options{Assume: set})
		c := consume(t, secret("a"))
		h.subscribe("s", c.url, secret("a"), "*")
		call, err := h.engine.Begin(t.Context(), Opening{Medium: "call"})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []Step{{Step: "ring", Agent: "alice"}, {Step: "reject"}, {Step: "hangup"}} {
			if call, err = h.engine.Do(t.Context(), call.ID, s); err != nil {
				t.Fatal(err)
			}
		}
		if phase := call.Channels[1].Phase; phase != "unexpected" || !h.engine.Agents()[0].Busy {
			t.Errorf("behind the reject the channel is %s; want unexpected, and its agent busy", phase)
		}
		if restart {
			h.until("what happened is delivered", func() bool { return h.settled("s", 6) || h.settled("s", 7) })
			h.close()
			h.open()
		}
		h.until("it ends", func() bool { return !h.engine.Agents()[0].Busy })
		h.until("all is delivered", func() bool { return h.settled("s", 7) })
		c.judge(t, 7)
	}
}

// What falls due while the sandbox is away goes out to all who subscribe, as soon as it starts. In virtual time nothing else happens
// before all of the start has.
func TestWhatFellDueMeanwhileGoesToAll(t *testing.T) {
	t.Parallel()
	const subscriptions, rounds, lapse = 30, 6, 50 * time.Millisecond
	var set assume.Set
	if err := set.Change("unexpected-time", lapse.String()); err != nil {
		t.Fatal(err)
	}
	h := open(t, Options{Assume: set, dial: func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }})
	for i := range subscriptions {
		h.subscribe(fmt.Sprintf("s%d", i), "http://127.0.0.1:9/", secret("a"), "*")
	}
	for round := range rounds {
		call, err := h.engine.Begin(t.Context(), Opening{Medium: "call"})
		for _, step := range []Step{{Step: "ring", Agent: "alice"}, {Step: "reject"}} {
			if err == nil {
				call, err = h.engine.Do(t.Context(), call.ID, step)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		rejected := time.Now()
		h.close()
		time.Sleep(time.Until(rejected.Add(lapse)))
		h.open()
		h.until("it has ended", func() bool { return !h.engine.Agents()[0].Busy })
		notifications, deliveries := h.store.Counts()
		if waiting := deliveries[store.Waiting]; waiting != notifications*subscriptions {
			t.Fatalf("round %d: %d notifications make %d deliveries; want %d of each", round, notifications, waiting, subscriptions)
		}
	}
}
