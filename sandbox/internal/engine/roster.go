package engine

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// roster is the subscriptions as they are in effect.
type roster struct {
	now atomic.Pointer[[]store.Subscription] // never changed, only replaced

	mu     sync.Mutex // one change at a time
	exist  map[string]bool
	told   map[string]int64         // versions that listeners know
	timers map[*time.Timer]struct{} // changes that are not in effect yet
}

// effective lists the subscriptions that count now. It must not be changed.
func (l *roster) effective() []store.Subscription {
	if list := l.now.Load(); list != nil {
		return *list
	}
	return nil
}

// wanting lists the enabled subscriptions that want a type.
func (l *roster) wanting(name string) (ids []string) {
	for _, s := range l.effective() {
		if s.Enabled && slices.ContainsFunc(s.Events, func(p string) bool { return event.Match(p, name) }) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// SubscriptionsChanged says that the store's subscriptions are others than before. What was
// deleted gets nothing from now on; all else takes effect after Options.Propagation.
func (r *Room) SubscriptionsChanged() {
	l := &r.roster
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.life.Err() != nil {
		return
	}
	list, err := r.store.Subscriptions(r.life)
	if err != nil {
		r.trouble("subscriptions cannot be read", err)
		return
	}
	l.exist = make(map[string]bool, len(list))
	for _, s := range list {
		l.exist[s.ID] = true
	}
	r.tellChanges(list)
	if r.options.Propagation <= 0 {
		r.takeEffect(list)
		return
	}
	r.takeEffect(slices.Clone(l.effective())) // without those deleted
	var timer *time.Timer
	timer = time.AfterFunc(r.options.Propagation, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if _, waits := l.timers[timer]; waits && r.life.Err() == nil {
			delete(l.timers, timer)
			r.takeEffect(list)
		}
	})
	l.timers[timer] = struct{}{}
}

// takeEffect lets a list of subscriptions count, but for those that were deleted since. The
// roster is locked.
func (r *Room) takeEffect(list []store.Subscription) {
	l := &r.roster
	list = slices.DeleteFunc(slices.Clone(list), func(s store.Subscription) bool { return !l.exist[s.ID] })
	before := l.effective()
	for _, s := range list {
		r.office(s)
	}
	l.now.Store(&list)
	for _, s := range before {
		if !l.exist[s.ID] {
			r.closeOffice(s.ID)
		}
	}
}

// office brings the post office of a subscription up to date, or opens it.
func (r *Room) office(s store.Subscription) {
	r.mu.Lock()
	o := r.offices[s.ID]
	opened := o == nil
	if opened {
		o = newOffice(r, s)
		r.offices[s.ID] = o
	}
	r.mu.Unlock()
	if opened {
		o.open()
	} else {
		o.change(s)
	}
}

// closeOffice ends the deliveries to a subscription that was deleted. The store cancels those
// that wait.
func (r *Room) closeOffice(id string) {
	r.mu.Lock()
	o := r.offices[id]
	delete(r.offices, id)
	r.mu.Unlock()
	if o == nil {
		return
	}
	o.stop()
	r.tidy.Add(1)
	go func() {
		defer r.tidy.Done()
		o.wait()
	}()
}

// tellChanges lets listeners know which subscriptions are new, changed or gone, whichever API
// did it.
func (r *Room) tellChanges(list []store.Subscription) {
	before := r.roster.told
	r.roster.told = make(map[string]int64, len(list))
	for _, s := range list {
		r.roster.told[s.ID] = s.Version
		if version, known := before[s.ID]; !known || version != s.Version {
			r.Tell("subscription", s)
		}
		delete(before, s.ID)
	}
	for id := range before {
		r.Tell("subscription", struct {
			ID      string `json:"subscriptionId"`
			Deleted bool   `json:"deleted"`
		}{id, true})
	}
}
