package engine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/assume"
)

// scripted answers the attempts of each notification in turn, and the last answer from then on.
type scripted struct {
	answers []emitter.Answer
	slow    time.Duration // until each answer

	mu       sync.Mutex
	sent     map[string][]sentOnce // by the body's event ID, copies with faults apart
	ids      []string              // in the order of their first attempts
	together Together              // when all has ended
}

type sentOnce struct {
	at     time.Time
	signed bool
	fault  emitter.BodyFault
}

func (s *scripted) Send(_ context.Context, r *emitter.Request) emitter.Answer {
	defer time.Sleep(s.slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	body := string(r.Body)
	if s.sent[body] == nil {
		s.ids = append(s.ids, body)
	}
	s.sent[body] = append(s.sent[body], sentOnce{time.Now(), len(r.Signature) > 0, r.BodyFault})
	if r.BodyFault == emitter.CutOff {
		return emitter.Answer{Failure: emitter.Failure{Class: emitter.ClassCut, Text: "cut on purpose"}}
	}
	return s.answers[min(len(s.sent[body]), len(s.answers))-1]
}

// shown is what was sent, with the waits between attempts. The store takes 5 ms to keep an attempt.
func (s *scripted) shown() string {
	var b strings.Builder
	for i, id := range s.ids {
		fmt.Fprintf(&b, "notification %d:", i)
		for k, x := range s.sent[id] {
			wait := time.Duration(0)
			if k > 0 {
				wait = x.at.Sub(s.sent[id][k-1].at)
			}
			fmt.Fprintf(&b, " %s", wait.Round(20*time.Millisecond))
			if !x.signed {
				b.WriteString(" unsigned")
			}
			if x.fault != emitter.NoBodyFault {
				fmt.Fprintf(&b, " body fault %d", x.fault)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// ends are how often deliveries came to an end, as the store says it.
type ends map[store.DeliveryState]int

// The same answers have the same outcomes, and the same next moments, in run and in serve.
func TestRunAndServeSendAlike(t *testing.T) {
	if testing.Short() {
		t.Skip("with the race detector it takes two minutes; TestARunMayBeWatchedWhileItEnds and others look for races")
	}
	status := func(codes ...int) (all []emitter.Answer) {
		for _, code := range codes {
			all = append(all, emitter.Answer{Status: code})
		}
		return all
	}
	wait := func(d time.Duration, then ...emitter.Answer) []emitter.Answer {
		return append([]emitter.Answer{{Status: http.StatusTooManyRequests, RetryAfter: d}}, then...)
	}
	success := emitter.Answer{Status: 200}
	nobody := emitter.Answer{Failure: emitter.Failure{Class: emitter.ClassRefused, Text: "connection refused"}}
	one := "channel.held.*"
	for _, tt := range []struct {
		name    string
		answers []emitter.Answer
		speed   float64
		assume  string
		faults  string
		events  string
		slow    time.Duration // until each answer, over one connection
		calls   uint64        // 0: one
		waits   int           // attempts of the first notification; 0: not looked at
		ends    ends
	}{
		{name: "success", answers: status(200), waits: 1, ends: ends{store.Delivered: 1}},
		{name: "205", answers: status(205), waits: 1, ends: ends{store.Delivered: 1}},
		{name: "206 is none", answers: status(206, 200), waits: 2, ends: ends{store.Delivered: 1}},
		{name: "206 among 2xx", answers: status(206), assume: "success=2xx", waits: 1, ends: ends{store.Delivered: 1}},
		{name: "an outage", answers: status(500, 503, 404, 200), waits: 4, ends: ends{store.Delivered: 1}},
		{name: "nobody there", answers: []emitter.Answer{nobody, nobody, success}, waits: 3, ends: ends{store.Delivered: 1}},
		{name: "a redirect", answers: []emitter.Answer{{Status: 302, Location: "http://127.0.0.1/"}, success}, waits: 2, ends: ends{store.Delivered: 1}},
		{name: "the whole ladder", answers: status(500), waits: 103, ends: ends{store.Failed: 1}},
		{name: "the ladder at speed 60", answers: status(500), speed: 60, waits: 103, ends: ends{store.Failed: 1}},
		{name: "the ladder at speed max", answers: status(500), speed: emitter.Max, waits: 103, ends: ends{store.Failed: 1}},
		{name: "Retry-After is ignored", answers: wait(time.Minute, success), waits: 2, ends: ends{store.Delivered: 1}},
		{name: "Retry-After is obeyed", answers: wait(time.Minute, success), assume: "retry-after=obey", waits: 2, ends: ends{store.Delivered: 1}},
		{name: "Retry-After shortens nothing", answers: wait(time.Second, success), assume: "retry-after=obey", waits: 2, ends: ends{store.Delivered: 1}},
		{name: "Retry-After beyond a day", answers: wait(25 * time.Hour), assume: "retry-after=obey", waits: 1, ends: ends{store.Failed: 1}},
		{name: "Retry-After at speed max", answers: wait(time.Hour), speed: emitter.Max, assume: "retry-after=obey", waits: 25, ends: ends{store.Failed: 1}},
		{name: "late-retry", answers: status(200), faults: "late-retry 100%", waits: 1, ends: ends{store.Delivered: 1}},
		{name: "late-retry fails", answers: status(500, 500, 200), faults: "late-retry 100%", waits: 3, ends: ends{store.Delivered: 1}},
		{name: "late-retry at speed max", answers: status(500), faults: "late-retry 100%", speed: emitter.Max, ends: ends{store.Failed: 1}},
		{name: "reset", answers: status(200), faults: "reset 100%", waits: 2, ends: ends{store.Delivered: 1}},
		{name: "slow-body", answers: status(500, 200), faults: "slow-body 100%", waits: 2, ends: ends{store.Delivered: 1}},
		{name: "a forgery refused", answers: status(401), faults: "unsigned 100%", ends: ends{store.CorrectlyRefused: 1, store.Failed: 1}},
		{name: "a forgery accepted", answers: status(200), faults: "wrong-key 100%", ends: ends{store.Delivered: 1, store.WronglyAccepted: 1}},
		{name: "a forgery mishandled", answers: status(500), faults: "tampered-body 100%", ends: ends{store.Failed: 2}},
		{name: "a forgery put off", answers: status(503, 401), faults: "tampered-body 100%", ends: ends{store.CorrectlyRefused: 1, store.Failed: 1}},
		{name: "no JSON", answers: status(400), faults: "malformed-json 100%", ends: ends{store.CorrectlyRefused: 1, store.Failed: 1}},
		{name: "failures hold up nothing", answers: status(500, 200), events: "*", waits: 2, ends: ends{store.Delivered: number}},
		{name: "a slow consumer", answers: status(500, 200), events: "*", speed: 60, slow: time.Second, calls: 5, waits: 2, ends: ends{store.Delivered: 5 * number}},
		{name: "order at speed max", answers: status(200), events: "*", speed: emitter.Max, waits: 1, ends: ends{store.Delivered: number}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.events == "" {
				tt.events = one
			}
			if tt.speed == 0 {
				tt.speed = 1
			}
			var set assume.Set
			if name, value, chosen := strings.Cut(tt.assume, "="); chosen {
				if err := set.Change(name, value); err != nil {
					t.Fatal(err)
				}
			}
			playing := store.Playing{Count: tt.calls}
			if tt.faults != "" {
				playing.Faults = []string{tt.faults + " of " + one}
			}
			connections := 8
			if tt.slow > 0 {
				connections = 1
			}
			serve := &scripted{answers: tt.answers, slow: tt.slow, sent: map[string][]sentOnce{}}
			run := &scripted{answers: tt.answers, slow: tt.slow, sent: map[string][]sentOnce{}}
			var planned *plan.Plan
			var served ends
			synctest.Test(t, func(t *testing.T) {
				planned, served = serveOnce(t, serve, tt.events, Play{Name: "inbound-call-with-hold", Speed: tt.speed, Start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Options: playing},
					Options{Speed: tt.speed, Assume: set, Connections: connections, sender: serve})
			})
			var ran ends
			synctest.Test(t, func(t *testing.T) {
				e := emitter.Emitter{Speed: tt.speed, Connections: connections, Targets: []emitter.Target{{Name: "t", Sender: run, Types: []string{tt.events}, Secret: secret("s"), NextSecret: secret("n")}}}
				settings.ApplySending(&e, set)
				ran = runOnce(t, &e, planned)
			})
			if got, want := serve.shown(), run.shown(); got != want {
				t.Errorf("serve sends\n%s, run\n%s", got, want)
			}
			if fmt.Sprint(served) != fmt.Sprint(tt.ends) || fmt.Sprint(ran) != fmt.Sprint(tt.ends) {
				t.Errorf("serve ends with %v, run with %v, want %v", served, ran, tt.ends)
			}
			if n := len(run.sent[run.ids[0]]); tt.waits > 0 && n != tt.waits {
				t.Errorf("%d attempts, want %d", n, tt.waits)
			}
			if !slices.Equal(run.ids, serve.ids) {
				t.Errorf("the order of first attempts differs")
			}
		})
	}
}

// serveOnce plays to one subscription until nothing waits any more.
func serveOnce(t *testing.T, sender *scripted, events string, p Play, o Options) (*plan.Plan, ends) {
	s, err := store.Open("", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	if err := s.CreateSubscription(t.Context(), store.Subscription{ID: "s", Name: "the s", URL: "http://127.0.0.1:9/", Events: []string{events},
		Enabled: true, Secret: secret("s"), Created: now, Changed: now}); err != nil {
		t.Fatal(err)
	}
	e, err := Open(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	seed := uint64(7)
	p.Seed = &seed
	started, err := e.StartRun(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	planned, err := e.build(t.Context(), "story.yaml", &started, nil)
	if err != nil {
		t.Fatal(err)
	}
	for {
		time.Sleep(time.Minute)
		list, _, err := s.Deliveries(t.Context(), store.Filter{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		going, err := s.Runs(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		all := ends{}
		for _, d := range list {
			all[d.State]++
		}
		if len(going) == 0 && all[store.Waiting] == 0 {
			sender.together = e.Together()
			return planned, all
		}
	}
}

// runOnce plays a plan, and counts as the store does.
func runOnce(t *testing.T, e *emitter.Emitter, p *plan.Plan) ends {
	all := ends{}
	e.On = func(a *emitter.Attempt) error {
		switch a.Outcome {
		case emitter.Accepted:
			all[store.Delivered]++
		case emitter.WronglyAccepted:
			all[store.WronglyAccepted]++
		case emitter.Refused:
			all[store.CorrectlyRefused]++
		case emitter.GivenUp:
			all[store.Failed]++
		}
		return nil
	}
	if _, err := e.Run(t.Context(), time.Now(), p.Notifications()); err != nil {
		t.Fatal(err)
	}
	return all
}
