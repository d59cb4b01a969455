package watch

import (
	"time"

	"github.com/ringback/ringback/plan"
)

// Extent is what is worth knowing of a plan before it is played.
type Extent struct {
	Traffic bool          // it is followed as a whole, not attempt by attempt
	Length  time.Duration // 0 if it is not known
	Rate    float64       // notifications per second of the plan; 0 if it is not known
	Grows   bool          // how many conversations there are shows only as the plan is walked
}

// Measured is what can be measured: a plan, or a recording.
type Measured interface {
	Conversations() uint64
	Length() time.Duration
}

// estimated is a plan that tells about how long it takes, without a walk through all of it.
type estimated interface{ About() time.Duration }

// Measure measures what is played with these options.
func Measure(p Measured, o *plan.Options) Extent {
	e := Extent{Traffic: isTraffic(o, p.Conversations), Length: length(p, o), Grows: o.Population > 0 || !o.Events.IsZero()}
	if !o.Events.IsZero() {
		e.Rate = float64(o.Events.Times) / o.Events.Per.Seconds()
	}
	return e
}

// mostListed is how many conversations have a line for each of their attempts; see decision
// record 0019.
const mostListed = 20

// isTraffic reports whether a run is followed as a whole rather than attempt by attempt: if
// it was asked for as traffic, or is too long to read. Conversations is asked only where the
// answer depends on it: some plans have to be walked to count them.
func isTraffic(o *plan.Options, conversations func() uint64) bool {
	asked := !o.Calls.IsZero() || !o.Events.IsZero() || len(o.Arrivals) > 0 || o.Population > 0
	return asked || conversations() > mostListed
}

// mostMeasured is how many conversations are walked to know how long a plan is.
const mostMeasured = 1000

// length is how long the plan is, or where that takes a walk to know, how long conversations
// go on to begin; 0 if even that is not known.
func length(p Measured, o *plan.Options) (end time.Duration) {
	n := uint64(0)
	if independent := o.Events.IsZero() && o.Population == 0 && o.Pool == nil; independent {
		n = p.Conversations()
	}
	switch {
	case n > 0 && n <= mostMeasured:
		return p.Length()
	}
	if e, is := p.(estimated); is {
		return e.About()
	}
	switch {
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
