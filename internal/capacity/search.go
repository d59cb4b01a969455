package capacity

import (
	"context"
	"fmt"
	"math"
	"slices"
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
	noise       = 2_000            // µs of difference between two medians
	responses   = 6                // median responses that a window lasts at least, so that a queue can be told from what is under way
	owns        = 3                // windows one after the other that are the generator's own, before the search ends
	alike       = 3                // low rates that fail as the first one did, before no rate is looked for
	creep       = 3                // rates that fail, each a little below the one before, until the middle is tried
	restarts    = 2                // searches that begin anew because the consumer became faster
)

// search is one that goes on.
type search struct {
	*Search
	result    *Result
	end       time.Time
	low, high float64 // the highest rate that holds, and the lowest that does not; 0: none
	first     *Window // the first one that held
	anew      bool    // what was known has changed: the phases begin again
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
	for anew := 0; ; anew++ {
		for _, phase := range []func(context.Context) error{x.rise, x.narrow, x.confirm, x.discern, x.same} {
			err := phase(ctx)
			if s, is := err.(*stopped); is {
				x.result.Reason, x.result.Whose = s.reason, s.whose
				return nil
			}
			if err != nil {
				return err
			}
			if x.anew {
				break
			}
		}
		chance := x.anew
		x.anew = false
		switch last := x.result.Steps[len(x.result.Steps)-1]; {
		case chance && anew == restarts:
			x.result.Reason, x.result.Whose = "a rate holds in one window, and not in the next", Consumer
			return nil
		case chance:
		case last.Phase != Retry || last.Verdict != Holds:
			x.result.Named = x.low > 0
			return nil
		case anew == restarts:
			x.result.Reason, x.result.Whose = "the consumer is not what it was: it becomes faster and faster", Consumer
			return nil
		}
	}
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
func (s *Step) decides() bool {
	return s.Phase != Recover && s.Phase != Again && s.Phase != Compare && s.Verdict != Own
}

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
		over = max(over, x.enough(rate))
	}
	if x.first != nil {
		over = max(over, longEnough(x.first.P50))
	}
	over = min(over, longest)
	for own := 1; ; own++ {
		if left := x.end.Sub(x.Now()); left < over+settling {
			return nil, &stopped{fmt.Sprintf("the time was over; the next window would have taken %s", over.Round(time.Second)), Budget}
		}
		w, err := x.Offer(ctx, rate, over)
		if err != nil {
			return nil, err
		}
		x.told(Step{phase, w})
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case w.Verdict != Own:
			return &w, nil
		case own == owns:
			return nil, &stopped{w.Why, Generator}
		}
		if err := x.recovered(ctx, rate); err != nil { // what waits from that window would answer in the next one
			return nil, err
		}
	}
}

// told takes a step, and tells it.
func (x *search) told(step Step) {
	x.take(step)
	if x.On != nil {
		x.On(step)
	}
}

// longEnough is how long a window must be to tell a queue from what is under way anyway, where a response takes so many microseconds.
func longEnough(us int64) time.Duration { return responses * time.Duration(us) * time.Microsecond }

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
		isFirst := x.high == 0
		w, err := x.twice(ctx, Ramp, rate, shortest)
		if err == nil && isFirst {
			w, err = x.doubt(ctx, w)
		}
		switch {
		case err != nil:
			return err
		case w.Verdict == Holds:
			rate = min(2*rate, x.Most)
		default:
			if err := x.contradicts(w); err != nil {
				return err
			}
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
		w, err := x.twice(ctx, Bisect, rate, narrowing)
		if err == nil && w.Verdict == Holds && x.outgrown(rate) {
			if _, err = x.ask(ctx, Retry, x.high, narrowing); err == nil {
				err = x.rise(ctx)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// outgrown reports whether a rate that holds is more than the consumer answered when a higher one was more than it took: then it has become faster.
func (x *search) outgrown(rate float64) bool {
	for _, s := range slices.Backward(x.result.Steps) {
		if s.Rate == x.high && s.decides() {
			return s.Growth > 0 && s.Tail > 0 && rate > s.Tail*(1+2*x.Precision)
		}
	}
	return false
}

// next is the rate to try next: a little below, or above, what the consumer answered at the end of the lowest rate that it did not take,
// and where that says nothing new, the middle.
func (x *search) next() float64 {
	tail, near := 0.0, 0
	for _, s := range x.result.Steps {
		if s.Verdict == Fails && s.Rate == x.high && s.Phase != Recover {
			tail = s.Tail
		}
		if s.Verdict == Fails && s.Broke == ByRefusals && s.Phase == Bisect && s.Rate <= x.high*(1+creep*x.Precision) {
			near++
		}
	}
	if near >= creep {
		tail = 0 // what fails there a little may fail far below as well
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
		if over = max(over, longEnough(w.Min)); w.Broke == ByQueue && w.Answered == 0 {
			over = longest // nobody knows how long a response takes
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

// round is a rate with three digits.
func round(rate float64) float64 {
	if rate <= 0 {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(rate)))
	return math.Round(rate*scale) / scale
}

// micros shows microseconds.
// micros is a latency for people: a dash where nothing was answered, so that there is none.
func micros(us int64) string {
	if us == 0 {
		return "–"
	}
	return show.Duration(time.Duration(us) * time.Microsecond)
}
