package capacity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/show"
)

// A consumer that refuses one notification of a hundred, however many there are, or answers it late, fails some windows by chance. It has no
// limit there.

const (
	doubtful = 0.5  // of the notifications that are refused: beyond a limit, twice the rate that fails has more refused, four times the rate far more
	late     = 0.2  // of those that are late: more are a queue, perhaps, which such rates would make long
	nearby   = 1.25 // times the rate that fails: up to there, what gives way is the same
	likely   = 0.05 // of what is called no chance, that it is one
	certain  = 0.01 // the same, where higher rates are at hand
	creeps   = 3    // confirmations that fail: then the rate that holds was chosen among several
	contrary = 2    // times a rate: who has accepted as much refuses nothing because of that rate; a reserve is less within a window
)

// misses are how many of how many notifications did not meet with what is asked for.
type misses struct{ missed, offered uint64 }

// add adds those of a window, which were refused, or answered too late.
func (m *misses) add(w *Window, by Break) {
	m.offered += w.Offered
	if m.missed += w.Offered - min(w.Answered, w.Offered); by == ByLatency {
		m.missed += w.Slow
	}
	m.missed = min(m.missed, m.offered)
}

func (m misses) share() float64 { return float64(m.missed) / float64(max(m.offered, 1)) }

// misses are those of all windows at some rates.
func (x *search) misses(by Break, at func(rate float64) bool) (m misses) {
	for i := range x.result.Steps {
		if s := &x.result.Steps[i]; s.Phase != Recover && s.Verdict != Own && at(s.Rate) {
			m.add(&s.Window, by)
		}
	}
	return m
}

// exceed reports whether so many more missed than of the others that it is no chance: by Fisher's exact test, one-sided.
func (m misses) exceed(others misses, chance float64) bool {
	if m.share() <= others.share() {
		return false
	}
	ways := func(n, k float64) float64 { // its logarithm
		a, _ := math.Lgamma(n + 1)
		b, _ := math.Lgamma(k + 1)
		c, _ := math.Lgamma(n - k + 1)
		return a - b - c
	}
	ours, theirs, missed := float64(m.offered), float64(others.offered), float64(m.missed+others.missed)
	p := 0.0
	for k := float64(m.missed); k <= min(missed, ours) && p < chance; k++ {
		term := math.Exp(ways(ours, k) + ways(theirs, missed-k) - ways(ours+theirs, missed))
		if p += term; term < 1e-12 {
			break
		}
	}
	return p < chance
}

// byChance reports whether something that chance decides may have failed a window: notifications that were refused, or answered late, one by one.
func (w *Window) byChance() bool {
	return w.Broke == ByRefusals || w.Broke == ByLatency && w.Growth == 0
}

// doubt looks whether few misses, in the first window that fails by them, are a matter of the rate: then rates that are higher have many
// more of them. It returns the window that says where the search goes on.
func (x *search) doubt(ctx context.Context, w *Window) (*Window, error) {
	var here, above misses
	if here.add(w, w.Broke); !w.byChance() || here.share() > map[Break]float64{ByRefusals: doubtful, ByLatency: late}[w.Broke] {
		return w, nil
	}
	if x.Tolerant || w.Broke == ByLatency { // some may be missed: of so few, the share is not known
		longer, err := x.ask(ctx, Ramp, w.Rate, max(narrowing, x.enough(w.Rate)))
		if err != nil || longer.Verdict == Holds || longer.Broke != w.Broke {
			return longer, err
		}
		w = longer
	}
	by := w.Broke
	below := x.misses(by, func(rate float64) bool { return rate <= w.Rate })
	last, rates := w, []float64{min(2*w.Rate, x.Most), min(4*w.Rate, x.Most)}
	for i, rate := range rates {
		over := shortest
		if i == len(rates)-1 {
			over = narrowing
		}
		if rate < nearby*w.Rate || rate == rates[len(rates)-1] && over == shortest {
			continue
		}
		c, err := x.ask(ctx, Compare, rate, over)
		if s, is := errors.AsType[*stopped](err); is && s.whose != Consumer { // so high a rate was never asked for
			return w, nil
		}
		if err == nil {
			err = x.recovered(ctx, rate)
		}
		if err != nil {
			return nil, err
		}
		if above.add(c, by); c.Verdict == Fails && c.Broke != by || above.exceed(below, certain) {
			return w, nil
		}
		last = c
	}
	if last == w { // the highest rate is too near
		return w, nil
	}
	if last.Verdict == Fails {
		return nil, x.noMatter(by, below, w.Rate, above, last.Rate)
	}
	x.forgive(w.Rate, last.Rate)
	return last, nil
}

// contradicts ends a search that falls to a rate which fails by refusals, though at a higher rate far more than that was accepted: whoever
// refuses most of what comes, such as all that it never saw begin, does so at any rate.
func (x *search) contradicts(w *Window) error {
	if w.Verdict != Fails || w.Broke != ByRefusals {
		return nil
	}
	for i := range x.result.Steps {
		s := &x.result.Steps[i]
		if s.decides() && s.Rate > w.Rate && s.Verdict == Fails && s.Broke == ByRefusals && float64(s.Answered) >= contrary*w.Rate*s.Seconds {
			at := func(rate float64) misses { return x.misses(ByRefusals, func(r float64) bool { return r == rate }) }
			return x.noMatter(ByRefusals, at(w.Rate), w.Rate, at(s.Rate), s.Rate)
		}
	}
	return nil
}

// forgive lets the windows that failed up to a rate say nothing of a limit, since a window at that rate, which is higher, held.
func (x *search) forgive(failed, held float64) {
	for i := range x.result.Steps {
		switch s := &x.result.Steps[i]; {
		case s.Rate >= failed && s.Rate < held && s.decides() && s.Verdict == Fails:
			s.Phase = Compare
		case s.Rate == held && s.Phase == Compare:
			s.Phase = Ramp
		}
	}
	x.low, x.high = x.between()
}

// noMatter ends a search in which what is missed has to do with something else than the rate.
func (x *search) noMatter(by Break, below misses, low float64, above misses, high float64) error {
	x.low, x.high = 0, 0 // neither is a limit
	what, verb, advice := "slow responses", "answered too late", "; they are slow by themselves, whatever is offered"
	if by == ByRefusals {
		what, verb, advice = "refusals", "not accepted", ""
		all := misses{below.missed + above.missed, below.offered + above.offered}
		for _, percent := range []float64{0.1, 0.2, 0.5, 1, 2, 5, 10, 20} {
			if percent >= 200*all.share() {
				advice = fmt.Sprintf("; a gate 'refused < %g%%' lets them pass, and finds what else gives way", percent)
				break
			}
		}
	}
	cause := ""
	for i := range slices.Backward(x.result.Steps) {
		if s := &x.result.Steps[i]; by == ByRefusals && s.Verdict == Fails && s.Broke == by {
			why, _, _ := strings.Cut(s.Why, ";") // without a hint, which is for who was never accepted
			cause = ", such as " + why
			break
		}
	}
	return &stopped{fmt.Sprintf("%s are no matter of the rate: %d of %d notifications up to %s were %s, and %d of %d above, up to %s%s%s",
		what, below.missed, below.offered, show.PerSecond(low), verb, above.missed, above.offered, show.PerSecond(high), cause, advice), Consumer}
}

// discern makes certain that the rate that does not hold has more misses than what does: else the two are told apart by chance. What
// says something else when it is played for longer lets the search go on.
func (x *search) discern(ctx context.Context) error {
	for played := 0; ; played++ {
		failed := x.last(x.high)
		if failed == nil || !failed.byChance() {
			return nil
		}
		above := x.misses(failed.Broke, func(rate float64) bool { return rate >= x.high && rate <= nearby*x.high })
		below := x.misses(failed.Broke, func(rate float64) bool { return rate <= x.low })
		if above.exceed(below, likely) {
			return x.fresh(ctx, failed.Broke, above)
		}
		phase, rate, want := Retry, x.high, Fails
		switch played {
		case 0:
		case 1:
			phase, rate, want = Confirm, x.low, Holds
		default:
			return x.noMatter(failed.Broke, below, x.low, above, nearby*x.high)
		}
		w, err := x.ask(ctx, phase, rate, longest)
		if err != nil {
			return err
		}
		if x.anew = w.Verdict != want; x.anew {
			return x.recovered(ctx, rate)
		}
	}
}

// fresh holds the highest rate against chance once more where several confirmations have failed: the one that held may have been lucky, and
// what chose the rate says nothing of it. So a window is played that nothing was chosen by.
func (x *search) fresh(ctx context.Context, by Break, above misses) error {
	failed := 0
	for i := range x.result.Steps {
		if s := &x.result.Steps[i]; s.Phase == Confirm && s.Verdict == Fails && s.byChance() {
			failed++
		}
	}
	if failed < creeps {
		return nil
	}
	w, err := x.ask(ctx, Confirm, x.low, longest)
	if err != nil {
		return err
	}
	var here misses
	switch here.add(w, by); {
	case !above.exceed(here, likely):
	case w.Verdict == Holds:
		return nil
	default:
		x.anew = true
		return x.recovered(ctx, w.Rate)
	}
	return x.noMatter(by, here, w.Rate, above, nearby*w.Rate)
}

// mayBe reports whether a window at a rate that held has no more misses than others that held, so that it may have failed by chance.
func (x *search) mayBe(w *Window) bool {
	var here misses
	here.add(w, w.Broke)
	return w.byChance() && !here.exceed(x.misses(w.Broke, func(rate float64) bool { return rate <= x.low && rate != w.Rate }), likely)
}

// last is the last window at a rate that is about the limit; nil: there is none.
func (x *search) last(rate float64) *Window {
	for i := range slices.Backward(x.result.Steps) {
		if s := &x.result.Steps[i]; s.decides() && s.Rate == rate {
			return &s.Window
		}
	}
	return nil
}
