package engine

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// registry holds the subscriptions in effect.
type registry struct {
	now atomic.Pointer[[]store.Subscription] // never changed, only replaced

	mu       sync.Mutex       // one change at a time
	versions map[string]int64 // of the subscriptions that exist, as listeners know them
	pending  []pending        // not in effect yet, in the order of their changes
}

// pending is what one change of subscriptions has changed, and when that takes effect.
type pending struct {
	at      time.Time
	changed []store.Subscription
}

// mostPending is how many changes wait for their effect. One more, and the first takes effect early.
const mostPending = 10_000

// await waits for the change under way. One that begins later sees whether the engine has ended.
func (g *registry) await() {
	g.mu.Lock()
	defer g.mu.Unlock()
}

// effective lists the subscriptions in effect. Callers must not change it.
func (g *registry) effective() []store.Subscription {
	if list := g.now.Load(); list != nil {
		return *list
	}
	return nil
}

// wanting lists the enabled subscriptions that select a type.
func (g *registry) wanting(name string) (ids []string) {
	for _, s := range g.effective() {
		if s.Enabled && slices.ContainsFunc(s.Events, func(p string) bool { return event.Match(p, name) }) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// SubscriptionsChanged reads the subscriptions again after a change in the store. A deletion
// takes effect at once, any other change after Options.Propagation.
func (e *Engine) SubscriptionsChanged() {
	l := &e.registry
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.life.Err() != nil {
		return
	}
	list, err := e.store.Subscriptions(e.life)
	if err != nil {
		e.logError("subscriptions cannot be read", err)
		return
	}
	changed := e.announceChanges(list)
	if e.options.Propagation <= 0 {
		e.takeEffect(list)
		return
	}
	e.takeEffect(l.effective()) // without those deleted
	if len(changed) == 0 {
		return
	}
	l.pending = append(l.pending, pending{time.Now().Add(e.options.Propagation), changed})
	switch {
	case len(l.pending) == 1:
		e.background.Go(e.propagate)
	case len(l.pending) > mostPending:
		e.takeNext()
	}
}

// propagate lets changes take effect when their time has come, until there are none.
func (e *Engine) propagate() {
	l := &e.registry
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.pending) > 0 && e.life.Err() == nil {
		if wait := time.Until(l.pending[0].at); wait > 0 {
			l.mu.Unlock()
			e.pause(wait)
			l.mu.Lock()
			continue
		}
		e.takeNext()
	}
}

// takeNext puts the first change that is pending into effect. The registry is locked.
func (e *Engine) takeNext() {
	l := &e.registry
	list := slices.Clone(l.effective())
	for _, s := range l.pending[0].changed {
		if i := slices.IndexFunc(list, func(old store.Subscription) bool { return old.ID == s.ID }); i >= 0 {
			list[i] = s
		} else {
			list = append(list, s)
		}
	}
	l.pending = slices.Delete(l.pending, 0, 1)
	e.takeEffect(list)
}

// takeEffect puts a list of subscriptions into effect, except those that were deleted since.
// The registry is locked.
func (e *Engine) takeEffect(list []store.Subscription) {
	l := &e.registry
	gone := func(s store.Subscription) bool { _, exists := l.versions[s.ID]; return !exists }
	list = slices.DeleteFunc(slices.Clone(list), gone)
	before := l.effective()
	for _, s := range list {
		e.openOutbox(s)
	}
	l.now.Store(&list)
	for _, s := range before {
		if gone(s) {
			e.closeOutbox(s.ID)
		}
	}
	e.failingChanged() // for a name, or whether it is enabled
}

// openOutbox opens the outbox of a subscription, or brings it up to date.
func (e *Engine) openOutbox(s store.Subscription) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if o := e.outboxes[s.ID]; o != nil {
		o.update(s)
		return
	}
	o := newOutbox(e, s)
	o.failing.retrying = e.retried[s.ID]
	e.outboxes[s.ID] = o
	o.busy.Go(o.feed)
}

// closeOutbox ends the deliveries to a subscription that was deleted. The store cancels those
// that wait.
func (e *Engine) closeOutbox(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if o := e.outboxes[id]; o != nil {
		delete(e.outboxes, id)
		o.stop()
		e.background.Go(o.wait)
	}
}

// announceChanges tells listeners which subscriptions are new, changed or deleted, whichever
// API did it. It returns the former.
func (e *Engine) announceChanges(list []store.Subscription) (changed []store.Subscription) {
	before := e.registry.versions
	e.registry.versions = make(map[string]int64, len(list))
	for _, s := range list {
		e.registry.versions[s.ID] = s.Version
		if version, known := before[s.ID]; !known || version != s.Version {
			e.Broadcast("subscription", s)
			changed = append(changed, s)
		}
		delete(before, s.ID)
	}
	for id := range before {
		e.Broadcast("subscription", struct {
			ID      string `json:"subscription_id"`
			Deleted bool   `json:"deleted"`
		}{id, true})
	}
	return changed
}
