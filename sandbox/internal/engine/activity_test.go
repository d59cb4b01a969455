package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// It tells how many conversations are live, and which agents take part in those of runs.
func TestTheActivityIsCounted(t *testing.T) {
	h := open(t, Options{})
	heard := h.engine.Listen(t.Context())
	h.play(Play{Name: "inbound-call-with-hold", Speed: 50})
	h.until("alice takes part", func() bool { f := h.engine.Activity(); return f.Live == 1 && f.Agents["alice"] == 1 })
	if _, err := h.engine.Begin(t.Context(), Opening{Medium: "call", From: "customer"}); err != nil {
		t.Fatal(err)
	}
	if live := h.engine.Activity().Live; live != 2 {
		t.Errorf("%d live conversations, want one of the run and one by hand", live)
	}
	h.until("the run's conversation is over", func() bool { f := h.engine.Activity(); return f.Live == 1 && len(f.Agents) == 0 })
	h.until("listeners are told", func() bool {
		for {
			select {
			case m := <-heard:
				if f, is := m.Data.(Activity); is && m.Kind == "activity" && f.Live == 1 && len(f.Agents) == 0 {
					return true
				}
			default:
				return false
			}
		}
	})
}

// More conversations than a list holds are counted all the same.
func TestManyConversationsAreCounted(t *testing.T) {
	h := open(t, Options{})
	in := &entry{run: &run{id: "run"}, at: time.Now()}
	for i := range mostLive + 100 {
		h.engine.observed.conversation(fmt.Sprint(i), in)
		if want := min(i+1, mostLive); i%1000 == 0 || i >= mostLive {
			if live := h.engine.Activity().Live; live != want {
				t.Fatalf("%d live conversations, want %d", live, want)
			}
		}
	}
}

// Listeners know how many subscriptions get a notification, and which two are the same event.
func TestWhoGetsANotificationIsTold(t *testing.T) {
	h := open(t, Options{})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "channel.held.v0")
	heard := h.engine.Listen(t.Context())
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max, Options: store.Playing{Versions: "both"}})
	h.until("the conversation is over", func() bool { f := h.engine.Conversations(0); return len(f) == 1 && !f[0].Ended.IsZero() })
	ids := map[string]string{}
	h.until("all is told", func() bool {
		for {
			select {
			case m := <-heard:
				if n, is := m.Data.(Announced); is {
					if ids[n.ID] = n.Type; n.Deliveries != map[string]int{"channel.held.v0": 1}[n.Type] {
						t.Errorf("%s: %d deliveries", n.Type, n.Deliveries)
					}
				}
			default:
				return len(ids) == 2*number
			}
		}
	})
	for _, channel := range h.engine.Conversations(0)[0].Channels {
		for _, e := range channel.Events {
			one, other := ids[e.ID], ids[e.Also]
			if e.ID == e.Also || one == other || strings.TrimSuffix(one, ".v0") != strings.TrimSuffix(other, ".v1") {
				t.Errorf("%s is the same event as %q", one, other)
			}
		}
	}
}
