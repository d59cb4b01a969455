package main

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
)

// A window is a piece out of the middle of traffic: conversations have begun at an even rate for as long as one takes, and what came before the
// window is left out. Else each window had nothing but beginnings, since a call takes longer than a window. What is sent within it moves to
// moments at even distances, so that the rate is exact.
type traffic struct {
	scenarios []*scenario.Scenario
	options   plan.Options  // but for the rate of conversations, time and seed
	types     []string      // that the consumer wants; empty: all
	longest   time.Duration // that a conversation takes
	each      float64       // notifications that are sent of a conversation, on average
}

const (
	mostBefore = 1_000_000 // notifications before a window that are planned, and left out: that takes a second or two
	drawn      = 1000      // conversations from which it is known how much is sent of one; the first hundred tell their length
)

// newTraffic looks at the first conversations.
func newTraffic(scenarios []*scenario.Scenario, options plan.Options, types []string) (*traffic, error) {
	t := &traffic{scenarios: scenarios, options: options, types: types}
	o := options
	o.Count, o.Calls, o.Start = drawn, scenario.Rate{Times: 1_000_000, Per: time.Second}, time.Now().UTC()
	pl, err := plan.NewMix(scenarios, o)
	if err != nil {
		return nil, inFlags(err)
	}
	sent := 0
	for n := range pl.Notifications() {
		if t.sends(&n) {
			sent++
		}
	}
	if t.longest, t.each = pl.About(), float64(sent)/drawn; sent == 0 {
		return nil, usage("the consumer is sent nothing of this traffic; leave out --types, or faults that drop notifications")
	}
	return t, nil
}

// sends reports whether a notification is sent to the consumer.
func (t *traffic) sends(n *plan.Notification) bool {
	return n.Fault != fault.Drop && (len(t.types) == 0 || slices.ContainsFunc(t.types, func(pattern string) bool { return event.Match(pattern, n.Type()) }))
}

// window plans what is sent in a window, due from its beginning on. What comes before it has been walked when it returns. Stop must be
// called.
func (t *traffic) window(number uint64, rate float64, over time.Duration) (notifications iter.Seq[plan.Notification], stop func(), err error) {
	calls := rate / t.each
	before := min(t.longest, time.Duration(mostBefore/rate*float64(time.Second)))
	o := t.options
	o.Calls = scenario.Rate{Times: uint64(max(1, math.Round(calls*1e6))), Per: 1_000_000 * time.Second}
	o.For, o.AtEnd = 2*(before+over)+time.Duration(2*float64(time.Second)/calls), plan.Cut
	o.Seed += number
	ahead := 2*time.Second + time.Duration(20/rate*float64(time.Second)) // events are older than in a run, so that none that moves is in the future
	o.Start = time.Now().UTC().Add(-t.longest - ahead).Truncate(time.Millisecond)
	pl, err := plan.NewMix(t.scenarios, o)
	if err != nil {
		return nil, nil, inFlags(err)
	}
	next, stop := iter.Pull(pl.Notifications())
	n, more := next()
	for more && n.Due < before {
		n, more = next()
	}
	return func(yield func(plan.Notification) bool) {
		var last plan.Notification // of those that are sent
		for sent := 0; more; n, more = next() {
			if !t.sends(&n) {
				continue
			}
			due := time.Duration(float64(sent) / rate * float64(time.Second))
			if n.Burst != 0 && n.Burst == last.Burst && n.Story == last.Story { // they leave together
				due = last.Due
			}
			if due >= over {
				return
			}
			n.Due = due
			last = n
			if sent++; !yield(n) {
				return
			}
		}
	}, stop, nil
}
