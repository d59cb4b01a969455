package engine

import (
	"context"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// record is an attempt, or only a change of a delivery, on its way into the store.
type record struct {
	attempts []store.Attempt // none, or one, and before it the one that met a stale connection
	delivery *store.Delivery // nil: a flush
	kept     func()          // called when the store has it
}

// journal writes records in groups. An attempt whose record is lost when the program is killed
// is repeated after the next Open, with the same ID.
type journal struct {
	engine *Engine
	in     chan record // full: workers wait
	ended  chan struct{}
}

// flush waits until all that was added before is written.
func (j *journal) flush() {
	done := make(chan struct{})
	j.in <- record{kept: func() { close(done) }}
	<-done
}

// work writes records until in is closed.
func (j *journal) work() {
	defer close(j.ended)
	for first := range j.in {
		j.write(gather(first, j.in, nil, j.most(), func(rec record) bool { return rec.delivery == nil }))
	}
}

// recordCost is about how many bytes the store writes for a record.
const recordCost = 16 << 10

// most is how many records are written at once.
func (j *journal) most() int {
	return int(min(max(j.engine.store.Batch()/recordCost, 4), mostGrouped))
}

// write tries until the store has the group, or the engine ends.
func (j *journal) write(group []record) {
	e := j.engine
	var attempts []store.Attempt
	var deliveries []store.Delivery
	for _, rec := range group {
		attempts = append(attempts, rec.attempts...)
		if rec.delivery != nil {
			deliveries = append(deliveries, *rec.delivery)
		}
	}
	if len(deliveries) > 0 {
		_ = e.persist(func() error { // without success the attempts will be repeated
			err := e.store.Record(context.WithoutCancel(e.life), attempts, deliveries)
			if err != nil {
				e.logError("attempts cannot be recorded", err)
			}
			return err
		})
	}
	for _, rec := range group {
		rec.kept()
	}
}

// Notifications and records that come within a short time are written to the store together.
const (
	mostGrouped  = 500
	longestGroup = 5 * time.Millisecond
)

// gather adds to the first value those that come within longestGroup, up to most of them. It
// stops behind a value that is the last one of its group, and when in or end is closed.
func gather[T any](first T, in <-chan T, end <-chan struct{}, most int, last func(T) bool) []T {
	group := []T{first}
	timer := time.NewTimer(longestGroup)
	defer timer.Stop()
	for len(group) < most && !last(group[len(group)-1]) {
		select {
		case v, open := <-in:
			if !open {
				return group
			}
			group = append(group, v)
		case <-timer.C:
			return group
		case <-end:
			return group
		}
	}
	return group
}

// persist calls write until it succeeds, with longer and longer waits. Once the engine has ended, and while
// a reset waits, it tries once more at most.
func (e *Engine) persist(write func() error) error {
	wait := 10 * time.Millisecond
	for {
		err := write()
		if err == nil || e.life.Err() != nil || e.emptying.Load() {
			return err
		}
		e.pause(wait)
		wait = min(2*wait, time.Second)
	}
}

// pause waits, but not beyond the end of the engine.
func (e *Engine) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.life.Done():
	}
}
