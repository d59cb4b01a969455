package capacity

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/ringback/ringback/internal/show"
)

// A consumer that refuses one notification of a hundred, however many there are, fails some windows by chance. It has no limit there.

const (
	doubtful = 0.2  // of the notifications: beyond a limit, twice the rate that fails has at least half of them refused, which is far more
	nearby   = 1.25 // times the rate that fails: up to there, what refuses is the same
	chance   = 0.01 // of what is called certain, that it is none
)

// refusals are how many of how many notifications were not accepted.
type refusals struct{ refused, offered uint64 }

func (r *refusals) add(w *Window) {
	r.offered += w.Offered
	r.refused += w.Offered - min(w.Answered, w.Offered)
}

func (r refusals) share() float64 { return float64(r.refused) / float64(max(r.offered, 1)) }

// refusals are those of all windows at some rates.
func (x *search) refusals(at func(rate float64) bool) (r refusals) {
	for i := range x.result.Steps {
		if s := &x.result.Steps[i]; s.Phase != Recover && s.Verdict != Own && at(s.Rate) {
			r.add(&s.Window)
		}
	}
	return r
}

// exceed reports whether so many more are refused than of the others that it is no chance: by Fisher's exact test, one-sided.
func (r refusals) exceed(others refusals, chance float64) bool {
	all, refused := float64(r.offered+others.offered), float64(r.refused+others.refused)
	ways := func(n, k float64) float64 {
		a, _ := math.Lgamma(n + 1)
		b, _ := math.Lgamma(k + 1)
		c, _ := math.Lgamma(n - k + 1)
		return a - b - c
	}
	if r.share() <= others.share() {
		return false
	}
	p := 0.0
	for k := float64(r.refused); k <= min(refused, float64(r.offered)); k++ {
		term := math.Exp(ways(float64(r.offered), k) + ways(float64(others.offered), refused-k) - ways(all, refused))
		if p += term; p >= chance || term < 1e-12 {
			break
		}
	}
	return p < chance
}

// doubt looks whether few refusals, in the first window that has some, are a matter of the rate: then rates that are higher have many
// more of them. It returns what is to be said of the rate.
func (x *search) doubt(ctx context.Context, w *Window) (*Window, error) {
	var here, above refusals
	if here.add(w); w.Broke != ByRefusals || here.share() > doubtful {
		return w, nil
	}
	if x.Tolerant { // of so few, the share is not known
		longer, err := x.ask(ctx, Ramp, w.Rate, max(narrowing, x.enough(w.Rate)))
		if err != nil || longer.Verdict == Holds {
			return longer, err
		}
		w = longer
	}
	below := x.refusals(func(rate float64) bool { return rate <= w.Rate })
	for _, higher := range []float64{2, 4} {
		rate := w.Rate * higher
		if rate > x.Most {
			return w, nil
		}
		over := shortest
		if higher > 2 {
			over = narrowing
		}
		c, err := x.ask(ctx, Compare, rate, over)
		if s, is := errors.AsType[*stopped](err); is && s.whose != Consumer { // so high a rate was never asked for
			return w, nil
		}
		if err == nil {
			err = x.recovered(ctx, rate)
		}
		if above.add(c); err != nil || c.Verdict == Fails && c.Broke != ByRefusals || above.exceed(below, chance) {
			return w, err
		}
		if higher > 2 && c.Verdict == Fails {
			return nil, x.noMatter(below, w.Rate, above, rate)
		}
	}
	return w, nil
}

// noMatter ends a search in which refusals have to do with something else than the rate.
func (x *search) noMatter(below refusals, low float64, above refusals, high float64) error {
	x.low, x.high = 0, 0 // neither is a limit
	all := refusals{below.refused + above.refused, below.offered + above.offered}
	allow := ""
	for _, percent := range []float64{0.1, 0.2, 0.5, 1, 2, 5, 10, 20} {
		if percent >= 200*all.share() {
			allow = fmt.Sprintf("; a gate 'refused < %g%%' lets them pass, and finds what else gives way", percent)
			break
		}
	}
	return &stopped{fmt.Sprintf("refusals are no matter of the rate: %d of %d notifications up to %s were not accepted, and %d of %d above, up to %s%s",
		below.refused, below.offered, show.PerSecond(low), above.refused, above.offered, show.PerSecond(high), allow), Consumer}
}

// discern makes certain that the rate that does not hold has more refusals than what does: else the two are told apart by chance. What
// says something else when it is played for longer lets the search go on.
func (x *search) discern(ctx context.Context) error {
	for played := 0; x.brokeBy(x.high) == ByRefusals; played++ {
		above, below := x.refusals(func(rate float64) bool { return rate >= x.high && rate <= nearby*x.high }), x.refusals(func(rate float64) bool { return rate <= x.low })
		if above.exceed(below, 5*chance) {
			return nil
		}
		phase, rate, want := Retry, x.high, Fails
		switch played {
		case 0:
		case 1:
			phase, rate, want = Confirm, x.low, Holds
		default:
			return x.noMatter(below, x.low, above, x.high)
		}
		w, err := x.ask(ctx, phase, rate, longest)
		if err != nil {
			return err
		}
		if x.anew = w.Verdict != want; x.anew {
			return x.recovered(ctx, rate)
		}
	}
	return nil
}

// byChance reports whether a window at a rate that held has no more refusals than others that held, so that it may have failed by chance.
func (x *search) byChance(w *Window) bool {
	var here refusals
	here.add(w)
	return w.Broke == ByRefusals && !here.exceed(x.refusals(func(rate float64) bool { return rate <= x.low && rate != w.Rate }), 5*chance)
}

// brokeBy is what gave way at a rate when it was played last.
func (x *search) brokeBy(rate float64) (by Break) {
	for i := range x.result.Steps {
		if s := &x.result.Steps[i]; s.decides() && s.Rate == rate {
			by = s.Broke
		}
	}
	return by
}
