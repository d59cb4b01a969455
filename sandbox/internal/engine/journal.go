package engine

import (
	"context"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// record is an attempt, or only a change of a delivery, on its way into the store.
type record struct {
	attempt  *store.Attempt
	delivery store.Delivery
	kept     func() // called when the store has it
	flush    bool
}

// journal writes records in groups. An attempt whose record is lost when the program is killed
// is repeated after the next Open, with the same ID.
type journal struct {
	engine *Engine
	in     chan record
	ended  chan struct{}
}

func newJournal(e *Engine) *journal {
	return &journal{engine: e, in: make(chan record, mostGrouped), ended: make(chan struct{})}
}

// add hands a record over. It waits while the journal is full.
func (j *journal) add(rec record) { j.in <- rec }

// flush waits until all that was added before is written.
func (j *journal) flush() {
	done := make(chan struct{})
	j.in <- record{flush: true, kept: func() { close(done) }}
	<-done
}

// work writes records until in is closed.
func (j *journal) work() {
	defer close(j.ended)
	group := make([]record, 0, mostGrouped)
	for first := range j.in {
		group = append(group[:0], first)
		timer := time.NewTimer(longestGroup)
		for more := !first.flush; more && len(group) < mostGrouped; {
			select {
			case rec, open := <-j.in:
				if open {
					group = append(group, rec)
				}
				more = open && !rec.flush
			case <-timer.C:
				more = false
			}
		}
		timer.Stop()
		j.write(group)
		clear(group)
	}
}

// write tries until the store has the group, or the engine ends.
func (j *journal) write(group []record) {
	e := j.engine
	var attempts []store.Attempt
	var deliveries []store.Delivery
	for i := range group {
		if group[i].flush {
			continue
		}
		if group[i].attempt != nil {
			attempts = append(attempts, *group[i].attempt)
		}
		deliveries = append(deliveries, group[i].delivery)
	}
	if len(deliveries) > 0 {
		wait := 10 * time.Millisecond
		for {
			err := e.store.Record(context.WithoutCancel(e.life), attempts, deliveries)
			if err == nil {
				break
			}
			e.logError("attempts cannot be recorded", err)
			if !e.pause(wait) {
				break // the attempts will be repeated
			}
			wait = min(2*wait, time.Second)
		}
	}
	for i := range group {
		if group[i].kept != nil {
			group[i].kept()
		}
	}
}
