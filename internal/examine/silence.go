package examine

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
)

// hopeless is how often a type must have failed for good, and never been accepted, to be left out.
const hopeless = 8

// mostRefused is how many notifications may be refused one after the other, of types that were accepted before, until it is
// found out whether the consumer accepts anything any more.
const mostRefused = 12

// note takes an answer into account.
func (r *run) note(d *trial.Delivery, a *trial.Answer) {
	if d.Want() != trial.Accept || a.Attempts == 0 {
		return
	}
	if a.Accepted() {
		r.accepts[d.Type], r.failed[d.Type] = true, 0
		r.refusedInRow = 0
		return
	}
	if retried(a) && !r.accepts[d.Type] {
		r.failed[d.Type]++
	}
	if r.accepts[d.Type] {
		if r.refusedInRow++; hangs(a) || strings.HasPrefix(a.Failure, string(emitter.ClassRefused)) { // each of them costs seconds, or nobody is there
			r.refusedInRow += 2
		}
	}
}

// retried reports whether a real sender would try again.
func retried(a *trial.Answer) bool {
	return a.Status == 0 || a.Status >= 500 || a.Status == http.StatusRequestTimeout || a.Status == http.StatusTooManyRequests
}

// late reports whether there was no answer within the time limit.
func late(a *trial.Answer) bool { return a.Status == 0 && strings.HasPrefix(a.Failure, "timeout") }

// silent reports whether nothing was accepted for so long that it must be found out why.
func (r *run) silent() bool { return r.refusedInRow >= mostRefused }

// sample is a notification that was accepted, under identifiers of its own; nil if none was.
func (r *run) sample() *trial.Trial {
	for _, p := range r.all {
		for i := range p.Trial.Deliveries {
			if d := &p.Trial.Deliveries[i]; i < len(p.Answers) && p.Answers[i].Accepted() && d.Want() == trial.Accept && d.Wire.Way == trial.Whole && d.Crash.When == trial.Never {
				r.probes++
				return p.Trial.Renamed(aside - r.probes).Reduced([]int{i})
			}
		}
	}
	return nil
}

// probe sends what was accepted once. If the consumer does not accept it any more, nothing else is played.
func (r *run) probe(ctx context.Context) error {
	t := r.sample()
	if t == nil {
		return nil
	}
	p, err := r.play(ctx, t)
	if err != nil {
		return err
	}
	for i := range p.Answers {
		if p.Answers[i].Accepted() {
			r.refusedInRow = 0
			return nil
		}
	}
	if r.cut[p] || len(p.Answers) == 0 || p.Answers[0].Attempts == 0 { // nobody knows: the time was over
		return nil
	}
	r.stopped = r.lastGood() + 1
	return nil
}

// lastChance is how long a consumer has to answer that did not when the budget for sending was over: until the end of the budget, and at least that long.
const lastChance = 2 * time.Second

// oneAttempt is how long an attempt may take, and a bit more.
func (r *run) oneAttempt() time.Duration {
	return cmp.Or(r.Sending.Timeout, emitter.DefaultTimeout) + time.Second
}

// answers reports whether the consumer answers at all, within some time: many attempts that had no answer need not be waited for once more.
func (r *run) answers(ctx context.Context, within time.Duration) bool {
	t := r.sample()
	if t == nil {
		return true
	}
	bound, cancel := context.WithTimeout(ctx, max(min(time.Until(r.end), within), lastChance))
	defer cancel()
	answers, _, _ := r.transport.Send(bound, t.Deliveries)
	return answers[0].Status != 0
}

// lastGood is the last trial of which something was accepted.
func (r *run) lastGood() int {
	for i := len(r.all) - 1; i >= 0; i-- {
		for j := range r.all[i].Answers {
			if r.all[i].Delivery(j).Want() == trial.Accept && r.all[i].Answers[j].Accepted() {
				return i
			}
		}
	}
	return -1
}
