package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// played stores two runs of so many notifications each, to three subscriptions, and some attempts: most are accepted at once.
func played(t *testing.T, s *store.Store, each int) {
	t.Helper()
	subscribe(t, s, "a", "b", "c")
	for _, run := range []string{"one", "two"} {
		must(t, s.SaveRun(t.Context(), store.Run{ID: run, State: store.RunEnded, Created: noon(), Ended: noon(), Speed: 1}))
	}
	for i := range each {
		for _, run := range []string{"one", "two"} {
			n := store.Accepted{Notification: store.Notification{ID: fmt.Sprint(run, i), Type: "channel.held.v0", Run: run, Accepted: noon().Add(time.Duration(i) * time.Second),
				Body: []byte(`{"n":1}`)}, To: []string{"a", "b", "c"}}
			made, err := s.Accept(t.Context(), []store.Accepted{n}, store.Changes{Positions: map[string]uint64{run: uint64(i + 1)}})
			must(t, err)
			var attempts []store.Attempt
			for k := range made {
				attempts = append(attempts, attempt(&made[k], i+k)...)
			}
			must(t, s.Record(t.Context(), attempts, made))
		}
	}
	_, err := s.Redeliver(t.Context(), onceMore(1, "a"), "resend", noon())
	must(t, err)
}

// attempt makes something of a delivery: it waits, is accepted, or fails once and is accepted then.
func attempt(d *store.Delivery, what int) (made []store.Attempt) {
	now := noon().Add(time.Minute)
	one := func(status int, outcome store.Outcome, failure string) {
		d.Attempts++
		made = append(made, store.Attempt{Delivery: d.Number, Try: d.Attempts, Sent: now, LatencyUS: 1500, Status: status, Failure: failure, Outcome: outcome,
			Header: store.Header{{"Host", "a:1"}, {"Content-Length", "7"}}})
		d.First, d.Status, d.LatencyUS, d.Failure, d.Outcome = now, status, 1500, failure, outcome
	}
	switch what % 5 {
	case 0:
		return nil
	case 1:
		one(503, store.OutcomeFailed, "status: 503")
		one(204, store.OutcomeAccepted, "")
		d.State, d.Due = store.Delivered, time.Time{}
	case 2:
		one(401, store.OutcomeFailed, "status: 401")
		d.State, d.Due = store.Failed, time.Time{}
	default:
		one(204, store.OutcomeAccepted, "")
		d.State, d.Due = store.Delivered, time.Time{}
	}
	return made
}

// ofRun reads a run as EachOfRun tells it, its deliveries by their numbers.
func ofRun(t *testing.T, s *store.Store, run string, bodies bool) (notes []store.Notification, all []store.Tried, forgotten int) {
	t.Helper()
	must(t, s.EachOfRun(t.Context(), run, bodies, func(n *store.RunNotification) error {
		notes, all = append(notes, n.Notification), append(all, n.Deliveries...)
		forgotten += n.Forgotten
		return nil
	}))
	slices.SortFunc(all, func(a, b store.Tried) int { return cmp.Compare(a.Number, b.Number) })
	return notes, all, forgotten
}

// What is told of a run is what the lists and the single deliveries tell.
func TestEachOfARunIsWhatTheListsTell(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		const each = 12
		played(t, s, each)
		s = again()
		notes, all, forgotten := ofRun(t, s, "one", true)
		if len(notes) != each || string(notes[0].Body) != `{"n":1}` || len(all) != 3*each+1 || forgotten != 0 {
			t.Fatalf("%d notifications, %d deliveries, %d forgotten", len(notes), len(all), forgotten)
		}
		list, _, err := s.Deliveries(t.Context(), store.Filter{Run: "one", Limit: 1000})
		must(t, err)
		slices.Reverse(list)
		for i, d := range list {
			same(t, "a delivery", all[i].Delivery, d.Delivery)
			made, err := s.Attempts(t.Context(), d.Number)
			must(t, err)
			for k := range made {
				made[k].Header = nil
			}
			for k := range all[i].Made {
				all[i].Made[k].Header = nil
			}
			same(t, "its attempts", all[i].Made, made)
		}
		if notes, _, _ := ofRun(t, s, "none", false); len(notes) != 0 {
			t.Errorf("a run that is not there has %d notifications", len(notes))
		}
		wrong := errors.New("enough")
		fails(t, "an error of the caller", s.EachOfRun(t.Context(), "one", false, func(*store.RunNotification) error { return wrong }), wrong)
		left, cancel := context.WithCancel(t.Context())
		cancel()
		fails(t, "a client that has left", s.EachOfRun(left, "one", false, func(*store.RunNotification) error { return nil }), context.Canceled)
	})
}

// What is past retention is counted, not made up.
func TestWhatIsForgottenOfARunIsCounted(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		const each, waiting = 10, 6 // the others have a delivery that waits, and are kept
		played(t, s, each)
		n, err := s.ForgottenOfRun(t.Context(), "two")
		if must(t, err); n != 0 {
			t.Errorf("%d are forgotten at first", n)
		}
		must(t, s.Forget(t.Context(), noon().Add(1000*time.Hour)))
		n, err = s.ForgottenOfRun(t.Context(), "two")
		notes, _, _ := ofRun(t, s, "two", false)
		if must(t, err); n != each-waiting || len(notes) != waiting {
			t.Errorf("%d are forgotten, and %d there; want %d and %d", n, len(notes), each-waiting, waiting)
		}
		_, err = s.ForgottenOfRun(t.Context(), "none")
		fails(t, "a run that is not there", err, store.ErrNotFound)
	})
}

// While deliveries leave their packs, each of them is told of once.
func TestARunIsReadWhileItGoesOn(t *testing.T) {
	s := open(t, filepath.Join(folder(t), "sandbox.db"), store.Options{})
	store.Pack(s, 1)
	subscribe(t, s, "a", "b", "c")
	must(t, s.SaveRun(t.Context(), store.Run{ID: "one", State: store.RunGoing, Created: noon(), Speed: 1}))
	var all []store.Delivery
	for i := range 100 {
		made, err := s.Accept(t.Context(), []store.Accepted{{Notification: store.Notification{ID: fmt.Sprint(i), Type: "channel.held.v0", Run: "one", Accepted: noon()}, To: []string{"a", "b", "c"}}}, store.Changes{})
		must(t, err)
		all = append(all, made...)
	}
	done := make(chan error, 1)
	go func() {
		var err error
		for i := range all {
			made := attempt(&all[i], i)
			err = errors.Join(err, s.Record(context.Background(), made, all[i:i+1]))
		}
		done <- err
	}()
	for going := true; going; {
		select {
		case err := <-done:
			must(t, err)
			going = false
		default:
		}
		_, tried, _ := ofRun(t, s, "one", false)
		if len(tried) != len(all) {
			t.Fatalf("%d deliveries, want %d", len(tried), len(all))
		}
		for i, d := range tried {
			if d.Number != all[0].Number+int64(i) || d.Attempts != len(d.Made) {
				t.Fatalf("delivery %d has %d attempts, of which %d are told: %+v", d.Number, d.Attempts, len(d.Made), d)
			}
		}
	}
}
