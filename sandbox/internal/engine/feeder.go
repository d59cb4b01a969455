package engine

import (
	"time"
)

// feed waits until deliveries are due, and prefetches them from the store.
func (o *outbox) feed() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		o.mu.Lock()
		if o.ended || o.life.Err() != nil {
			o.mu.Unlock()
			return
		}
		now := time.Now()
		fetch := o.prefetched.needsPage(now)
		after := o.prefetched.startFetch(fetch)
		o.mu.Unlock()
		if fetch {
			o.fetch(after)
			continue
		}
		o.mu.Lock()
		o.makeReady(now)
		next := o.nextMoment()
		o.mu.Unlock()
		timer.Reset(time.Until(next))
		select {
		case <-timer.C:
		case <-o.wake:
		case <-o.life.Done():
		}
	}
}

// nextMoment is when the feeder has something to do next.
func (o *outbox) nextMoment() time.Time {
	next := time.Now().Add(time.Hour)
	if o.staged < mostInMemory && len(o.prefetched.waiting) > 0 && o.sub.Enabled {
		next = earlier(next, o.prefetched.waiting[0].Due)
	}
	if !o.prefetched.complete() && len(o.prefetched.waiting) <= mostInMemory-pageSize {
		next = earlier(next, o.prefetched.horizon.due)
	}
	return next
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// fetch reads a page of waiting deliveries from the store.
func (o *outbox) fetch(after key) {
	due, err := o.engine.store.Due(o.life, o.id, after.due, after.number-1, pageSize)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.prefetched.endFetch()
		if o.life.Err() == nil {
			o.engine.logError("waiting deliveries cannot be read", err)
			o.mu.Unlock()
			o.engine.pause(100 * time.Millisecond)
			o.mu.Lock()
		}
		return
	}
	page := make([]*delivery, len(due))
	for i := range due {
		page[i] = &delivery{Delivery: due[i].Delivery, note: &due[i].Detail}
	}
	o.prefetched.fetched(page, len(page) == pageSize)
	o.makeReady(time.Now())
}

func (o *outbox) wakeFeeder() {
	select {
	case o.wake <- struct{}{}:
	default: // it is about to wake already
	}
}
