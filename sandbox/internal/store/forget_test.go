package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// old is a notification whose body has some length.
func old(at time.Time, length int, to ...string) store.Accepted {
	a := accepted(0, to...)
	a.Accepted, a.Body = at, make([]byte, length)
	return a
}

func done(deliveries ...store.Delivery) ([]store.Attempt, []store.Delivery) {
	var attempts []store.Attempt
	for i := range deliveries {
		deliveries[i].State = store.Delivered
		attempts = append(attempts, store.Attempt{Delivery: deliveries[i].Number, Try: 1})
	}
	return attempts, deliveries
}

func TestForgetKeepsWhatIsNewOrWaits(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		subscribe(t, s, "a", "b")
		day := 24 * time.Hour
		deliveries := accept(t, s, old(noon(), 9, "a", "b"), old(noon(), 9, "a", "b"), old(noon(), 9), old(noon().Add(8*day), 9, "a"))
		attempts, all := done(deliveries[0], deliveries[1], deliveries[2], deliveries[4])
		must(t, s.Record(ctx, attempts, all))
		must(t, s.SaveRun(ctx, store.Run{ID: "over", State: store.RunEnded, Ended: noon()}))
		must(t, s.SaveRun(ctx, store.Run{ID: "goes on", State: store.RunGoing}))
		_, err := s.Accept(ctx, nil, store.Changes{Conversations: []store.Conversation{{ID: "over", Ended: noon()}, {ID: "goes on"}}})
		must(t, err)
		must(t, s.Forget(ctx, noon().Add(8*day)))
		s = again()
		list, _, err := s.Notifications(ctx, store.Filter{})
		must(t, err)
		same(t, "how many are left", len(list), 2)
		same(t, "what is left", []int64{list[0].Number, list[1].Number}, []int64{4, 2})
		gone, err := s.Attempts(ctx, 1)
		must(t, err)
		same(t, "attempts that are forgotten", len(gone), 0)
		wantCounts(t, s, 2, map[store.DeliveryState]int64{store.Waiting: 1, store.Delivered: 2})
		runs, err := s.Runs(ctx, false)
		must(t, err)
		talks, err := s.Conversations(ctx, false)
		must(t, err)
		if len(runs) != 1 || runs[0].ID != "goes on" || len(talks) != 1 || talks[0].ID != "goes on" {
			t.Errorf("left: runs %+v, conversations %+v", runs, talks)
		}
		// What was on its way while it was forgotten is not there again.
		must(t, s.Record(ctx, attempts[:1], all[:1]))
		whole(t, s)
		if next := accept(t, s, old(noon(), 9, "a")); next[0].Number != 6 || next[0].Notification != 5 {
			t.Errorf("the next delivery is %+v", next[0])
		}
	})
}

func TestForgetMakesTheFileSmaller(t *testing.T) {
	const most = 2 << 20
	path := filepath.Join(folder(t), "f")
	s := open(t, path, store.Options{KeepMost: most})
	ctx := t.Context()
	subscribe(t, s, "a")
	for i := range 100 {
		var batch []store.Accepted
		for range 5 {
			batch = append(batch, old(noon(), 20_000, "a"))
		}
		deliveries := accept(t, s, batch...)
		if i == 0 {
			deliveries = deliveries[1:] // the first of all waits on
		}
		must(t, s.Record(ctx, nil, second(done(deliveries...))))
		if size := s.Usage().Bytes; size > most {
			t.Fatalf("after %d notifications the files have %d bytes of %d", 5*i, size, most)
		}
	}
	must(t, s.Forget(ctx, noon()))
	list, _, err := s.Notifications(ctx, store.Filter{Limit: 1e6})
	must(t, err)
	if n := len(list); n < 40 || n > 90 || list[0].Number != 500 || list[n-2].Number != int64(502-n) || list[n-1].Number != 1 {
		t.Errorf("%d notifications are left, from %d down to %d and %d", n, list[0].Number, list[n-2].Number, list[n-1].Number)
	}
	whole(t, s)
}

func second(_ []store.Attempt, d []store.Delivery) []store.Delivery { return d }

func TestResetKeepsWhatIsSetUp(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		subscribe(t, s, "a", "b")
		must(t, s.DeleteSubscription(ctx, "b"))
		must(t, s.Set(ctx, "client id", "one"))
		must(t, s.SaveScenario(ctx, "mine", "name: mine"))
		must(t, s.SaveRun(ctx, store.Run{ID: "r", State: store.RunGoing}))
		deliveries, err := s.Accept(ctx, []store.Accepted{accepted(0, "a", "b")}, store.Changes{Conversations: []store.Conversation{{ID: "c"}}})
		must(t, err)
		must(t, s.Record(ctx, []store.Attempt{{Delivery: 1, Try: 1}}, deliveries))
		must(t, s.Reset(ctx))
		must(t, s.Record(ctx, []store.Attempt{{Delivery: 1, Try: 2}}, deliveries)) // it was on its way
		s = again()
		wantCounts(t, s, 0, nil)
		whole(t, s)
		runs, err := s.Runs(ctx, false)
		must(t, err)
		talks, err := s.Conversations(ctx, false)
		must(t, err)
		same(t, "runs and conversations", len(runs)+len(talks), 0)
		all, err := s.Subscriptions(ctx)
		must(t, err)
		same(t, "subscriptions", all, []store.Subscription{subscription("a")})
		value, err := s.Setting(ctx, "client id")
		must(t, err)
		same(t, "the setting", value, "one")
		kept, err := s.Scenarios(ctx)
		must(t, err)
		same(t, "scenarios", len(kept), 1)
		subscribe(t, s, "b")
		if d := accept(t, s, accepted(1, "b", "a")); d[0].Number != 3 || d[0].Notification != 2 || d[0].State != store.Waiting || d[1].State != store.Waiting {
			t.Errorf("deliveries after a reset: %+v", d)
		}
		whole(t, s)
	})
}

// What ended stays while a notification of it is there, also where space is short: what waits names it.
func TestWhatEndedStaysWithItsNotifications(t *testing.T) {
	s := open(t, "", store.Options{KeepMost: 1 << 20})
	ctx := t.Context()
	subscribe(t, s, "a")
	for _, id := range []string{"waits", "done", "none"} {
		must(t, s.SaveRun(ctx, store.Run{ID: id, State: store.RunEnded, Ended: noon()}))
		_, err := s.Accept(ctx, nil, store.Changes{Conversations: []store.Conversation{{ID: id, Ended: noon()}}})
		must(t, err)
	}
	of := func(id string) store.Accepted {
		a := old(noon().Add(time.Hour), 2000, "a")
		a.Run, a.Conversation = id, id
		return a
	}
	deliver(t, s, accept(t, s, of("done")))
	waiting := accept(t, s, of("waits"))
	deliver(t, s, accept(t, s, of("done")))
	for err := error(nil); err == nil; { // until space is short
		_, err = s.Accept(ctx, []store.Accepted{old(noon(), 2000, "a")}, store.Changes{})
	}
	left := func(want ...string) {
		t.Helper()
		must(t, s.Forget(ctx, noon().Add(30*24*time.Hour)))
		runs, err := s.Runs(ctx, false)
		must(t, err)
		talks, err := s.Conversations(ctx, false)
		must(t, err)
		var got []string
		for _, r := range runs {
			got = append(got, r.ID)
		}
		for _, c := range talks {
			got = append(got, c.ID)
		}
		same(t, "what is left", got, want)
	}
	left("waits", "waits")
	deliver(t, s, waiting)
	left()
	whole(t, s)
}
