package plan

import (
	"cmp"
	"fmt"
	"time"

	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/scenario"
)

// maxArrivals is how long conversations may go on to begin. With scenario.MaxStory it
// keeps every moment within what times and notification IDs can hold.
const maxArrivals = 50 * 365 * 24 * time.Hour

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
		return fmt.Errorf("the start %s is outside of what notification IDs can hold: from %s to %s",
			start.Format(time.RFC3339), seeded.FirstTime.Format(time.RFC3339), latest.Add(-time.Duration(last)).Format(time.RFC3339))
	}
	return nil
}

// decideCount finds how many conversations the options ask for.
func (p *Plan) decideCount(scenarios int) error {
	o, most := p.opts, uint64(1)<<62
	switch {
	case !o.Events.IsZero() || o.Population > 0:
		p.count = cmp.Or(o.Count, unknown)
		return nil
	case len(o.Arrivals) > 0:
		if err := p.decideArrivals(); err != nil {
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

// decideArrivals lays out the stretches.
func (p *Plan) decideArrivals() (err error) {
	o := &p.opts
	p.arrivals, err = newArrivals(o.Arrivals, seeded.From(o.Seed).With(nameArrival), cmp.Or(o.Count, maxEven), cmp.Or(o.For, maxArrivals))
	return err
}
