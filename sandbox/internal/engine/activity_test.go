package engine

import (
	"fmt"
	"testing"
	"time"
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
