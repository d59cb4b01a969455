package engine

import (
	"time"
)

// mind waits for the moments of letters, and fetches them from the store in time.
func (o *office) mind() {
	defer o.busy.Done()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		o.mu.Lock()
		if o.ended || o.life.Err() != nil {
			o.mu.Unlock()
			return
		}
		now := time.Now()
		fetch := o.shelf.wants(now)
		after := o.shelf.begin(fetch)
		o.mu.Unlock()
		if fetch {
			o.fetch(after)
			continue
		}
		o.mu.Lock()
		o.ripen(now)
		next := o.moment()
		o.mu.Unlock()
		timer.Reset(time.Until(next))
		select {
		case <-timer.C:
		case <-o.wake:
		case <-o.life.Done():
		}
	}
}

// moment is when the goroutine that waits has something to do next.
func (o *office) moment() time.Time {
	next := time.Now().Add(time.Hour)
	if o.staged < o.most() && len(o.shelf.letters) > 0 && o.sub.Enabled {
		next = minTime(next, o.shelf.letters[0].d.Due)
	}
	if !o.shelf.whole() && len(o.shelf.letters) <= mostLetters-pageSize {
		next = minTime(next, o.shelf.horizon.due)
	}
	return next
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// fetch reads a page of what waits in the store.
func (o *office) fetch(after key) {
	deliveries, notes, err := o.room.store.Due(o.life, o.id, after.due, after.number-1, pageSize)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.shelf.abandon()
		if o.life.Err() == nil {
			o.room.trouble("waiting deliveries cannot be read", err)
			o.mu.Unlock()
			o.room.pause(100 * time.Millisecond)
			o.mu.Lock()
		}
		return
	}
	page := make([]*letter, len(deliveries))
	for i := range deliveries {
		page[i] = &letter{d: deliveries[i], n: &notes[i]}
	}
	o.shelf.fetched(page, len(page) == pageSize)
	o.ripen(time.Now())
}

func (o *office) nudge() {
	select {
	case o.wake <- struct{}{}:
	default: // it will wake anyway
	}
}
