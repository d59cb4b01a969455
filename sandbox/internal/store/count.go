package store

import (
	"cmp"
	"context"
	"math"
	"time"
)

// isOfState reports whether a filter asks for a state alone, or for nothing.
func (f *Filter) isOfState() bool {
	return !f.isSearch() && (f.Type == "" || f.Type == "*") && f.Conversation+f.Run+f.Subscription == "" && f.Notification == 0
}

// found lists the numbers of a page of deliveries, the newest first, and where the next page begins; 0 at the end.
func (s *Store) found(ctx context.Context, q querier, f Filter) (numbers []int64, next int64, err error) {
	d, err := s.finder(ctx, q, f)
	if err != nil {
		return nil, 0, err
	}
	ended, err := d.each(ctx, q, f.Before, func(number int64) bool {
		if len(numbers) == f.Limit {
			next = numbers[len(numbers)-1]
			return false
		}
		numbers = append(numbers, number)
		return true
	})
	return numbers, cmp.Or(next, ended), err
}

// Count returns how many deliveries match a filter, whatever its Before and Limit. It reports false if that is only some of them, because many are not
// indexed yet.
func (s *Store) Count(ctx context.Context, f Filter) (total int64, complete bool, err error) {
	p, none, err := s.search(f)
	if err != nil || none {
		return 0, true, s.failed(err, "count deliveries")
	}
	if f = p.Filter; f.isOfState() {
		return s.countStates(f.State), true, nil
	}
	var ended int64
	err = s.read(func(q querier) error {
		d, err := s.finder(ctx, q, f)
		if err != nil {
			return err
		}
		ended, err = d.each(ctx, q, math.MaxInt64, func(int64) bool {
			total++
			return true
		})
		return err
	})
	return total, ended == 0, s.failed(err, "count deliveries")
}

// countStates is how many deliveries there are in a state; "": in any.
func (s *Store) countStates(state DeliveryState) (total int64) {
	_, all := s.Counts()
	for of, n := range all {
		if state == "" || state == of {
			total += n
		}
	}
	return total
}

// Moment returns a Before at which the list of a filter begins with the delivery nearest to a moment that was made then or before; 0: there is none.
func (s *Store) Moment(ctx context.Context, f Filter, at time.Time) (before int64, err error) {
	p, none, err := s.search(f)
	if err != nil || none {
		return 0, s.failed(err, "find a moment")
	}
	f = p.Filter
	if until := at.Add(1); f.Until.IsZero() || until.Before(f.Until) {
		f.Until = until
	}
	err = s.read(func(q querier) error {
		d, err := s.finder(ctx, q, f)
		if err != nil {
			return err
		}
		ended, err := d.each(ctx, q, math.MaxInt64, func(number int64) bool {
			before = number + 1
			return false
		})
		before = cmp.Or(before, ended)
		return err
	})
	return before, s.failed(err, "find a moment")
}
