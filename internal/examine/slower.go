package examine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// A consumer becomes slower if a notification takes so many times as long behind so many others as at the beginning, and noticeably long,
// and if that has grown so much more than what takes as long whatever is stored.
const (
	fewest   = 600
	measured = 30 // notifications, and as many controls
	times    = 5
	grown    = 3
	atLeast  = 2 * time.Millisecond
	sure     = 3               // times that it was found to
	probing  = 4 * time.Second // after which few will do
	between  = time.Second     // one and the next of these, as far as the budget allows
)

// inTurns is a trial of calls between forgeries and bodies that cannot be used.
const inTurns = "bytes/keep-answering"

// speed is how long a consumer takes, as a tenth of what is measured took at the most: a busy machine is slow now and then, and not each time.
type speed struct {
	accepted time.Duration
	control  time.Duration // forgeries, and bodies that cannot be used: they need not be looked up
}

// paced measures the first ones of some that came alone; ok is false if there are too few.
func paced(all []*answered) (p speed, ok bool) {
	var of [2][]*answered
	for _, a := range all {
		kind := 0
		switch want := a.Want(); {
		case a.Burst != 0 || a.answer.Attempts != 1 || a.Wire.Way != trial.Whole || len(a.Body) >= 2<<10 || !a.answer.Fits(want) || crashes(a.played.Trial):
			continue
		case want == trial.Refuse || want == trial.Finish:
			kind = 1
		case want != trial.Accept:
			continue
		}
		of[kind] = append(of[kind], a)
	}
	for i := range of {
		slices.SortStableFunc(of[i], func(a, b *answered) int { return a.answer.Sent.Compare(b.answer.Sent) })
		if of[i] = of[i][:min(len(of[i]), measured)]; len(of[i]) < 5 {
			return speed{}, false
		}
	}
	return speed{tenth(of[0]), tenth(of[1])}, true
}

// tenth is what a tenth of some took at the most.
func tenth(some []*answered) time.Duration {
	slices.SortFunc(some, func(a, b *answered) int { return cmp.Compare(a.answer.Took, b.answer.Took) })
	return max(some[len(some)/10].answer.Took, time.Microsecond)
}

// slower finds out whether a consumer takes much longer in the end than at the beginning, and the machine is not the reason.
func (r *run) slower(ctx context.Context, all []*answered) (refusal, bool) {
	before, ok := paced(all)
	n := accepted(r.all)
	if !ok || n < fewest || !r.wanted([]rulebook.ID{rulebook.Endure}) || r.theory || r.stopped >= 0 {
		return refusal{}, false
	}
	var after speed
	for n := range sure { // a disk that is busy with something else is so for a while only
		if n > 0 && !r.pause(ctx, between) {
			return refusal{}, false
		}
		now, ok := paced(r.probed(ctx))
		if !ok && n > 0 {
			break // there is no time left to be more sure
		}
		if !ok || !before.slows(now) {
			return refusal{}, false
		}
		after = now
	}
	round := func(d time.Duration) string {
		if d < 50*time.Microsecond {
			return "less than 0.1ms"
		}
		return d.Round(100 * time.Microsecond).String()
	}
	return refusal{rule: rulebook.Endure, text: fmt.Sprintf("slows down: a notification took %s at first, and %s after %d", round(before.accepted), round(after.accepted), n)}, true
}

// pause waits, at the most to the end of the budget, and reports whether nothing came between.
func (r *run) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(min(d, max(0, time.Until(r.end)))):
		return true
	case <-ctx.Done():
		return false
	}
}

// slows reports whether it is so much slower later on, and not as the whole machine is.
func (p speed) slows(after speed) bool {
	ratio := func(p speed) float64 { return float64(p.accepted) / float64(p.control) }
	return after.accepted >= atLeast && after.accepted >= times*p.accepted && ratio(after) >= grown*ratio(p)
}

// probed plays some more calls between forgeries and bodies that cannot be used, one after the other.
func (r *run) probed(ctx context.Context) (all []*answered) {
	t, err := r.planner.Make(inTurns)
	if err != nil {
		return nil
	}
	for i := range t.Deliveries {
		t.Deliveries[i].Wire = trial.Wire{}
	}
	for begun := time.Now(); len(all) < 5*measured && r.rounds < aside-20; {
		if _, enough := paced(all); enough && time.Since(begun) > probing {
			break
		}
		r.rounds++
		p, err := r.play(ctx, t.Renamed(r.rounds))
		if err != nil || r.silenced {
			return nil
		}
		if r.cut[p] {
			break // what was measured before will do
		}
		for i := range p.Answers {
			all = append(all, &answered{0, i, p, p.Delivery(i), &p.Answers[i]})
		}
	}
	return all
}
