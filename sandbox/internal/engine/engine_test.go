package engine

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// number is how many notifications inbound-call-with-hold has.
const number = 11

func TestEverySubscriptionGetsEachEventOnce(t *testing.T) {
	h := open(t, Options{})
	all, held := consume(t, secret("a")), consume(t, secret("b"))
	h.subscribe("all", all.url, secret("a"), "*")
	h.subscribe("held", held.url, secret("b"), "channel.held.*", "*.held.v0")
	h.subscribe("none", held.url, secret("b"), "*.v1")
	run := h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("the run ends", func() bool { return h.run(run.ID).State == store.RunEnded })
	h.until("all is delivered", func() bool { return h.settled("all", number) && h.settled("held", 1) })
	all.judge(t, number)
	if r := held.Report(); r.Accepted != 1 || r.Duplicates != 0 {
		t.Errorf("of one held, %d accepted and %d duplicates", r.Accepted, r.Duplicates)
	}
	list, _, err := h.store.Notifications(t.Context(), store.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var sent []string
	for _, n := range slices.Backward(list) {
		sent = append(sent, n.ID)
	}
	if got := all.firsts(); !slices.Equal(got, sent) {
		t.Errorf("the order is\n%q, want\n%q", got, sent)
	}
	if got := h.run(run.ID); got.Position != number || got.Ended.IsZero() {
		t.Errorf("the run is at %d, ended %s", got.Position, got.Ended)
	}
	attempts, err := h.store.Attempts(t.Context(), h.deliveries(store.Filter{Subscription: "held"})[0].Number)
	if err != nil || len(attempts) != 1 || attempts[0].Status != 200 || attempts[0].Header[len(attempts[0].Header)-1][0] != "Vonage-Signature" {
		t.Errorf("attempts %+v, %v", attempts, err)
	}
}

func TestAnOutageIsMadeUpFor(t *testing.T) {
	h := open(t, Options{Speed: 1000})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "*")
	c.answer(503)
	run := h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("each was tried twice", func() bool {
		list := h.deliveries(store.Filter{Subscription: "s"})
		return len(list) == number && !slices.ContainsFunc(list, func(d store.DeliveryDetail) bool { return d.Attempts < 2 || d.Failure == "" })
	})
	c.answer(0)
	h.until("all is delivered", func() bool { return h.settled("s", number) })
	c.judge(t, number)
	if h.run(run.ID).State != store.RunEnded {
		t.Error("the run has not ended")
	}
}

func TestTheLadderEnds(t *testing.T) {
	h := open(t, Options{Speed: emitter.Max})
	c := consume(t, secret("a"))
	c.answer(500)
	h.subscribe("s", c.url, secret("a"), "channel.held.*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("it has failed", func() bool { return h.settled("s", 1) })
	if d := h.deliveries(store.Filter{})[0]; d.State != store.Failed || d.Attempts < 90 || d.Attempts > 110 || d.Status != 500 {
		t.Errorf("the delivery is %+v", d)
	}
}

func TestAKeyThatIsRotatedSignsQueuedRetries(t *testing.T) {
	h := open(t, Options{Speed: 1000})
	c := consume(t, secret("b"))
	h.subscribe("s", c.url, secret("a"), "*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("each was refused", func() bool {
		list := h.deliveries(store.Filter{Subscription: "s"})
		return len(list) == number && !slices.ContainsFunc(list, func(d store.DeliveryDetail) bool { return d.Status != 401 })
	})
	h.change("s", func(s *store.Subscription) { s.Secret = secret("b") })
	h.until("all is delivered", func() bool { return h.settled("s", number) })
	if r := c.Report(); r.Accepted != number || len(r.Violations) != 0 {
		t.Errorf("%d accepted, violations %v", r.Accepted, r.Violations)
	}
}

func TestADisabledSubscriptionWaits(t *testing.T) {
	h := open(t, Options{Speed: 1000})
	c := consume(t, secret("a"))
	c.answer(503)
	h.subscribe("s", c.url, secret("a"), "*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("each was tried", func() bool {
		list := h.deliveries(store.Filter{Subscription: "s"})
		return len(list) == number && !slices.ContainsFunc(list, func(d store.DeliveryDetail) bool { return d.Attempts == 0 })
	})
	h.change("s", func(s *store.Subscription) { s.Enabled = false })
	c.answer(0)
	other := consume(t, secret("o"))
	h.subscribe("other", other.url, secret("o"), "*")
	h.play(Play{Name: "inbound-call", Speed: emitter.Max})
	h.until("the other one has all", func() bool { return h.settled("other", 6) })
	if got := len(h.deliveries(store.Filter{Subscription: "s"})); got != number {
		t.Errorf("%d deliveries to a disabled subscription, want those %d of before", got, number)
	}
	h.change("s", func(s *store.Subscription) { s.Enabled = true })
	h.until("all is delivered", func() bool { return h.settled("s", number) })
	c.judge(t, number)
}

func TestWhatIsDeletedIsCancelled(t *testing.T) {
	h := open(t, Options{})
	c := consume(t, secret("a"))
	c.answer(503)
	h.subscribe("s", c.url, secret("a"), "*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("each was tried", func() bool {
		list := h.deliveries(store.Filter{Subscription: "s"})
		return len(list) == number && !slices.ContainsFunc(list, func(d store.DeliveryDetail) bool { return d.Attempts == 0 })
	})
	if err := h.store.DeleteSubscription(t.Context(), "s"); err != nil {
		t.Fatal(err)
	}
	h.engine.SubscriptionsChanged()
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("the second run ends", func() bool {
		runs, _ := h.store.Runs(context.Background(), true)
		return len(runs) == 0
	})
	list := h.deliveries(store.Filter{Subscription: "s"})
	if len(list) != number || slices.ContainsFunc(list, func(d store.DeliveryDetail) bool { return d.State != store.Cancelled }) {
		t.Errorf("the deliveries are %+v", list)
	}
}

// A consumer that ends kept connections when they are used again fails no attempt, and what came of both requests can be read.
func TestAStaleConnectionIsNoFailedAttempt(t *testing.T) {
	h := open(t, Options{})
	c := consume(t, secret("a"))
	var requests sync.Map // by connection
	stale := 0
	c.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, again := requests.LoadOrStore(r.RemoteAddr, true); again { // one at a time, in one conversation
			stale++
			panic(http.ErrAbortHandler)
		}
		c.serve(w, r)
	})
	h.subscribe("s", c.url, secret("a"), "*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("all is delivered", func() bool { return h.settled("s", number) })
	c.judge(t, number)
	told := 0
	for _, d := range h.deliveries(store.Filter{}) {
		attempts, err := h.store.Attempts(t.Context(), d.Number)
		if err != nil || d.Attempts != 1 || d.State != store.Delivered || attempts[len(attempts)-1].Status != 200 {
			t.Errorf("delivery %+v, attempts %+v, %v", d, attempts, err)
		}
		for _, a := range attempts[:len(attempts)-1] {
			if told++; a.Try != 1 || a.Status != 0 || !strings.HasPrefix(a.Failure, "stale-connection: the kept connection, idle for ") {
				t.Errorf("attempt %+v", a)
			}
		}
	}
	if told == 0 || told != stale {
		t.Errorf("%d stale connections told, want %d, and some", told, stale)
	}
}
