package engine

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

const (
	downAfter   = time.Minute // how long attempts fail, with none accepted between them, until their subscription is down
	mostFailing = 100         // subscriptions that are listed
	mostFailure = 100         // characters of the reason of a failure
)

// Failing is which subscriptions accept nothing, or not everything. Disabled ones are left out: nothing is sent to them. So is what a
// consumer is right to refuse, and what a fault lost, cut off or dropped.
type Failing struct {
	Retrying      int                   `json:"retrying"`      // deliveries that wait for another attempt, to all subscriptions together
	Down          int                   `json:"down"`          // subscriptions that are down
	Subscriptions []FailingSubscription `json:"subscriptions"` // that have either, those that are down longest first; at most mostFailing
}

// FailingSubscription is a subscription that is down, or to which deliveries are retried.
type FailingSubscription struct {
	ID       string    `json:"subscription_id"`
	Name     string    `json:"name"`
	Retrying int       `json:"retrying"`       // deliveries that wait for another attempt
	Down     bool      `json:"down"`           // no attempt has been accepted for downAfter, though there were some
	Since    time.Time `json:"since,omitzero"` // of the first failed attempt since one was accepted, or since Open; zero: none has failed since
	Attempts uint64    `json:"attempts"`       // that failed since then
	Last     string    `json:"last,omitempty"` // the status of the last one of them, or why there was no response
}

// failing is what has failed of an outbox, whose lock guards it.
type failing struct {
	retrying int
	row      row
	up       *row // a row that was told, and is over, which is still to be told; nil: there is none
}

// row is a row of failed attempts, with none between them that was accepted. The zero value is none.
type row struct {
	since    time.Time
	attempts uint64
	last     string // response
	told     bool   // that the subscription is down
	until    time.Time
}

// judge takes what came of an attempt that is recorded, and reports whether that changes anything.
func (f *failing) judge(d *delivery, now time.Time) (changed bool) {
	retried := d.isRetried()
	if retried != d.retried {
		if changed = true; retried {
			f.retrying++
		} else {
			f.retrying = max(0, f.retrying-1) // a store in trouble could not say how many there were at first
		}
	}
	switch {
	case d.Outcome == store.OutcomeAccepted:
		changed = changed || f.row.attempts > 0
		if f.row.told {
			over := f.row
			over.until, f.up = now, &over
		}
		f.row = row{}
	case d.Outcome == store.OutcomeFailed && d.Fault != fault.Reset.String(): // any other says nothing of what is genuine
		if f.row.attempts == 0 {
			f.row.since = stamp(now)
		}
		f.row.attempts++
		f.row.last = Response(&d.Delivery)
		changed = true
	}
	return changed
}

// isDown reports whether the row has been going on for long enough, and is not of one attempt that is not repeated.
func (f *failing) isDown(now time.Time) bool {
	return f.row.attempts > 0 && (f.row.attempts > 1 || f.retrying > 0) && !now.Before(f.row.since.Add(downAfter))
}

// Failing is how it stands now.
func (e *Engine) Failing() Failing {
	all, _ := e.failingAt(time.Now())
	return all
}

// failingAt lists all of them, and says when the next one will be down if nothing is accepted.
func (e *Engine) failingAt(now time.Time) (all Failing, next time.Time) {
	all.Subscriptions = []FailingSubscription{}
	for _, o := range e.allOutboxes() {
		one, due := o.failingAt(now)
		if one.Attempts == 0 && one.Retrying == 0 {
			continue
		}
		if !due.IsZero() && (next.IsZero() || due.Before(next)) {
			next = due
		}
		all.Retrying += one.Retrying
		if one.Down {
			all.Down++
		}
		if one.Down || one.Retrying > 0 {
			all.Subscriptions = append(all.Subscriptions, one)
		}
	}
	slices.SortFunc(all.Subscriptions, func(a, b FailingSubscription) int {
		if a.Down && b.Down {
			return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Name, b.Name))
		}
		return cmp.Or(cmp.Compare(downFirst(a), downFirst(b)), cmp.Compare(b.Retrying, a.Retrying), cmp.Compare(a.Name, b.Name))
	})
	all.Subscriptions = all.Subscriptions[:min(len(all.Subscriptions), mostFailing)]
	return all, next
}

func (e *Engine) allOutboxes() []*outbox {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Collect(maps.Values(e.outboxes))
}

// failingAt is how the subscription stands, and when it will be down if nothing is accepted; zero: it is, or never.
func (o *outbox) failingAt(now time.Time) (one FailingSubscription, due time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.sub.Enabled {
		return one, due
	}
	f := &o.failing
	one = FailingSubscription{ID: o.id, Name: o.sub.Name, Retrying: f.retrying, Down: f.isDown(now), Since: f.row.since, Attempts: f.row.attempts, Last: f.row.last}
	if at := f.row.since.Add(downAfter); f.row.attempts > 0 && at.After(now) {
		due = at
	}
	return one, due
}

// isRetried reports whether the delivery waits for another attempt because its consumer did not accept the last one.
func (d *delivery) isRetried() bool { return d.Retried(fault.Reset.String()) }

func downFirst(f FailingSubscription) int {
	if f.Down {
		return 0
	}
	return 1
}

// Response is the status of the last response to a delivery, or why there was none.
func Response(d *store.Delivery) string {
	if d.Status != 0 {
		return strconv.Itoa(d.Status)
	}
	class, text, is := strings.Cut(d.Failure, ": ")
	if !is || strings.Contains(class, " ") { // a sentence of its own
		text = d.Failure
	}
	return show.Line(cmp.Or(text, "no response"), mostFailure)
}
