package store_test

import (
	"cmp"
	"path/filepath"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// At the limit, a subscription can be deleted, with all that waits for it: it is what makes space.
func TestASubscriptionIsDeletedAtTheLimit(t *testing.T) {
	for most, lower := range map[int64]int64{1 << 20: 0, 3 << 20: 0, 4 << 20: 2 << 20, 5 << 20: 4 << 20} {
		path := filepath.Join(folder(t), "f")
		s := open(t, path, store.Options{KeepMost: most})
		ids := []string{"a", "b", "c", "d", "e", "f", "g"}
		subscribe(t, s, ids...)
		var all []store.Delivery
		for full := false; !full; {
			next := accepted(len(all), ids...)
			next.Signed = nil
			deliveries, err := s.Accept(t.Context(), []store.Accepted{next}, store.Changes{})
			if full = err != nil; !full {
				all = append(all, deliveries...)
			}
		}
		// Deliveries of some subscriptions fail, and have rows of their own, until these fill what is left.
		for i := range all {
			if i%len(ids) > 2 {
				attempt := refused(&all[i])
				if s.Record(t.Context(), []store.Attempt{attempt}, all[i:i+1]) != nil {
					break
				}
			}
		}
		_, before := s.Counts()
		if lower > 0 { // than the file is large
			must(t, s.Close())
			s = open(t, path, store.Options{KeepMost: lower})
		}
		for _, id := range ids {
			if err := s.DeleteSubscription(t.Context(), id); err != nil {
				t.Fatalf("of %d bytes, %s: %v", most, id, err)
			}
		}
		must(t, s.Forget(t.Context(), noon()))
		if _, states := s.Counts(); states[store.Waiting] != 0 {
			t.Errorf("of %d bytes, %d of %d deliveries wait for nobody", most, states[store.Waiting], before[store.Waiting])
		}
		must(t, s.Recover(t.Context()))
		within(t, s, cmp.Or(lower, most))
		whole(t, s)
	}
}
