package examine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/show"
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
	r.stopped = r.lastGood() + 1
	return nil
}

// lastChance is how long a consumer has to answer that did not when the budget for sending was over: until the end of the budget, and at least that long.
const lastChance = 2 * time.Second

// answers reports whether the consumer answers at all.
func (r *run) answers(ctx context.Context) bool {
	t := r.sample()
	if t == nil {
		return true
	}
	bound, cancel := context.WithTimeout(ctx, max(time.Until(r.end), lastChance))
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

// ended is why the consumer does not accept anything any more: what came before shows it.
func (r *run) ended() (refusal, bool) {
	if r.stopped < 0 {
		return refusal{}, false
	}
	out := refusal{rule: rulebook.Endure}
	useless, cut, recovered, again := false, false, false, false
	for i := max(0, r.stopped-1); i < len(r.all); i++ {
		p := r.all[i]
		for j := range p.Answers {
			d := p.Delivery(j)
			if i <= r.stopped {
				useless = useless || garbage(*d) && d.Wire.Way != trial.CutOff
				cut = cut || d.Wire.Way == trial.CutOff
				if came := repeated(&answered{i, j, p, d, &p.Answers[j]}) != ""; garbage(*d) || came && out.drains == nil {
					again, out.drains = again || came, p
				}
			}
			if d.Want() == trial.Accept && !p.Answers[j].Accepted() {
				out.refused = append(out.refused, &answered{i, j, p, d, &p.Answers[j]})
			}
		}
	}
	for _, p := range r.all[:r.stopped] {
		for j := range p.Answers {
			recovered = recovered || p.Delivery(j).Wire.Way == trial.CutOff && p.Answers[j].Accepted()
		}
	}
	switch {
	case useless || cut && recovered:
		out.rule, out.text = rulebook.KeepAnswering, "stops answering after what it refuses or cannot use, or what was cut off"
	case cut:
		out.rule, out.text = rulebook.RecoverFromCutOff, "accepts nothing more after a connection was cut within a request"
	case again:
		out.text = stops(accepted(r.all[:r.stopped])) + ", duplicates among the last ones"
	default:
		out.text = stops(accepted(r.all[:r.stopped]))
	}
	if out.rule == rulebook.Endure && !slices.ContainsFunc(out.refused, func(a *answered) bool { return !strings.HasPrefix(a.answer.Failure, "connection-refused") }) {
		out.text += ": it does not listen any more"
	}
	return out, true
}

// stops says that nothing was accepted any more after so many notifications.
func stops(accepted int) string {
	return fmt.Sprintf("accepts nothing more after %s", show.Counted(uint64(accepted), "notification"))
}

// accepted counts the notifications that were accepted.
func accepted(all []*trial.Played) (n int) {
	for _, p := range all {
		for i := range p.Answers {
			if p.Answers[i].Accepted() {
				n++
			}
		}
	}
	return n
}
