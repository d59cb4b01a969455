package plan

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/scenario"
)

// Stretch is a part of the arrivals, in which the rate changes evenly.
type Stretch = scenario.Stretch

// Pool is the set of agents that all conversations share.
type Pool struct {
	Count    int            // agents, above 0
	Patience *scenario.Span // how long an outside party waits for an agent before giving up; nil: forever
	Agents   []event.User   // who they are; if there are fewer than Count, the others are seeded
}

// Shard is a part of a plan: the conversations whose index modulo Of is Index. The zero
// value is the whole plan.
type Shard struct{ Index, Of uint64 }

// With adds the settings of a workload to o. Those of o win: a rate or a population replaces
// the workload's arrivals, and assumptions and faults are added to the workload's. A rate of
// notifications leaves out the pool, which would decide by itself how much is sent. Plan the
// scenarios of the mix with NewMix, in their order.
func (o Options) With(w *scenario.Workload) Options {
	o.Assume = w.Assume.Over(o.Assume)
	o.Faults = append(slices.Clone(w.Faults), o.Faults...)
	o.Weights = nil
	for _, part := range w.Mix {
		o.Weights = append(o.Weights, part.Weight)
	}
	if o.Calls.IsZero() && o.Events.IsZero() && o.Population == 0 && o.Arrivals == nil {
		o.Arrivals, o.Population, o.Events = w.Stretches, w.Population, w.Events
	}
	if o.ConversationIDs == nil {
		o.ConversationIDs = w.ConversationIDs
	}
	if o.Pool == nil && w.AgentCount > 0 && o.Events.IsZero() {
		o.Pool = &Pool{Count: w.AgentCount, Agents: Users(w.Agents)}
		if !w.Patience.IsZero() {
			o.Pool.Patience = &w.Patience
		}
	}
	return o
}

// Users are agents as a pool has them.
func Users(agents []scenario.Agent) []event.User {
	var all []event.User
	for _, a := range agents {
		id, _ := event.ParseGUID(a.UserID) // it was read when the file was, or there is none
		all = append(all, event.User{AgentID: a.AgentID, UserID: id})
	}
	return all
}

// unknown is the number of conversations where only a walk can tell.
const unknown = math.MaxUint64

// checkTraffic refuses traffic of which no plan can be made.
func (o *Options) checkTraffic(scenarios int) error {
	var ways []string
	for name, given := range map[string]bool{"a rate of calls": !o.Calls.IsZero(), "a rate of events": !o.Events.IsZero(),
		"arrivals": len(o.Arrivals) > 0, "a population": o.Population != 0} {
		if given {
			ways = append(ways, name)
		}
	}
	switch {
	case len(ways) > 1:
		return errors.New("use only one of a rate of calls, a rate of events, arrivals, and a population")
	case len(ways) == 0 && o.For > 0:
		return errors.New("a duration needs a rate of calls, such as 5/s")
	case len(ways) == 1 && len(o.Arrivals) == 0 && o.For <= 0 && o.Count == 0:
		return fmt.Errorf("%s needs an end: a count or a duration", ways[0])
	case !o.Events.IsZero() && o.Events.Per <= 0:
		return errors.New("a rate of events needs a period")
	case o.Population < 0 || o.Population > scenario.MaxAtOnce:
		return fmt.Errorf("a population of %d; want 1 to %d", o.Population, scenario.MaxAtOnce)
	case o.Count > scenario.MaxConversations:
		return fmt.Errorf("%d conversations; want at most %d", o.Count, uint64(scenario.MaxConversations))
	case len(ways) == 0 && o.Count > scenario.MaxAtOnce:
		return fmt.Errorf("%d conversations at once; want at most %d, or a rate of calls, such as 5/s", o.Count, scenario.MaxAtOnce)
	case !o.Events.IsZero() && o.Pool != nil:
		return errors.New("a rate of events and a pool of agents exclude each other, because the pool decides how much is sent: use a rate of calls, or no pool")
	case o.Shard.Of == 0 && o.Shard.Index > 0, o.Shard.Of > 0 && o.Shard.Index >= o.Shard.Of:
		return fmt.Errorf("there is no shard %d of %d; shards count from 0", o.Shard.Index, o.Shard.Of)
	}
	if err := o.checkWeights(scenarios); err != nil {
		return err
	}
	return o.checkPool()
}

func (o *Options) checkWeights(scenarios int) error {
	if o.Weights == nil {
		return nil
	}
	if len(o.Weights) != scenarios {
		return fmt.Errorf("there are %d weights for %d scenarios", len(o.Weights), scenarios)
	}
	sum := 0.0
	for i, w := range o.Weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("the weight of scenario %d is %g; want a number from 0", i+1, w)
		}
		sum += w
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return fmt.Errorf("the weights add up to %g; want more than 0", sum)
	}
	return nil
}

func (o *Options) checkPool() error {
	if o.Pool == nil {
		return nil
	}
	if n := o.Pool.Count; n < 1 || n > maxPool {
		return fmt.Errorf("a pool of %d agents; want 1 to %d", n, maxPool)
	}
	if s := o.Pool.Patience; s != nil && (s.Min() < 0 || s.Max() < s.Min()) {
		return fmt.Errorf("the patience %s is negative", s)
	}
	seen := map[string]int{}
	for i, u := range o.Pool.Agents {
		if first, double := seen[u.AgentID]; double && u.AgentID != "" {
			return fmt.Errorf("agents %d and %d of the pool are both %q", first+1, i+1, u.AgentID)
		}
		seen[u.AgentID] = i
	}
	return nil
}

// maxPool is how many agents a pool may have.
const maxPool = 1_000_000

// lastBirth is the moment from which on no conversation begins whose beginning is not known
// beforehand.
func (p *Plan) lastBirth() int64 {
	const horizon = 10 * 365 * 24 * time.Hour
	if p.until != endless {
		return p.until
	}
	return int64(cmp.Or(p.opts.For, horizon))
}

// checkSilence refuses populations and rates of events whose conversations send nothing.
func (p *Plan) checkSilence() error {
	if p.opts.Population == 0 && p.opts.Events.IsZero() {
		return nil
	}
	const tried = 1000
	pl := &play{texts: &texts{}}
	for i := range min(tried, p.count) {
		pl.begin(p, i, 0)
		if p.stopped() || pl.cast.roles != nil || pl.prepare() || p.opts.Population > 0 && max(pl.clock, pl.now) > 0 {
			return nil
		}
	}
	return fmt.Errorf("the first %d conversations produce no notifications", min(tried, p.count))
}

// checkIDs refuses a list of conversation identifiers that is too short.
func (p *Plan) checkIDs() error {
	given := uint64(len(p.opts.ConversationIDs))
	switch {
	case given == 0:
		return nil
	case p.count == unknown:
		return fmt.Errorf("there are %d conversation IDs, but no limit on conversations: set a count of at most %d", given, given)
	case given < p.count:
		return fmt.Errorf("there are %d conversation IDs for %d conversations: give more IDs, or set a count of at most %d", given, p.count, given)
	}
	return nil
}

// maxArrivals is how long conversations may go on to begin. With scenario.MaxStory it
// keeps every moment within what times and notification IDs can hold.
const maxArrivals = 50 * 365 * 24 * time.Hour

// StartError is a start outside of what notification IDs can hold.
type StartError struct{ Start, First, Last time.Time } // First and Last are possible

// Error says which starts are possible.
func (e *StartError) Error() string {
	return fmt.Sprintf("the start %s is outside of what notification IDs can hold: from %s to %s",
		e.Start.Format(time.RFC3339), e.First.Format(time.RFC3339), e.Last.Format(time.RFC3339))
}

// checkTime refuses plans that begin or end outside of what notification IDs can hold.
func (p *Plan) checkTime() error {
	start, last := p.opts.Start, int64(0)
	switch {
	case p.opts.Population > 0 || !p.opts.Events.IsZero():
		last = p.lastBirth()
	case p.count > 0:
		last = p.beginning(p.count - 1)
	}
	if time.Duration(last) > maxArrivals {
		return fmt.Errorf("the last conversation would begin %d years after the first: use a higher rate or a lower count",
			time.Duration(last)/(365*24*time.Hour))
	}
	latest := seeded.LastTime.Add(-scenario.MaxStory - scenario.MaxSpan)
	if start.Before(seeded.FirstTime) || start.Add(time.Duration(last)).After(latest) {
		return &StartError{start, seeded.FirstTime, latest.Add(-time.Duration(last))}
	}
	return nil
}

// decideCount finds how many conversations the options ask for.
func (p *Plan) decideCount(scenarios int) (err error) {
	o, most := p.opts, uint64(1)<<62
	switch {
	case !o.Events.IsZero() || o.Population > 0:
		p.count = cmp.Or(o.Count, unknown)
		return nil
	case len(o.Arrivals) > 0:
		p.arrivals, err = newArrivals(o.Arrivals, seeded.From(o.Seed).With(nameArrival), cmp.Or(o.Count, maxEven), cmp.Or(o.For, maxArrivals), p.stopped)
		if err != nil {
			return err
		}
		if most = p.arrivals.count; o.For == 0 {
			p.count = most
			return nil
		}
	case o.For == 0:
		p.count = cmp.Or(o.Count, uint64(scenarios))
		return nil
	}
	low, high := uint64(0), most // the first conversation at or after For
	if o.Count > 0 {
		high = min(high, o.Count)
	}
	for low < high {
		middle := low + (high-low)/2
		if p.beginning(middle) < int64(o.For) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	p.count = low
	return nil
}
