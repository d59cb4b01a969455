package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// withWaiting is a store of 4 MiB in memory that is not nearly full, of which some half waits for a dead consumer.
func withWaiting(t *testing.T) (*store.Store, []store.Delivery) {
	t.Helper()
	s := open(t, "", store.Options{KeepMost: 4 << 20})
	subscribe(t, s, "a")
	var all []store.Delivery
	for i := range 110 {
		d := accept(t, s, old(noon(), 18_000, "a"))
		if i == 0 {
			d[0].State = store.Waiting
		}
		all = append(all, d...)
	}
	same(t, "tight", s.Usage().Tight, false)
	return s, all
}

const large = 1_650_000 // bytes, for which there is no space then

func deliver(t *testing.T, s *store.Store, all []store.Delivery) {
	t.Helper()
	attempts, now := done(all...)
	must(t, s.Record(t.Context(), attempts, now))
}

// What met the limit gets its space once it can be made, though the state is not nearly full; until then the trouble tells how many deliveries wait.
func TestTheLimitEndsWhenWhatWaitedIsDone(t *testing.T) {
	s, all := withWaiting(t)
	scenario := strings.Repeat("x", large)
	troubleOf(t, s.SaveScenario(t.Context(), "large", scenario))
	waits := func(n int) {
		t.Helper()
		must(t, s.MakeSpace(t.Context()))
		trouble := troubleOf(t, s.Recover(t.Context()))
		for _, err := range []error{trouble, s.Trouble(), s.SaveScenario(t.Context(), "other", "")} {
			if want := fmt.Sprintf("with %d waiting deliveries", n); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("told is %v, want %q", err, want)
			}
		}
	}
	waits(len(all))
	deliver(t, s, all[:5])
	waits(len(all) - 5)
	deliver(t, s, all[5:])
	must(t, s.MakeSpace(t.Context()))
	must(t, s.Recover(t.Context()))
	if s.Trouble() != nil {
		t.Errorf("in the end: %v", s.Trouble())
	}
	must(t, s.SaveScenario(t.Context(), "large", scenario))
	whole(t, s)
}

// Where nothing waits, nothing is waited for: what needs more than there is gets an error of its own, and stops nothing else.
func TestNothingWaitsForWhatIsNeverDone(t *testing.T) {
	s, all := withWaiting(t)
	scenario := strings.Repeat("x", large)
	troubleOf(t, s.SaveScenario(t.Context(), "large", scenario))
	deliver(t, s, all)
	must(t, s.MakeSpace(t.Context()))
	must(t, s.Recover(t.Context()))
	must(t, s.SaveScenario(t.Context(), "large", scenario))
	if err := s.SaveScenario(t.Context(), "another", scenario); !errors.Is(err, store.ErrTooLarge) || s.Trouble() != nil {
		t.Errorf("with nothing to delete: %v; %v", err, s.Trouble())
	}
	must(t, s.SaveScenario(t.Context(), "small", "name: small"))

	d := accept(t, s, old(noon(), 9, "a"))
	troubleOf(t, s.SaveScenario(t.Context(), "another", scenario))
	deliver(t, s, d)
	must(t, s.MakeSpace(t.Context()))
	must(t, s.Recover(t.Context()))
	must(t, s.SaveScenario(t.Context(), "small", "name: smaller"))
}

// That holds where what is kept makes the state nearly full, too: what is small is taken.
func TestTheLimitEndsBesideManyScenarios(t *testing.T) {
	s := open(t, "", store.Options{KeepMost: 2 << 20})
	subscribe(t, s, "a")
	for i := 0; !s.Usage().Tight; i++ {
		must(t, s.SaveScenario(t.Context(), fmt.Sprint(i), strings.Repeat("x", 30_000)))
	}
	for range 3 {
		var all []store.Delivery
		var made []store.Delivery
		var err error
		for ; err == nil; all = append(all, made...) {
			made, err = s.Accept(t.Context(), []store.Accepted{old(noon(), 2000, "a")}, store.Changes{})
		}
		troubleOf(t, err)
		if len(all) < 3 {
			t.Errorf("only %d were taken", len(all))
		}
		deliver(t, s, all)
		must(t, s.MakeSpace(t.Context()))
		must(t, s.Recover(t.Context()))
	}
}

// While deliveries come to an end, the limit is left only with a good deal of space.
func TestTheLimitIsLeftWithSpace(t *testing.T) {
	s, all := filled(t, "", 2<<20)
	n := 0
	for s.Usage().Tight {
		deliver(t, s, all[n:n+1])
		n++
	}
	deliver(t, s, all[n:n+1])
	troubleOf(t, s.Recover(t.Context()))
	must(t, s.MakeSpace(t.Context()))
	must(t, s.Recover(t.Context()))
	same(t, "tight", s.Usage().Tight, false)
}
