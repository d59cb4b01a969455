package capacity

import (
	"math"
	"slices"
	"time"
)

// Backlog is how many notifications were due and had no answer, throughout a window.
type Backlog struct {
	all              []exchange
	due, done, right []time.Duration // since the beginning of the window
}

// exchange is a notification and its answer.
type exchange struct{ due, done time.Duration }

// Add adds one that was due at a moment. Done is when it had its answer, and right whether that is the one of a correct consumer; a
// done below 0 means that it never had one.
func (b *Backlog) Add(due, done time.Duration, right bool) {
	b.due = append(b.due, due)
	b.all = append(b.all, exchange{due, done})
	if done < 0 {
		return
	}
	b.done = append(b.done, done)
	if right {
		b.right = append(b.right, done)
	}
}

// PerSecond is how many right answers there were each second between two moments.
func (b *Backlog) PerSecond(from, to time.Duration) float64 {
	n := 0
	for _, d := range b.right {
		if d > from && d <= to {
			n++
		}
	}
	return float64(n) / (to - from).Seconds()
}

const (
	looks     = 100  // moments at which the backlog is looked at
	atLeast   = 5    // by how many notifications it must have grown
	ofRate    = 0.01 // and by which share of the rate, each second
	deviation = 4    // and by how many standard deviations of what is no growth
)

// Growth is by how much the backlog grew each second, in the last two thirds of a window that took over: the slope of the
// straight line that fits it best. It is 0 unless that is certain: more than 1 % of the rate, more than 5 notifications in all, more than
// four times what the backlog moves up and down around the line, and if answers take longer and longer: a backlog also grows at first where each
// answer takes its time, however high the rate.
func (b *Backlog) Growth(over time.Duration) float64 {
	slices.Sort(b.due)
	slices.Sort(b.done)
	from := over / 3
	var x, y [looks]float64
	var due, done int
	for i := range looks {
		at := from + (over-from)*time.Duration(i)/(looks-1)
		for due < len(b.due) && b.due[due] <= at {
			due++
		}
		for done < len(b.done) && b.done[done] <= at {
			done++
		}
		x[i], y[i] = at.Seconds(), float64(due-done)
	}
	slope, rest := line(x[:], y[:])
	grown, rate := slope*(over-from).Seconds(), float64(len(b.due))/over.Seconds()
	if grown < max(atLeast, deviation*rest) || slope < ofRate*rate || !b.slowed(slope, over) {
		return 0
	}
	return slope
}

// slowed reports whether answers to what was due at the end took longer than to what was due at the beginning: by half of what a queue that
// grows so fast would add.
func (b *Backlog) slowed(slope float64, over time.Duration) bool {
	first, last := b.median(0, over/3), b.median(over-over/3, over)
	answered := 0
	for _, d := range b.done {
		if d > over/3 && d <= over {
			answered++
		}
	}
	if first == never || last == never || answered == 0 {
		return first != never || answered > 0 // of a window without any answer, nobody knows
	}
	perSecond := float64(answered) / (over - over/3).Seconds()
	return (last - first).Seconds() >= slope/perSecond*(over-over/3).Seconds()/2
}

// never is the latency of what had no answer.
const never = time.Duration(math.MaxInt64)

// median is how long the answers to what was due between two moments took.
func (b *Backlog) median(from, to time.Duration) time.Duration {
	var took []time.Duration
	for _, e := range b.all {
		switch {
		case e.due < from || e.due >= to:
		case e.done < 0:
			took = append(took, never)
		default:
			took = append(took, e.done-e.due)
		}
	}
	if len(took) == 0 {
		return never
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// line fits a straight line: its slope, and the standard deviation of the rest.
func line(x, y []float64) (slope, rest float64) {
	n := float64(len(x))
	var mx, my, xx, xy float64
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	for i := range x {
		xx += (x[i] - mx) * (x[i] - mx)
		xy += (x[i] - mx) * (y[i] - my)
	}
	if xx == 0 {
		return 0, 0
	}
	slope = xy / xx
	for i := range x {
		d := y[i] - my - slope*(x[i]-mx)
		rest += d * d / n
	}
	return slope, math.Sqrt(rest)
}
