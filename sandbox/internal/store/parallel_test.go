package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// Writers and readers do not get into each other's way; what one has written, all see.
func TestManyAtOnce(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		subscribe(t, s, "a", "b")
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				for j := range 10 {
					a := accepted(i*10+j, "a", "b")
					a.Type = fmt.Sprintf("type %d", i)
					deliveries, err := s.Accept(ctx, []store.Accepted{a}, store.Changes{})
					if err != nil {
						t.Error(err)
						return
					}
					attempts, deliveries := done(deliveries[:1]...)
					if err := s.Record(ctx, attempts, deliveries); err != nil {
						t.Error(err)
					}
					list, _, err := s.Deliveries(ctx, store.Filter{Type: a.Type, State: store.Delivered})
					if err != nil || len(list) != j+1 {
						t.Errorf("%d of %d deliveries are seen, %v", len(list), j+1, err)
					}
					if _, err := s.Due(ctx, "b", time.Time{}, 0, 5); err != nil {
						t.Error(err)
					}
					if err := s.Forget(ctx, noon()); err != nil {
						t.Error(err)
					}
					_, _ = s.Counts()
				}
			})
		}
		all.Wait()
		wantCounts(t, s, 40, map[store.DeliveryState]int64{store.Waiting: 40, store.Delivered: 40})
		whole(t, s)
	})
}
