package capacity

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ringback/ringback/internal/show"
)

const (
	shortest    = 3 * time.Second  // window while the rate rises
	longest     = 30 * time.Second // any window
	narrowing   = 10 * time.Second // window between two rates
	confirming  = 30 * time.Second // the last one
	settling    = time.Second      // window that looks whether the consumer has recovered
	patience    = 20 * time.Second // for that
	least       = 0.1              // a second: the lowest rate that is tried
	confirmings = 3                // rates that are confirmed before none is named
	slower      = 2.0              // times the latency of the first window: the consumer is not what it was
	unnoticed   = 5_000            // µs of difference that are no sign of that
)

// search is one that goes on.
type search struct {
	*Search
	result    *Result
	end       time.Time
	low, high float64 // the highest rate that holds, and the lowest that does not; 0: none
	first     *Window // the first one that held
}

// Run searches until a limit is found, the time is over, or ctx ends. The error is that of Offer.
func (s *Search) Run(ctx context.Context, r *Result) error {
	now := s.Now()
	x := &search{Search: s, result: r, end: now.Add(s.For)}
	r.Steps = []Step{}
	for _, step := range s.Done {
		x.take(step)
	}
	err := x.all(ctx)
	r.Ended = s.Now()
	r.Holds, r.Breaks = x.low, x.high
	for _, step := range r.Steps {
		if step.Rate == x.high && step.Verdict == Fails && step.Phase != Recover {
			r.Broke, r.Why = step.Broke, step.Why
		}
	}
	if ctx.Err() != nil {
		r.Reason, r.Whose, r.Named, err = "it was interrupted", Somebody, false, nil
	}
	r.Law = fit(r.Steps)
	return err
}

// stopped says why the search is over before a limit is found, and whose doing that is. It is the error of ask.
type stopped struct {
	reason string
	whose  Whose
}

func (s *stopped) Error() string { return s.reason }

// all goes through the phases.
func (x *search) all(ctx context.Context) error {
	for _, phase := range []func(context.Context) error{x.rise, x.narrow, x.confirm, x.same} {
		err := phase(ctx)
		if s, is := err.(*stopped); is {
			x.result.Reason, x.result.Whose = s.reason, s.whose
			return nil
		}
		if err != nil {
			return err
		}
	}
	x.result.Named = x.low > 0
	return nil
}

// take keeps what a window says.
func (x *search) take(step Step) {
	x.result.Steps = append(x.result.Steps, step)
	if step.decides() {
		if w := step.Window; x.first == nil && w.Verdict == Holds {
			x.first = &w
		}
		x.low, x.high = x.between()
	}
}

// decides reports whether a step is about the limit.
func (s *Step) decides() bool { return s.Phase != Recover && s.Phase != Again && s.Verdict != Own }

// between is the highest rate that holds and the lowest that does not; 0: there is none. Of a rate that was played several times, the last window
// counts. Windows that were short count under a lower rate, if there were refusals: beyond what it does not refuse at last, the consumer may have
// lived on a reserve meanwhile, such as a full bucket of tokens.
func (x *search) between() (low, high float64) {
	last := map[float64]*Step{}
	for i := range x.result.Steps {
		if s := &x.result.Steps[i]; s.decides() {
			last[s.Rate] = s
		}
	}
	high = math.Inf(1)
	for rate, s := range last {
		if s.Verdict == Fails {
			high = min(high, rate)
		}
	}
	short := high
	for _, s := range last {
		if end := s.Tail * (1 + x.Precision); s.Verdict == Fails && s.Broke == ByRefusals && end > 0 {
			short = min(short, end)
		}
	}
	for rate, s := range last {
		if s.Verdict == Holds && (rate < short || rate < high && s.Seconds >= narrowing.Seconds()) {
			low = max(low, rate)
		}
	}
	if math.IsInf(high, 1) {
		high = 0
	}
	return low, high
}

// ask plays a window, if there is time for it. What only one window of several says of times is asked again.
func (x *search) ask(ctx context.Context, phase Phase, rate float64, over time.Duration) (*Window, error) {
	if phase != Ramp && phase != Again {
		over = min(max(over, x.enough(rate)), longest)
	}
	if left := x.end.Sub(x.Now()); left < over+settling {
		return nil, &stopped{fmt.Sprintf("the time was over; the next window would have taken %s", over.Round(time.Second)), Budget}
	}
	w, err := x.Offer(ctx, rate, over)
	if err != nil {
		return nil, err
	}
	step := Step{phase, w}
	x.take(step)
	if x.On != nil {
		x.On(step)
	}
	if w.Verdict == Own {
		return nil, &stopped{w.Why, Generator}
	}
	return &w, ctx.Err()
}

// enough is how long a rate must be offered for as many requests as the gates need.
func (x *search) enough(rate float64) time.Duration {
	return time.Duration(math.Ceil(x.Needed/rate)) * time.Second
}

// rise doubles the rate until one fails, or the highest one holds; if already the first one fails, it halves it until one holds.
func (x *search) rise(ctx context.Context) error {
	rate := x.First
	if x.low > 0 {
		rate = min(2*x.low, x.Most)
	} else if x.high > 0 {
		rate = x.high / 2
	}
	for x.high == 0 || x.low == 0 {
		if x.low >= x.Most {
			return nil
		}
		if rate < least {
			return &stopped{fmt.Sprintf("even %s does not hold: %s", show.PerSecond(x.high), x.whyOf(x.high)), Consumer}
		}
		w, err := x.twice(ctx, Ramp, rate, shortest)
		switch {
		case err != nil:
			return err
		case w.Verdict == Holds:
			rate = min(2*rate, x.Most)
		default:
			rate /= 2
		}
	}
	return nil
}

// whyOf is why a rate does not hold.
func (x *search) whyOf(rate float64) string {
	for _, s := range x.result.Steps {
		if s.Rate == rate && s.Verdict == Fails {
			return s.Why
		}
	}
	return "it was not said why"
}

// narrow halves what lies between, as a ratio.
func (x *search) narrow(ctx context.Context) error {
	for x.high > 0 && x.high > x.low*(1+x.Precision) {
		rate := x.next()
		if rate <= x.low || rate >= x.high {
			return nil
		}
		if _, err := x.twice(ctx, Bisect, rate, narrowing); err != nil {
			return err
		}
	}
	return nil
}

// next is the rate to try next: a little below, or above, what the consumer answered at the end of the lowest rate that it did not take,
// and where that says nothing new, the middle.
func (x *search) next() float64 {
	tail := 0.0
	for _, s := range x.result.Steps {
		if s.Verdict == Fails && s.Rate == x.high && s.Phase != Recover {
			tail = s.Tail
		}
	}
	for _, guess := range []float64{tail * (1 - x.Precision/3), tail * (1 + x.Precision/2)} {
		if guess = round(guess); guess > x.low*(1+x.Precision/3) && guess < x.high/(1+x.Precision/3) {
			return guess
		}
	}
	return round(math.Sqrt(x.low * x.high))
}

// twice plays a window, and once more if it failed by times alone, which a pause of anything on the way may be the cause of. In a short window, a pause also
// looks like a queue that grows. It waits until the consumer has recovered.
func (x *search) twice(ctx context.Context, phase Phase, rate float64, over time.Duration) (w *Window, err error) {
	for range 2 {
		if w, err = x.ask(ctx, phase, rate, over); err != nil || w.Verdict == Holds {
			return w, err
		}
		if err := x.recovered(ctx, rate); err != nil || w.Broke != ByLatency && w.Broke != ByQueue || phase != Ramp && w.Growth > 0 {
			return w, err
		}
	}
	return w, nil
}

// confirm plays what was found for longer, and goes down where that fails: a reserve, such as the tokens of a bucket, may have lasted for a short
// window.
func (x *search) confirm(ctx context.Context) error {
	for range confirmings {
		if x.low == 0 {
			return &stopped{fmt.Sprintf("no rate held for %s", confirming), Consumer}
		}
		if x.result.held(x.low) >= confirming {
			return nil
		}
		w, err := x.twice(ctx, Confirm, x.low, confirming)
		if err != nil || w.Verdict == Holds {
			return err
		}
		if err := x.narrow(ctx); err != nil {
			return err
		}
	}
	return &stopped{fmt.Sprintf("rates that held for %s did not hold for %s: the consumer lives on a reserve, or changes", narrowing, confirming), Consumer}
}

// same plays the first rate that held again. A consumer that became slower meanwhile has no limit that could be named.
func (x *search) same(ctx context.Context) error {
	if x.first == nil {
		return nil
	}
	w, err := x.ask(ctx, Again, x.first.Rate, shortest)
	switch {
	case err != nil:
		return err
	case w.Verdict == Fails:
		return &stopped{fmt.Sprintf("the consumer is not what it was: %s held at first and does not any more: %s", show.PerSecond(x.first.Rate), w.Why), Consumer}
	case slowerThan(w, x.first):
		return &stopped{fmt.Sprintf("the consumer is not what it was: at %s the median response took %s at first and takes %s now", show.PerSecond(x.first.Rate), micros(x.first.P50), micros(w.P50)), Consumer}
	}
	return nil
}

// slowerThan reports whether a window at a rate is much slower than another one at that rate.
func slowerThan(w, before *Window) bool {
	return float64(w.P50) > slower*float64(before.P50) && w.P50 > before.P50+unnoticed
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
	for until := x.Now().Add(patience); ; {
		if x.end.Sub(x.Now()) < 2*settling {
			return &stopped{"the time was over", Budget}
		}
		w, err := x.Offer(ctx, rate, settling)
		if err != nil {
			return err
		}
		step := Step{Recover, w}
		x.take(step)
		if x.On != nil {
			x.On(step)
		}
		switch {
		case w.Verdict == Holds && (x.first == nil || !slowerThan(&w, x.first)):
			return ctx.Err()
		case x.first == nil && last.takesNothing() && w.takesNothing():
			return &stopped{fmt.Sprintf("the consumer takes nothing, at %s as at %s: %s", show.PerSecond(rate), show.PerSecond(failed), w.Why), Consumer}
		}
		if x.Now().After(until) {
			if x.first == nil {
				return nil // nothing has held so far: lower rates are tried
			}
			return &stopped{fmt.Sprintf("the consumer did not recover within %s after %s: %s", patience, show.PerSecond(failed), cause(&w, x.first)), Consumer}
		}
	}
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

// round is a rate with three digits.
func round(rate float64) float64 {
	if rate <= 0 {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(rate)))
	return math.Round(rate*scale) / scale
}

// micros shows microseconds.
func micros(us int64) string { return show.Duration(time.Duration(us) * time.Microsecond) }
