package engine

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// With a consumer that takes a minute to answer, what waits for it shows in the moments of sending.
func TestNothingWaitsWhereThereIsNoOrder(t *testing.T) {
	for _, tt := range []struct {
		name      string
		order     string // of the run
		unordered bool   // the sandbox
		waits     bool   // for the answer to the one before
		bursts    bool
	}{
		{"in a conversation", "", false, true, false},
		{"a run without order", "none", false, false, true},
		{"a sandbox without order", "", true, false, true},
		{"a run with order in a sandbox without", "conversation", true, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &scripted{answers: []emitter.Answer{{Status: 200}}, slow: 9 * time.Second, sent: map[string][]sentOnce{}}
			synctest.Test(t, func(t *testing.T) {
				planned, ended := serveOnce(t, s, "*", Play{Name: "inbound-call-with-hold", Speed: 1, Start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Options: store.Playing{Order: tt.order}},
					Options{Unordered: tt.unordered, sender: s})
				if fmt.Sprint(ended) != fmt.Sprint(ends{store.Delivered: number}) {
					t.Errorf("it ends with %v", ended)
				}
				var due []time.Duration
				bursts := false
				for n := range planned.Notifications() {
					due = append(due, n.Due)
					bursts = bursts || n.Together > 1
				}
				if bursts != tt.bursts {
					t.Errorf("the plan has bursts: %t", bursts)
				}
				waits := false
				first := s.sent[s.ids[0]][0].at
				for i, id := range s.ids {
					late := s.sent[id][0].at.Sub(first) - (due[i] - due[0])
					waits = waits || late > time.Second
				}
				if got := s.together; (got.MostOfConversation == 1) != tt.waits || got.MostOfChannel < 1 || got.MostOfChannel > got.MostOfConversation {
					t.Errorf("in flight together: %+v; something waits for an answer: %t", got, tt.waits)
				}
				if waits != tt.waits {
					t.Errorf("something waits for an answer: %t", waits)
				}
			})
		})
	}
}

// A run keeps the order with which it was begun, whatever the sandbox has after a restart.
func TestARunKeepsItsOrder(t *testing.T) {
	h := open(t, Options{Unordered: true})
	run := h.play(Play{Name: "inbound-call"})
	if run.Options.Order != "none" {
		t.Errorf("its options are %+v", run.Options)
	}
	h.close()
	h.options.Unordered = false
	h.open()
	if !h.engine.unordered(run.ID) || h.engine.unordered("") {
		t.Error("after a restart it has an order, or everything else has none")
	}
}
