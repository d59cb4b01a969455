package plan

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/nearest"
)

// AtEnd says what becomes of conversations that are under way when the time of the traffic is over.
type AtEnd uint8

// The choices. What a plan holds is the same with Drain and with Cut: nothing is due once the time is over. With Cut,
// nothing is sent either, so what waits then is left; see emitter.Emitter.CutAt.
const (
	Usual  AtEnd = iota // Drain for a rate of events, which is over after its time; Finish for everything else
	Finish              // they go on to their ends
	Drain               // nothing new is due; what was due is delivered
	Cut                 // nothing is sent any more
)

var endNames = [...]string{Finish: "finish", Drain: "drain", Cut: "cut"}

// ParseAtEnd reads finish, drain or cut.
func ParseAtEnd(text string) (AtEnd, error) {
	if err := nearest.OneOf(text, endNames[Finish:]); err != nil {
		return 0, err
	}
	return AtEnd(slices.Index(endNames[:], text)), nil
}

// String is finish, drain or cut; empty for Usual.
func (a AtEnd) String() string { return endNames[a] }

// checkEnd refuses an end without a time.
func (o *Options) checkEnd() error {
	switch {
	case int(o.AtEnd) >= len(endNames):
		return errors.New("there is no such end of the traffic")
	case o.AtEnd > Finish && o.For == 0 && len(o.Arrivals) == 0:
		return errors.New("traffic that is cut off or drained needs a time after which it is over")
	}
	return nil
}

// endless is the end of a plan whose conversations go on to their ends.
const endless = int64(math.MaxInt64)

// settleEnd finds the moment from which on nothing is due. A rate of events begins when even conversations that take long to
// their first notification have one, so that no slot of its time stays empty.
func (p *Plan) settleEnd() {
	if p.opts.AtEnd == Usual {
		p.opts.AtEnd = Finish
		if !p.opts.Events.IsZero() && p.opts.For > 0 {
			p.opts.AtEnd = Drain
		}
	}
	if p.opts.AtEnd == Finish {
		return
	}
	over := p.opts.For
	if over == 0 {
		for _, s := range p.opts.Arrivals {
			over += s.Over
		}
	}
	if r := p.opts.Events; !r.IsZero() {
		p.opening = int64(r.Moment((&slots{merge: merge{living: living{plan: p}}}).first(p.longestLead())))
	}
	p.until = p.opening + int64(over)
}

// longestLead is the longest time from the beginning of one of the first conversations to its first notification.
func (p *Plan) longestLead() (lead int64) {
	const tried = 1000
	pl := &play{texts: &texts{}}
	for i := range min(tried, p.count) {
		if pl.begin(p, i, 0); pl.prepare() {
			lead = max(lead, pl.due())
		}
	}
	return lead
}

// AtEnd is what becomes of conversations that are under way when the time of the traffic is over: never Usual.
func (p *Plan) AtEnd() AtEnd { return p.opts.AtEnd }

// Until is the moment after the start from which on nothing is due, if the traffic is cut off or drained; otherwise ok is
// false.
func (p *Plan) Until() (end time.Duration, ok bool) {
	return time.Duration(p.until), p.until != endless
}

// About is how long the plan takes, as far as that is known without a walk through all of it: its end, or when the last
// conversation begins and the longest time that one of the first took. It is 0 where even the beginning of the last one is not known.
func (p *Plan) About() time.Duration {
	if p.until != endless {
		return time.Duration(p.until)
	}
	last, known := p.lastBeginning()
	if !known {
		return 0
	}
	return time.Duration(last) + p.longest()
}

// Within is a time that the plan does not exceed but by the rarest chance, found without a walk through all of it: four times as
// much as one of the first conversations took, behind the beginning of the last one, as late as that can be.
func (p *Plan) Within() time.Duration {
	if p.until != endless {
		return time.Duration(p.until)
	}
	const reserve = 4
	each := p.longest() // more than the average
	longest := reserve * each
	last, _ := p.lastBeginning()
	count := float64(p.count)
	if p.count == unknown {
		count = 0 // For says when the last one begins
	}
	switch o := &p.opts; {
	case o.Population > 0: // each begins where another one ends
		last = max(last, int64(count/float64(o.Population)*float64(each)))
	case !o.Events.IsZero(): // or when there is a slot
		last = max(last, int64(1.2*count*p.sampled().notifications*float64(o.Events.Per)/float64(o.Events.Times)))
	case o.Pool != nil: // or when there is an agent
		longest += time.Duration(count / float64(o.Pool.Count) * float64(each))
	}
	return min(time.Duration(last)+longest, maxArrivals)
}

// lastBeginning is when the last conversation begins, if that is known.
func (p *Plan) lastBeginning() (at int64, known bool) {
	switch {
	case p.count == 0:
		return 0, true
	case p.count != unknown && (!p.coupled() || p.opts.Pool != nil):
		return p.beginning(p.count - 1), true
	case p.opts.For > 0:
		return int64(p.opts.For), true
	}
	return 0, false
}

// longest is the longest time that one of the first conversations takes, if each has an agent at once.
func (p *Plan) longest() (most time.Duration) {
	const tried = 100
	pl, alone := &play{texts: &texts{}}, p.alone()
	for i := range min(tried, p.count) {
		for pl.begin(alone, i, 0); pl.prepare(); pl.drop() {
			most = max(most, time.Duration(pl.due()))
		}
		most = max(most, time.Duration(pl.clock))
	}
	return most
}

// ending is a source that ends with the plan's time.
type ending struct {
	source
	until int64
	past  *past // what is kept for later; nil: nothing
}

func (e *ending) next(n *Notification) bool {
	if !e.source.next(n) || int64(n.Due) >= e.until {
		return false
	}
	if e.past != nil {
		for uint64(len(e.past.given)) <= n.Story {
			e.past.given = append(e.past.given, 0)
		}
		if e.past.given[n.Story]++; n.Story < e.past.first && !e.follows() {
			e.past.over++
		}
	}
	return true
}

// sends reports whether the next notification of a conversation that is played again was due before the plan's end, given
// that so many of it were. A rate of events moves them into slots, which only a walk knows.
func (p *Plan) sends(pl *play, given uint32) bool {
	switch {
	case p.until == endless:
		return true
	case p.opts.Events.IsZero():
		return pl.due() < p.until
	}
	all := p.known(pl.index).given
	return pl.index < uint64(len(all)) && given < all[pl.index]
}
