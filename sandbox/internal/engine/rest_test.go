package engine

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// still is an engine in virtual time, and a consumer that takes everything, in memory.
type still struct {
	t      *testing.T
	store  *store.Store
	engine *Engine
	got    atomic.Int64
}

// inVirtualTime runs a test with an engine.
func inVirtualTime(t *testing.T, o Options, test func(s *still)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))) // notification IDs have no earlier moments
		s := &still{t: t}
		l := memnet.Listen()
		server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			s.got.Add(1)
		})}
		served := make(chan error)
		go func() { served <- server.Serve(l) }()
		defer func() { server.Close(); <-served }()
		var err error
		if s.store, err = store.Open("", store.Options{}); err != nil {
			t.Fatal(err)
		}
		defer s.store.Close()
		o.dial = l.DialContext
		if s.engine, err = Open(t.Context(), s.store, o); err != nil {
			t.Fatal(err)
		}
		defer s.engine.Close()
		test(s)
	})
}

func (s *still) subscribe(id string) {
	s.t.Helper()
	err := s.store.CreateSubscription(s.t.Context(), store.Subscription{ID: id, Name: "the " + id, URL: "http://127.0.0.1/", Events: []string{"*"}, Enabled: true, Secret: secret("a")})
	if err != nil {
		s.t.Fatal(err)
	}
	s.engine.SubscriptionsChanged()
}

// play plays a story and waits until the consumer has it, so many times.
func (s *still) play(name string, notifications int) {
	s.t.Helper()
	before := s.got.Load()
	if _, err := s.engine.StartRun(s.t.Context(), Play{Name: name, Speed: emitter.Max, Options: store.Playing{Order: "none"}}); err != nil {
		s.t.Fatal(err)
	}
	for s.got.Load() < before+int64(notifications) {
		time.Sleep(10 * time.Millisecond)
	}
}

// Of a run without order the events of one instant come in any order. Its conversations once went on
// for ever where the last event was not the last one that came.
func TestConversationsOfRunsWithoutOrderEnd(t *testing.T) {
	inVirtualTime(t, Options{}, func(s *still) {
		s.subscribe("s")
		for range 50 {
			s.play("inbound-call-with-hold", number)
		}
		synctest.Wait()
		all := s.engine.Conversations(0)
		if len(all) != 50 {
			s.t.Fatalf("%d conversations, want 50", len(all))
		}
		for _, l := range all {
			for _, c := range l.Channels {
				text := c.Party
				for _, e := range c.Events {
					text += " " + strings.TrimPrefix(e.kind.String(), "channel.")
				}
				want := "customer alerted connected held retrieved disconnected ended"
				if c.AgentID != "" {
					want = "alice alerted connected disconnected wrapstarted ended"
				}
				if text != want || c.Phase != "ended" || l.Ended.IsZero() {
					s.t.Errorf("run %s: %s, %s, ended %v; want %s", l.Run, text, c.Phase, l.Ended, want)
				}
			}
		}
	})
}

// A conversation by hand ends at some time: each of its steps is kept, and stored again with the next one.
func TestAConversationByHandHasABoundOfSteps(t *testing.T) {
	inVirtualTime(t, Options{}, func(s *still) {
		live, err := s.engine.Begin(s.t.Context(), Opening{})
		if err != nil {
			s.t.Fatal(err)
		}
		steps := append([]Step{{Step: "ring", Agent: "alice"}, {Step: "answer", Party: "alice"}}, slices.Repeat([]Step{{Step: "hold"}, {Step: "retrieve"}}, 200)...)
		for i, step := range steps {
			if _, err = s.engine.Do(s.t.Context(), live.ID, step); err != nil {
				s.t.Fatalf("step %d: %v", i, err)
			}
		}
		kept := &s.engine.manual.conversations[live.ID].kept
		kept.Actions = slices.Concat(slices.Repeat(kept.Actions[:1], mostSteps-len(kept.Actions)), kept.Actions) // as if there were more
		_, err = s.engine.Do(s.t.Context(), live.ID, Step{Step: "hold"})
		forbidden, is := errors.AsType[*NotAllowed](err)
		if !is || !strings.Contains(forbidden.Why, "2000 steps, the maximum") {
			s.t.Fatalf("one step too many gives %v", err)
		}
		if live, err = s.engine.Do(s.t.Context(), live.ID, Step{Step: "hangup", Party: "alice"}); err != nil {
			s.t.Fatalf("it cannot end: %v", err)
		}
		for _, c := range live.Channels {
			if len(c.Events) > mostEvents || len(c.Stays) > mostEvents {
				s.t.Errorf("%s has %d events and %d stays, want %d at most", c.Party, len(c.Events), len(c.Stays), mostEvents)
			}
		}
	})
}
