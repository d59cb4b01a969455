package engine

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/internal/show"
)

const (
	failingEvery = time.Second // how often listeners are told of what fails, if it changes
	mostDownTold = 20          // subscriptions that have a sentence each, of those that went down, or came up again, within failingEvery
	mostNameTold = 20          // characters of the name of a subscription
)

// failures tells listeners and the terminal of what fails. The zero value is ready.
type failures struct {
	announcing atomic.Bool // they are about to be told

	mu      sync.Mutex  // held while they are told
	known   Failing     // what listeners know
	overdue *time.Timer // what is down when a minute is over needs no further attempt for that
}

// failingChanged has listeners told of it, once in failingEvery at most.
func (e *Engine) failingChanged() {
	if e.failures.announcing.CompareAndSwap(false, true) {
		time.AfterFunc(failingEvery, e.announceFailing)
	}
}

// announceFailing tells of what fails, as far as it is not known.
func (e *Engine) announceFailing() {
	f := &e.failures
	f.mu.Lock()
	defer f.mu.Unlock()
	f.announcing.Store(false)
	if e.life.Err() != nil {
		return
	}
	now := time.Now()
	e.tellDown(now)
	all, next := e.failingAt(now)
	if all.Retrying != f.known.Retrying || all.Down != f.known.Down || !slices.Equal(all.Subscriptions, f.known.Subscriptions) {
		e.Broadcast("failing", all)
		f.known = all
	}
	if f.overdue != nil {
		f.overdue.Stop()
	}
	if f.overdue = nil; !next.IsZero() {
		f.overdue = time.AfterFunc(next.Sub(now), e.failingChanged)
	}
}

// wentDown is a subscription that went down, or that is up again.
type wentDown struct {
	name string
	row
}

// tellDown says which subscriptions have gone down since that was said last, and which are up again.
func (e *Engine) tellDown(now time.Time) {
	var down, up []wentDown
	for _, o := range e.allOutboxes() {
		o.mu.Lock()
		f, name := &o.failing, show.Line(o.sub.Name, mostNameTold)
		if f.up != nil {
			up = append(up, wentDown{name, *f.up})
			f.up = nil
		}
		if o.sub.Enabled && f.isDown(now) && !f.row.told {
			f.row.told = true
			down = append(down, wentDown{name, f.row})
		}
		o.mu.Unlock()
	}
	e.tellEach(up, "", func(w *wentDown) string {
		return "is up again, after " + show.Duration(w.until.Sub(w.since)) + " and " + show.Counted(w.attempts, "failed attempt")
	})
	e.tellEach(down, "warning: ", func(w *wentDown) string {
		failed := "1 attempt"
		if w.attempts > 1 {
			failed = show.Counted(w.attempts, "attempt") + " in a row"
		}
		return "is down since " + w.since.Local().Format(time.TimeOnly) + ": " + failed + " failed, the last one: " + w.last
	})
}

// tellEach says something of each of the first subscriptions, and counts the others.
func (e *Engine) tellEach(all []wentDown, begin string, what func(*wentDown) string) {
	slices.SortFunc(all, func(a, b wentDown) int { return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.name, b.name)) })
	for i := range all[:min(len(all), mostDownTold)] {
		e.options.Tell(begin + "subscription " + all[i].name + " " + what(&all[i]))
	}
	if more := len(all) - mostDownTold; more > 0 {
		e.options.Tell(begin + "so are " + show.Counted(uint64(more), "subscription") + " more")
	}
}
