package engine

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// Storage is how the store is.
type Storage struct {
	Status string `json:"status"`           // ok, tight, or the kind of the trouble
	Reason string `json:"reason,omitempty"` // what is wrong, and what to do
	Paused bool   `json:"paused"`           // runs and new work wait until that is over
	Bytes  int64  `json:"bytes"`            // of the files
	Most   int64  `json:"most_bytes"`       // that they may have
}

// The states of a Storage without trouble.
const (
	storageOK    = "ok"
	storageTight = "tight"
)

const tightReason = "the state is nearly as large as it may be: attempts between the first and the last of a delivery are counted, but not kept"

// Storage is how the store is now.
func (e *Engine) Storage() Storage {
	usage := e.store.Usage()
	s := Storage{Status: storageOK, Bytes: usage.Bytes, Most: usage.Most}
	if usage.Dropping {
		s.Status, s.Reason = storageTight, tightReason
	}
	if t := e.store.Trouble(); t != nil {
		s.Status, s.Reason, s.Paused = string(t.Kind), t.Error()+"; "+t.Advice(), true
	}
	return s
}

// How often the store is looked after: what is past retention is deleted, and trouble tried.
const (
	forgetEvery = time.Minute
	tryEvery    = time.Second
)

// keeper deletes what is past retention. While the store takes nothing, it holds runs, and
// deliveries where no attempt can be recorded; once the store takes something again, they go on.
type keeper struct {
	engine *Engine
	ended  chan struct{}
	told   string // the status that listeners know
	pauses pauses
}

// work looks after the store until the engine ends.
func (k *keeper) work() {
	defer close(k.ended)
	e := k.engine
	var last time.Time
	for e.life.Err() == nil {
		k.tell()
		var err error
		now := time.Now()
		if now.Sub(last) >= forgetEvery {
			err, last = e.store.Forget(e.life, now), now
		} else if k.isTight() {
			err = e.store.MakeSpace(e.life)
		}
		if err != nil && e.life.Err() == nil {
			e.logError("what is past retention cannot be deleted", err)
		}
		wait, tried := forgetEvery, false
		if e.store.Trouble() != nil && e.store.Recover(e.life) == nil {
			k.tell()
		}
		if e.store.Trouble() != nil || k.isTight() {
			wait, tried = pauseAfter(e.store.Trouble(), time.Since(now)), true
		}
		if !tried {
			wait = min(wait, k.pauses.left(time.Now()))
		}
		k.rest(wait, tried)
	}
}

// pauseAfter is how long nothing is tried after a try that took so long and left this trouble, if any. A large file is read for
// seconds; whoever waited for a lock has read nothing.
func pauseAfter(t *store.Trouble, took time.Duration) time.Duration {
	if t != nil && t.Kind == store.Locked {
		return tryEvery
	}
	return max(tryEvery, 20*took)
}

// isTight reports whether more must be deleted than what is past retention.
func (k *keeper) isTight() bool {
	t := k.engine.store.Trouble()
	return k.engine.store.Usage().Tight || t != nil && t.Kind == store.OverLimit
}

// rest waits for a time, or until the store wakes it; after a try only if its status is another one.
func (k *keeper) rest(d time.Duration, tried bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-k.engine.store.Woken():
			if !tried || k.engine.Storage().Status != k.told {
				return
			}
		case <-k.engine.life.Done():
			return
		}
	}
}

// tell holds and releases what the status of the store says, and announces the status if it is
// another one.
func (k *keeper) tell() {
	e := k.engine
	e.hold(e.store.Trouble())
	now := e.Storage()
	for _, line := range k.pauses.lines(now, time.Now()) {
		e.options.Tell(line)
	}
	if now.Status != k.told {
		k.told = now.Status
		e.Broadcast("storage", now)
	}
}

// hold lets runs and deliveries wait because of a trouble; nil lets them go on.
func (e *Engine) hold(t *store.Trouble) {
	e.mu.Lock()
	changed := (t != nil) != e.held
	e.held = t != nil
	halted := t != nil && !t.Records()
	released := e.halted.Swap(halted) && !halted
	runs := slices.Collect(maps.Values(e.runs))
	for _, g := range runs {
		g.hold(e.held)
	}
	for _, o := range e.outboxes {
		if released {
			o.goOn()
		}
	}
	e.mu.Unlock()
	if !changed || t != nil {
		return
	}
	for _, g := range runs {
		g.save()
	}
	e.intake.goOn()
	e.background.Go(e.SubscriptionsChanged) // a change may not have been read
}

// inTrouble reports whether an error is about the store as a whole, which the keeper tells.
func inTrouble(err error) bool {
	t, ok := errors.AsType[*store.Trouble](err)
	return ok && t.Kind != store.BadRow
}

// When the store indexes what is searched, and for which part of the time. What was accepted before that is mostly delivered then.
const (
	indexAfter = time.Second
	indexPause = 10 * time.Millisecond
	indexPart  = 10
)

// index has the store index deliveries beside all other work, until the engine ends.
func (e *Engine) index() {
	defer close(e.indexing)
	for {
		select {
		case <-e.store.Unindexed():
		case <-e.life.Done():
			return
		}
		for wait, more := indexAfter, true; more; {
			e.pause(wait)
			began := time.Now()
			var err error
			if more, err = e.store.Index(e.life); err != nil {
				if more = false; e.life.Err() == nil && !inTrouble(err) {
					e.logError("deliveries cannot be indexed, so that searching them takes longer", err)
				}
			}
			wait = max(indexPause, (indexPart-1)*time.Since(began))
		}
	}
}
