package capacity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/show"
)

// same plays the first rate that held again. A consumer that became slower meanwhile has no limit that could be named. One that became faster
// takes more, perhaps what failed while the rate rose: that is played again, too.
func (x *search) same(ctx context.Context) (err error) {
	if x.first == nil {
		return nil
	}
	var w *Window
	for _, over := range []time.Duration{shortest, max(narrowing, x.enough(x.first.Rate))} { // a pause of anything on the way says nothing of the consumer
		if w, err = x.ask(ctx, Again, x.first.Rate, over); err != nil {
			return err
		}
		if (w.Verdict == Holds || x.mayBe(w)) && !slowerThan(w, x.first) {
			return x.retry(ctx, w)
		}
	}
	switch {
	case w.Verdict == Fails:
		return &stopped{fmt.Sprintf("the consumer is not what it was: %s held at first and does not any more: %s", show.PerSecond(x.first.Rate), w.Why), Consumer}
	default:
		return &stopped{fmt.Sprintf("the consumer is not what it was: at %s the median response took %s at first and takes %s now", show.PerSecond(x.first.Rate), micros(x.first.P50), micros(w.P50)), Consumer}
	}
}

// retry plays the rate that failed again, if that was in a short window while the rate rose, or the first rate is now answered in half of the time.
func (x *search) retry(ctx context.Context, again *Window) error {
	for _, s := range slices.Backward(x.result.Steps) {
		if s.Rate != x.high || !s.decides() {
			continue
		}
		if s.Broke == ByRefusals || s.Phase != Ramp && (2*again.P50 > x.first.P50 || again.P50+noise > x.first.P50) {
			break
		}
		_, err := x.ask(ctx, Retry, x.high, narrowing)
		return err
	}
	return nil
}

// slowerThan reports whether a window at a rate is much slower than another one at that rate.
func slowerThan(w, before *Window) bool {
	return float64(w.P50) > slower*float64(before.P50) && w.P50 > before.P50+unnoticed
}

// tookNothing reports whether next to nothing was accepted so far: a few may come through before a consumer stops.
func (x *search) tookNothing() bool {
	return x.misses(ByRefusals, func(float64) bool { return true }).share() >= 0.95
}

// recovered waits until the consumer answers a low rate as fast as at first.
func (x *search) recovered(ctx context.Context, failed float64) error {
	rate := failed / 10
	if x.first != nil {
		rate = min(max(rate, 1), x.first.Rate)
	}
	last := x.result.Steps[len(x.result.Steps)-1].Window
	if last.Broke == ByRefusals && last.Growth == 0 && 2*last.Answered > last.Offered {
		return ctx.Err() // it answers at once, so there is nothing to recover from, and a pause would only fill a bucket of tokens
	}
	for until, same := x.Now().Add(patience), 0; ; {
		if x.end.Sub(x.Now()) < 2*settling {
			return &stopped{"the time was over", Budget}
		}
		w, err := x.Offer(ctx, rate, settling)
		if err != nil {
			return err
		}
		x.told(Step{Recover, w})
		if last.failsAs(&w) {
			same++
		}
		switch {
		case w.Verdict == Holds && (x.first == nil || !slowerThan(&w, x.first)):
			return ctx.Err()
		case x.first == nil && same >= alike:
			return &stopped{fmt.Sprintf("it is no matter of the rate: %s fails as %s does: %s", show.PerSecond(rate), show.PerSecond(failed), w.Why), Consumer}
		case x.first == nil && last.takesNothing() && w.takesNothing() && x.tookNothing():
			return &stopped{fmt.Sprintf("the consumer takes nothing, at %s as at %s: %s", show.PerSecond(rate), show.PerSecond(failed), w.Why), Consumer}
		}
		if x.Now().After(until) {
			switch {
			case w.Verdict == Own: // which says nothing of the consumer
				return &stopped{w.Why, Generator}
			case x.first == nil:
				return nil // nothing has held so far: lower rates are tried
			}
			return &stopped{fmt.Sprintf("the consumer did not recover within %s after %s: %s", patience, show.PerSecond(failed), cause(&w, x.first)), Consumer}
		}
	}
}

// failsAs reports whether times fail another window as they fail w, though nothing waits in a queue in either.
func (w *Window) failsAs(other *Window) bool {
	return w.Broke == ByLatency && other.Broke == ByLatency && w.Growth == 0 && other.Growth == 0 && w.Answered > 0 && 2*other.P50 > w.P50
}

// takesNothing reports whether not one notification was taken, which is then no matter of the rate.
func (w *Window) takesNothing() bool {
	return w.Broke == ByRefusals && w.Answered == 0
}

// cause is why a consumer has not recovered.
func cause(w, first *Window) string {
	if w.Why != "" {
		return w.Why
	}
	return fmt.Sprintf("the median response takes %s, and took %s at first", micros(w.P50), micros(first.P50))
}
