package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

// moody answers each attempt with a status that tests change; 0: as a correct consumer does.
type moody struct {
	mu     sync.Mutex
	status int
}

func (m *moody) Send(_ context.Context, r *emitter.Request) emitter.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case r.BodyFault == emitter.CutOff:
		return emitter.Answer{Failure: emitter.Failure{Class: emitter.ClassCut, Text: "cut on purpose"}}
	case m.status == 0 && len(r.Signature) == 0: // the only forgery that a test injects
		return emitter.Answer{Status: 401}
	case m.status == 0:
		return emitter.Answer{Status: 200}
	}
	return emitter.Answer{Status: m.status}
}

// ailing is an engine in virtual time whose consumers are moody.
type ailing struct {
	*still
	moody
	said  []string
	heard []Failing
	away  bool
}

// told is what the terminal and listeners were told.
func (a *ailing) told() (said []string, heard []Failing) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.said), slices.Clone(a.heard)
}

func inAilingTime(t *testing.T, test func(a *ailing)) {
	a := &ailing{}
	inVirtualTime(t, Options{sender: a, Tell: func(text string) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.said = append(a.said, text)
	}}, func(s *still) {
		a.still = s
		messages := s.engine.Listen(s.t.Context())
		go func() {
			for m := range messages {
				if f, is := m.Data.(Failing); is && m.Kind == "failing" {
					a.mu.Lock()
					a.heard = append(a.heard, f)
					a.mu.Unlock()
				}
			}
		}()
		test(a)
	})
}

// happen makes one event, to which the consumers respond with a status.
func (a *ailing) happen(status int) {
	a.t.Helper()
	a.mu.Lock()
	a.status = status
	a.mu.Unlock()
	presence := "away"
	if a.away = !a.away; !a.away {
		presence = "ready"
	}
	if _, err := a.engine.SetPresence(a.t.Context(), "alice", presence); err != nil {
		a.t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	synctest.Wait()
}

func (a *ailing) subscribeAgents(ids ...string) {
	a.t.Helper()
	for _, id := range ids {
		a.subscribe(id)
		_, err := a.store.ChangeSubscription(a.t.Context(), id, func(s *store.Subscription) error { s.Events = []string{"agent.*.v0"}; return nil })
		if err != nil {
			a.t.Fatal(err)
		}
	}
	a.engine.SubscriptionsChanged()
}

// shown is what fails, in a line.
func (f Failing) shown() string {
	text := fmt.Sprintf("%d retrying, %d down", f.Retrying, f.Down)
	for _, s := range f.Subscriptions {
		text += fmt.Sprintf("; %s %d %v %d %s", s.ID, s.Retrying, s.Down, s.Attempts, s.Last)
	}
	return text
}

func (a *ailing) want(what, want string) {
	a.t.Helper()
	synctest.Wait()
	if got := a.engine.Failing().shown(); got != want {
		a.t.Errorf("%s: %s\nwant %s", what, got, want)
	}
	if _, heard := a.told(); len(heard) > 0 && heard[len(heard)-1].shown() != want {
		a.t.Errorf("%s: listeners know %s", what, heard[len(heard)-1].shown())
	}
}

// A subscription is down when its attempts have failed for a minute and none was accepted; the first failure is since when.
func TestASubscriptionThatFailsForAMinuteIsDown(t *testing.T) {
	inAilingTime(t, func(a *ailing) {
		a.subscribeAgents("s")
		a.happen(200)
		a.want("all is well", "0 retrying, 0 down")
		if _, heard := a.told(); heard != nil {
			a.t.Errorf("listeners hear of what does not fail: %v", heard)
		}
		since := time.Now()
		a.happen(503)
		a.want("after the first failure", "1 retrying, 0 down; s 1 false 1 503")
		a.happen(503)
		time.Sleep(45 * time.Second)
		said, _ := a.told()
		if f := a.engine.Failing(); f.Retrying != 2 || f.Down != 0 || said != nil {
			a.t.Errorf("after 49 s: %s, told %q", f.shown(), said)
		}
		time.Sleep(13 * time.Second)
		synctest.Wait()
		f := a.engine.Failing()
		if f.Down != 1 || len(f.Subscriptions) != 1 || f.Subscriptions[0].Since.Sub(since).Round(100*time.Millisecond) != 0 {
			a.t.Fatalf("after a minute: %s, want it down since %v", f.shown(), since)
		}
		want := fmt.Sprintf("warning: subscription the s is down since %s: %d attempts in a row failed, the last one: 503", f.Subscriptions[0].Since.Local().Format(time.TimeOnly), f.Subscriptions[0].Attempts)
		if said, _ = a.told(); len(said) != 1 || said[0] != want {
			a.t.Errorf("told %q, want %q", said, want)
		}
		a.happen(0)
		time.Sleep(time.Hour)
		synctest.Wait()
		a.want("when all was accepted", "0 retrying, 0 down")
		if said, _ = a.told(); len(said) != 2 || !strings.HasPrefix(said[1], "subscription the s is up again, after 1m") {
			a.t.Errorf("told %q", said)
		}
	})
}

// What a consumer is right to refuse, and what never came to it, is no failure, and neither is what is not sent.
func TestWhatIsNoFailureOfAConsumer(t *testing.T) {
	inAilingTime(t, func(a *ailing) {
		a.subscribeAgents("s")
		for _, kind := range []fault.Kind{fault.Unsigned, fault.Drop, fault.Reset, fault.LateRetry, fault.Delay} {
			if err := a.engine.InjectFault(InjectedFault{Kind: kind.String(), Count: 1}); err != nil {
				a.t.Fatal(err)
			}
			a.happen(0)
			synctest.Wait()
			if got := a.engine.Failing(); got.Retrying != 0 || len(got.Subscriptions) != 0 {
				a.t.Errorf("%s: %s", kind, got.shown())
			}
			if _, heard := a.told(); heard != nil {
				a.t.Errorf("%s: listeners hear %v", kind, heard)
			}
			time.Sleep(time.Hour)
		}
		_, counts := a.store.Counts()
		if counts[store.Dropped] != 1 || counts[store.Waiting] != 0 {
			a.t.Fatalf("the faults were not injected: %v", counts)
		}
		a.happen(503)
		time.Sleep(25 * time.Hour) // all its attempts
		synctest.Wait()
		if f := a.engine.Failing(); f.Retrying != 0 || f.Down != 1 || f.Subscriptions[0].Attempts < 20 {
			a.t.Errorf("when it has failed for good: %s", f.shown())
		}
		a.happen(503)
		a.change("s", false)
		a.want("disabled", "0 retrying, 0 down")
		a.mu.Lock()
		a.status = 0
		a.mu.Unlock()
		a.change("s", true)
		time.Sleep(time.Minute)
		a.want("enabled again", "0 retrying, 0 down")
		a.happen(503)
		if err := a.store.DeleteSubscription(a.t.Context(), "s"); err != nil {
			a.t.Fatal(err)
		}
		a.engine.SubscriptionsChanged()
		time.Sleep(2 * time.Second)
		a.want("deleted", "0 retrying, 0 down")
	})
}

func (a *ailing) change(id string, enabled bool) {
	a.t.Helper()
	if _, err := a.store.ChangeSubscription(a.t.Context(), id, func(s *store.Subscription) error { s.Enabled = enabled; return nil }); err != nil {
		a.t.Fatal(err)
	}
	a.engine.SubscriptionsChanged()
	time.Sleep(2 * time.Second)
	synctest.Wait()
}

// What is retried is known after a restart; since when nothing is accepted begins anew. A reset forgets all of it.
func TestWhatIsRetriedOutlivesARestart(t *testing.T) {
	inAilingTime(t, func(a *ailing) {
		a.subscribeAgents("s", "t")
		a.happen(503)
		a.happen(503)
		if err := a.engine.Close(); err != nil {
			a.t.Fatal(err)
		}
		again, err := Open(a.t.Context(), a.store, a.engine.options)
		if err != nil {
			a.t.Fatal(err)
		}
		a.mu.Lock()
		a.engine, a.heard = again, nil
		a.mu.Unlock()
		a.want("after the restart", "4 retrying, 0 down; s 2 false 0 ; t 2 false 0 ")
		time.Sleep(time.Hour)
		if f := a.engine.Failing(); f.Down != 2 || f.Retrying != 4 {
			a.t.Errorf("an hour later: %s", f.shown())
		}
		if err := a.engine.Reset(a.t.Context()); err != nil {
			a.t.Fatal(err)
		}
		a.want("after a reset", "0 retrying, 0 down")
		if err := again.Close(); err != nil {
			a.t.Fatal(err)
		}
	})
}

// However many go down at once, a terminal gets twenty lines, and a list has a hundred.
func TestManySubscriptionsThatFailAreSummedUp(t *testing.T) {
	inAilingTime(t, func(a *ailing) {
		ids := make([]string, 130)
		for i := range ids {
			ids[i] = fmt.Sprintf("s%03d", i)
		}
		a.subscribeAgents(ids...)
		a.happen(503)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if f := a.engine.Failing(); f.Down != 130 || f.Retrying != 130 || len(f.Subscriptions) != mostFailing {
			a.t.Errorf("%d down, %d listed", f.Down, len(f.Subscriptions))
		}
		said, heard := a.told()
		if last := said[len(said)-1]; len(said) != mostDownTold+1 || last != "warning: so are 110 subscriptions more" {
			a.t.Errorf("%d sentences, the last one %q", len(said), last)
		}
		if most := slices.MaxFunc(heard, func(a, b Failing) int { return len(a.Subscriptions) - len(b.Subscriptions) }); len(most.Subscriptions) != mostFailing {
			a.t.Errorf("listeners get %d", len(most.Subscriptions))
		}
	})
}
