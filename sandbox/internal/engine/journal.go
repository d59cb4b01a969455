package engine

import (
	"context"
	"sync"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// record is an attempt, or only a change of a delivery, on its way into the store.
type record struct {
	attempts []store.Attempt // none, or one, and before it the one that met a stale connection
	of       *delivery       // nil: a flush
	outbox   *outbox         // that of the delivery, which learns when the store has it
	again    string          // the kind of a further delivery that follows; empty: none does
	flushed  chan<- struct{} // of a flush: closed when the store has what came before
}

// journal writes records in groups. An attempt whose record is lost when the program is killed
// is repeated after the next Open, with the same ID.
type journal struct {
	engine *Engine
	in     chan record // full: workers wait
	ended  chan struct{}
	spare  sync.Pool // of *batch, used again
}

// batch is a group in the form of the store.
type batch struct {
	attempts   []store.Attempt
	deliveries []store.Delivery
}

// flush waits until all that was added before is written.
func (j *journal) flush() {
	done := make(chan struct{})
	j.in <- record{flushed: done}
	<-done
}

// work writes records until in is closed.
func (j *journal) work() {
	defer close(j.ended)
	wait := longestGroup
	for first := range j.in {
		group := gather(first, j.in, nil, j.most(), wait, func(rec record) bool { return rec.of == nil })
		j.write(group)
		if wait = longestGroup; len(group) >= manyRecords {
			wait = busyGroup
		}
	}
}

// recordCost is about how many bytes the store writes for a record.
const recordCost = 16 << 10

// most is how many records are written at once.
func (j *journal) most() int {
	return int(min(max(j.engine.store.Batch()/recordCost, 4), mostRecords))
}

// write tries until the store has the group, or the engine ends.
func (j *journal) write(group []record) {
	e := j.engine
	b, _ := j.spare.Get().(*batch)
	if b == nil {
		b = &batch{}
	}
	defer j.spare.Put(b)
	attempts, deliveries := b.attempts[:0], b.deliveries[:0]
	for _, rec := range group {
		attempts = append(attempts, rec.attempts...)
		if rec.of != nil {
			deliveries = append(deliveries, rec.of.Delivery)
		}
	}
	b.attempts, b.deliveries = attempts, deliveries
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
		if rec.of == nil {
			close(rec.flushed)
			continue
		}
		rec.outbox.kept(rec.of, rec.again)
	}
	clear(attempts) // they hold texts
	clear(deliveries)
}

// Notifications and records that come within a short time are written to the store together.
const (
	mostGrouped  = 500
	longestGroup = 5 * time.Millisecond
)

// Where many records come, they are gathered for longer: nobody waits for them, and what several of them say of one notification
// is written once.
const (
	manyRecords = 50
	mostRecords = 1000
	busyGroup   = 20 * time.Millisecond
)

// gather adds to the first value those that come within a time, up to most of them. It
// stops behind a value that is the last one of its group, and when in or end is closed.
func gather[T any](first T, in <-chan T, end <-chan struct{}, most int, long time.Duration, last func(T) bool) []T {
	group := []T{first}
	timer := time.NewTimer(long)
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
