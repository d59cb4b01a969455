package main

import (
	"time"

	"github.com/ringback/ringback/plan"
)

// mostTold is how many conversations have a line for each of their attempts; see decision
// record 0019.
const mostTold = 20

// isTraffic tells whether a run is watched as a whole rather than attempt by attempt: if it
// was asked for as traffic, or is too long to read. Conversations is asked only where the
// answer depends on it: some plans have to be walked to count them.
func isTraffic(o *plan.Options, conversations func() uint64) bool {
	asked := !o.Calls.IsZero() || !o.Events.IsZero() || len(o.Arrivals) > 0 || o.Population > 0
	return asked || conversations() > mostTold
}

// mostMeasured is how many conversations are walked to know how long a plan is.
const mostMeasured = 1000

// until is how long the plan is, or where that takes a walk to know, how long conversations go
// on to begin; 0 if even that is not known.
func (r *playing) until(o *plan.Options) (end time.Duration) {
	n := uint64(0)
	if independent := o.Events.IsZero() && o.Population == 0 && o.Pool == nil; independent {
		n = r.plan.Conversations()
	}
	switch {
	case n > 0 && n <= mostMeasured:
		return r.plan.Length()
	case o.For > 0:
		return o.For
	case !o.Calls.IsZero() && n > 0:
		return o.Calls.Moment(n - 1)
	}
	for _, s := range o.Arrivals {
		end += s.Over
	}
	return end
}

// gauge finds out what is worth knowing of the plan before it is played.
func (r *playing) gauge(o *plan.Options) {
	r.traffic = isTraffic(o, r.plan.Conversations)
	r.length = r.until(o)
	r.grows = o.Population > 0 || !o.Events.IsZero()
	if !o.Events.IsZero() {
		r.rate = float64(o.Events.Times) / o.Events.Per.Seconds() * float64(len(r.emitter.Targets))
	}
}
