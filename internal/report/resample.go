package report

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/show"
)

// What a bootstrap needs. With fewer seconds, how one differs from the next is not known; with fewer times behind a percentile,
// another run would have others there.
const (
	leastSeconds = 20 // with something in them; or periods of more seconds
	leastBehind  = 10 // times above the percentile, or below it
	resamples    = 999
)

// course is what a run did second by second, or in periods of more seconds: a row for each, also where nothing happened. Rows are
// summed up to each one, so that a block of them costs one subtraction a column.
type course struct {
	sums   [][]float64 // one more than there are rows
	alive  int         // rows with something in them
	period int64       // seconds of a row
}

// period is how many seconds a row stands for, so that both series have at most as many rows as they may have points. Where little
// happened for long, points are missing in between, and there may be more seconds than memory has room for.
func period(a, b *Series) int64 {
	step, last := int64(1), int64(0)
	for _, s := range []*Series{a, b} {
		if s != nil && len(s.Points) > 0 {
			step, last = max(step, s.Step), max(last, s.Points[len(s.Points)-1].At)
		}
	}
	for last/step > mostPoints {
		step *= 2
	}
	return step
}

// newCourse sums up the rows of a series. Row adds a point to one.
func newCourse(s *Series, period int64, columns int, row func(p *Point, row []float64)) *course {
	if s == nil || len(s.Points) == 0 {
		return &course{period: period}
	}
	at := func(p *Point) int { return int((p.At + period - 1) / period) }
	n := at(&s.Points[len(s.Points)-1])
	c := &course{sums: make([][]float64, n+1), period: period}
	cells := make([]float64, (n+1)*columns)
	for i := range c.sums {
		c.sums[i] = cells[i*columns : (i+1)*columns]
	}
	for i := range s.Points {
		row(&s.Points[i], c.sums[at(&s.Points[i])])
	}
	for i := 1; i <= n; i++ {
		something := false
		for at := range c.sums[i] {
			something = something || c.sums[i][at] > 0
			c.sums[i][at] += c.sums[i-1][at]
		}
		if something {
			c.alive++
		}
	}
	return c
}

// block is how many rows stay together.
func (c *course) block() int { return int(math.Ceil(math.Sqrt(float64(len(c.sums) - 1)))) }

// upTo gives a course so many rows; nothing happened in those that are added.
func (c *course) upTo(n int) {
	for len(c.sums) > 0 && len(c.sums) <= n {
		c.sums = append(c.sums, c.sums[len(c.sums)-1])
	}
}

// blocks are where the blocks of a draw begin, of which there are enough for all rows. They begin anywhere and go round at the end.
func (c *course) blocks(r *rand.Rand) (from []int) {
	n := len(c.sums) - 1
	for left := n; left > 0; left -= c.block() {
		from = append(from, r.IntN(n))
	}
	return from
}

// add adds up the rows of blocks, as many rows as there are. Neighbours stay together, since seconds that follow one another are
// alike: a pause of the consumer, or a second that filled its queue, lasts.
func (c *course) add(blocks []int, into []float64) {
	clear(into)
	n := len(c.sums) - 1
	between := func(from, to int) {
		for at := range into {
			into[at] += c.sums[to][at] - c.sums[from][at]
		}
	}
	for i, from := range blocks {
		size := min(c.block(), n-i*c.block())
		between(from, min(from+size, n))
		if from+size > n {
			between(0, from+size-n)
		}
	}
}

// bootstrap is the interval of the factor between statistics of two courses. Of runs in pace, the same seconds are drawn of both: the
// plan had the same in store for them, and what it makes of a second is no chance. It draws the same each time.
func bootstrap(a, b *course, inPace bool, ofA, ofB func(sums []float64) float64) interval {
	if few := min(a.alive, b.alive); few < leastSeconds {
		what := show.Counted(uint64(few), "second")
		if a.period > 1 {
			what = fmt.Sprintf("%s of %d seconds", show.Counted(uint64(few), "period"), a.period)
		}
		return unknown(fmt.Sprintf("the reports have data of %s; want %d or more of each run", what, leastSeconds))
	}
	if inPace {
		a.upTo(len(b.sums) - 1)
		b.upTo(len(a.sums) - 1)
	}
	r := rand.New(rand.NewPCG(72, uint64(len(a.sums))<<32|uint64(len(b.sums))))
	sumsA, sumsB := make([]float64, len(a.sums[0])), make([]float64, len(b.sums[0]))
	factors := make([]float64, 0, resamples)
	for range resamples {
		blocks := a.blocks(r)
		a.add(blocks, sumsA)
		if !inPace {
			blocks = b.blocks(r)
		}
		b.add(blocks, sumsB)
		if factor := ofB(sumsB) / ofA(sumsA); !math.IsNaN(factor) {
			factors = append(factors, factor)
		}
	}
	if len(factors) < resamples {
		return unknown("some seconds have no data to compare")
	}
	slices.Sort(factors)
	const tail = resamples / 40 // 2.5%
	factor := ofB(b.sums[len(b.sums)-1]) / ofA(a.sums[len(a.sums)-1])
	wider := student(min((len(a.sums)-1)/a.block(), (len(b.sums)-1)/b.block())-1) / twoSided
	if !(factor > 0) || math.IsInf(factor, 0) {
		return interval{factors[tail], factors[resamples-1-tail], "by resampling seconds", true}
	}
	reach := func(to float64) float64 { return factor * math.Pow(to/factor, wider) }
	return interval{reach(min(factor, factors[tail])), reach(max(factor, factors[resamples-1-tail])), "by resampling seconds", true}
}

// student is how many standard deviations leave 2.5% on either side where these themselves are known from a few blocks only: of
// Student's distribution, approximately. Few blocks vary less among one another than those of another run would.
func student(freedom int) float64 {
	const z = twoSided
	f := float64(max(1, freedom))
	return z + (z*z*z+z)/(4*f) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*f*f)
}

// rates is a course of two figures, of which the one over the other is asked for.
func (s *Series) rates(period int64, figures func(*Point) (of, per float64)) *course {
	return newCourse(s, period, 2, func(p *Point, row []float64) {
		of, per := figures(p)
		row[0], row[1] = row[0]+of, row[1]+per
	})
}

func quotient(sums []float64) float64 { return sums[0] / sums[1] }

// resampledRate is the interval of the factor of a sum over another, such as accepted notifications a second.
func resampledRate(a, b *Series, inPace bool, figures func(*Point) (of, per float64)) interval {
	each := period(a, b)
	return bootstrap(a.rates(each, figures), b.rates(each, figures), inPace, quotient, quotient)
}

// times are the course of a distribution: its columns are the buckets of the series, whose times the whole histogram tells apart.
type times struct {
	*course
	buckets []timesIn
}

// timesIn are all times of a run in a bucket of the series, in order.
type timesIn struct {
	top   int64
	each  [][2]int64 // a time, and how many there are up to it
	total float64    // their sum
}

// count is how many there are.
func (t *timesIn) count() float64 { return float64(t.each[len(t.each)-1][1]) }

// newTimes takes the distribution of the whole run, and its share of each point. Points' buckets that the histogram does not
// know are left out.
func newTimes(s *Series, period int64, d *Distribution, of func(*Point) *Spread) *times {
	t := &times{}
	for _, bar := range d.counts().Distribution() {
		if bar.Count == 0 {
			continue
		}
		top := bucketTop(bar.From)
		if n := len(t.buckets); n == 0 || t.buckets[n-1].top != top {
			t.buckets = append(t.buckets, timesIn{top: top})
		}
		in, before := &t.buckets[len(t.buckets)-1], int64(0)
		if n := len(in.each); n > 0 {
			before = in.each[n-1][1]
		}
		in.each = append(in.each, [2]int64{bar.To, before + bar.Count})
		in.total += float64(bar.From+bar.To) / 2 * float64(bar.Count)
	}
	t.course = newCourse(s, period, len(t.buckets), func(p *Point, row []float64) {
		spread := of(p)
		if spread == nil {
			return
		}
		for _, b := range spread.Buckets {
			if at, found := slices.BinarySearchFunc(t.buckets, b[0], func(in timesIn, top int64) int { return cmp.Compare(in.top, top) }); found {
				row[at] += float64(b[1])
			}
		}
	})
	return t
}

// percentile is the time that so many percent of the drawn ones do not exceed. Within a bucket, times are as in the whole run.
func (t *times) percentile(sums []float64, p float64) float64 {
	all := 0.0
	for _, n := range sums {
		all += n
	}
	rank := max(1, math.Floor(p/100*all+0.5))
	for at, n := range sums {
		if n < rank {
			rank -= n
			continue
		}
		in := &t.buckets[at]
		among := int64(math.Ceil(rank / n * in.count()))
		i, _ := slices.BinarySearchFunc(in.each, among, func(each [2]int64, among int64) int { return cmp.Compare(each[1], among) })
		return float64(in.each[min(i, len(in.each)-1)][0])
	}
	return math.NaN()
}

func (t *times) mean(sums []float64) float64 {
	all, total := 0.0, 0.0
	for at, n := range sums {
		all += n
		total += n * t.buckets[at].total / t.buckets[at].count()
	}
	return total / all
}

// resampledTimes is the interval of the factor of a statistic.
func resampledTimes(a, b *times, inPace bool, g gate.Gate) interval {
	p, is := g.Percentile()
	of := func(t *times) func([]float64) float64 {
		if !is {
			return t.mean
		}
		return func(sums []float64) float64 { return t.percentile(sums, p) }
	}
	return bootstrap(a.course, b.course, inPace, of(a), of(b))
}
