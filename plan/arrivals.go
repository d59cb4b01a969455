package plan

import (
	"fmt"
	"math"
	"sort"
	"time"

	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/scenario"
)

// arrivals is when conversations begin, stretch by stretch.
//
// Evenly, the i-th one begins when the integral of the rate reaches i; what is left of it at
// the end of a stretch counts for the next even one. At random, a Poisson process of unit
// rate runs in the integral, so that the rate may change as it likes; its steps are named by
// stretch and number, so that another rate here moves nothing there.
type arrivals struct {
	parts []part
	count uint64
}

// part is one stretch.
type part struct {
	Stretch
	key    seeded.Key // of the steps of its Poisson process
	start  int64      // ns after the plan's start
	first  uint64     // the conversation that begins first in it
	count  uint64     // how many do
	offset float64    // even: the integral when the first one does
	sums   []float64  // Poisson: the integral at every checkpointEvery-th one
}

// Bounds of what arrivals may ask for.
const (
	checkpointEvery = 32
	maxEven         = 1e12 // conversations that begin evenly
	maxRandom       = 1e8  // and at random, since these are counted one by one
)

// newArrivals lays out stretches, as far as the first most conversations and the moment
// until go, unless somebody ends it.
func newArrivals(stretches []Stretch, key seeded.Key, most uint64, until time.Duration, stopped func() bool) (*arrivals, error) {
	a := &arrivals{}
	carry, start, even, random := 0.0, int64(0), 0.0, 0.0
	for i, s := range stretches {
		area := integral(s)
		switch {
		case s.Over <= 0:
			return nil, fmt.Errorf("arrivals: stretch %d lasts %s; want a time above 0", i+1, s.Over)
		case !s.From.IsZero() && s.From.Per <= 0, !s.To.IsZero() && s.To.Per <= 0:
			return nil, fmt.Errorf("arrivals: a rate of stretch %d needs a period", i+1)
		case start > int64(maxArrivals)-int64(s.Over):
			return nil, fmt.Errorf("arrivals: stretch %d ends more than %d years after the start", i+1, maxArrivals/(365*24*time.Hour))
		case s.Poisson:
			random += area
		default:
			even += area
		}
		if even > maxEven || random > maxRandom {
			return nil, fmt.Errorf("arrivals: %g evenly spaced and %g random conversations by the end of stretch %d; at most %g and %g are possible",
				even, random, i+1, maxEven, maxRandom)
		}
		if start < int64(until) && a.count < most {
			p := part{Stretch: s, key: key.With(uint64(i)), start: start, first: a.count, offset: carry}
			if s.Poisson {
				p.throw(area, most-a.count, stopped)
			} else {
				carry = p.lay(area, most-a.count)
			}
			a.count += p.count
			a.parts = append(a.parts, p)
		}
		start += int64(s.Over)
	}
	return a, nil
}

// integral is how many conversations begin in a stretch on average.
func integral(s Stretch) float64 {
	if s.From.Per == s.To.Per && s.From.Per > 0 { // exact, for sensible numbers
		return float64(s.Over) * float64(s.From.Times+s.To.Times) / (2 * float64(s.From.Per))
	}
	return float64(s.Over) * (perNanosecond(s.From) + perNanosecond(s.To)) / 2
}

func perNanosecond(r scenario.Rate) float64 {
	if r.IsZero() {
		return 0
	}
	return float64(r.Times) / float64(r.Per)
}

// lay counts the conversations of an even stretch, and gives the integral that is still
// missing for the next one.
func (p *part) lay(area float64, most uint64) (carry float64) {
	crumb := area * 1e-14 // what rounding may add to an integral that is a whole number
	n := max(0, math.Ceil(area-p.offset-crumb))
	p.count = min(uint64(n), most)
	return max(0, p.offset+n-area)
}

// throw counts those of a Poisson stretch.
func (p *part) throw(area float64, most uint64, stopped func() bool) {
	sum := 0.0
	for p.count < most && (p.count%looks != 0 || !stopped()) {
		if sum += exponential(p.key, p.count); sum >= area {
			return
		}
		if p.count%checkpointEvery == 0 {
			p.sums = append(p.sums, sum)
		}
		p.count++
	}
}

// exponential is the n-th step of the Poisson process of a stretch.
func exponential(stretch seeded.Key, n uint64) float64 {
	src := stretch.With(n).Source()
	return src.Exponential()
}

// when is the moment of the stretch at which the integral has a value, in ns after the plan's
// start.
func (p *part) when(x float64) int64 {
	var t float64
	if from, to := perNanosecond(p.From), perNanosecond(p.To); from == to {
		t = x * float64(p.From.Per) / float64(p.From.Times)
	} else {
		// of t·from + t²·(to-from)/2T = x, the root that does not cancel out
		d := float64(from*from) + 2*(to-from)*x/float64(p.Over)
		t = 2 * x / (from + math.Sqrt(max(0, d)))
	}
	if !(t > 0) { // at a rate of 0, too
		t = 0
	}
	const crumb = 1e-3 // of a nanosecond: so that exact moments are not rounded down
	return p.start + min(int64(math.Floor(t+crumb)), int64(p.Over)-1)
}

// cursor finds beginnings one after the other cheaply, and any other one acceptably: within
// checkpointEvery steps of a random stretch.
type cursor struct {
	*arrivals
	part int
	at   uint64  // of the random stretch, the conversation
	sum  float64 // at which the integral is this; 0: none
}

// moment is when the i-th conversation begins; i must be below the count.
func (c *cursor) moment(i uint64) int64 {
	if p := &c.parts[c.part]; i < p.first || i >= p.first+p.count {
		c.part = sort.Search(len(c.parts), func(k int) bool { return c.parts[k].first+c.parts[k].count > i })
		c.sum = 0
	}
	p := &c.parts[c.part]
	n := i - p.first
	if !p.Poisson {
		return p.when(p.offset + float64(n))
	}
	if c.sum == 0 || n < c.at || n-c.at > checkpointEvery {
		k := n / checkpointEvery
		c.at, c.sum = k*checkpointEvery, p.sums[k]
	}
	for c.at < n {
		c.at++
		c.sum += exponential(p.key, c.at)
	}
	return p.when(c.sum)
}

// births tells one walk when conversations begin, where that is known beforehand.
type births struct {
	plan   *Plan
	cursor cursor
	index  uint64 // of the latest answer, +1
	moment int64
}

// at is when the i-th conversation begins.
func (b *births) at(i uint64) int64 {
	if b.index == i+1 {
		return b.moment
	}
	b.index, b.moment = i+1, 0
	switch p := b.plan; {
	case p.arrivals != nil:
		if b.cursor.arrivals == nil {
			b.cursor.arrivals = p.arrivals
		}
		b.moment = b.cursor.moment(i)
	case !p.opts.Calls.IsZero():
		b.moment = int64(p.opts.Calls.Moment(i))
	}
	return b.moment
}

// beginning is when the i-th conversation begins: planned, or as it came.
func (p *Plan) beginning(i uint64) int64 {
	b := births{plan: p}
	return b.at(i)
}
