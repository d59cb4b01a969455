package examine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/show"
)

// How much a consumer is sent that was started again, to find out whether it stops without what it refuses or cannot use, too.
const (
	mostTried    = 2500 // notifications
	longestTried = 8 * time.Second
)

// tryWithout starts a consumer again that has stopped, and sends it about as much as before, of which nothing is to be refused. It notes whether
// the consumer stops all the same, or goes on.
func (r *run) tryWithout(ctx context.Context) error {
	if r.stopped < 0 || r.Sending.Kill == nil || len(r.Only) > 0 || time.Until(r.end) < lastChance {
		return nil
	}
	valid, err := r.planner.Make("identity/duplicates/after-300")
	if err != nil || len(valid.Deliveries) == 0 {
		return err
	}
	if err := r.transport.Revive(ctx); err != nil {
		return ctx.Err() // nothing is known then
	}
	r.transport.Forgive()
	bound, cancel := context.WithTimeout(ctx, min(longestTried, time.Until(r.end)))
	defer cancel()
	enough := min(mostTried, r.sent+r.sent/4)
	for sent := 0; sent < enough && r.rounds < aside-20; {
		r.rounds++
		answers, _, err := r.transport.Send(bound, valid.Renamed(r.rounds).Deliveries)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		last := lastSent(answers)
		waits := bound.Err() != nil && r.transport.Waited() > tooLong
		if bound.Err() == nil && (err != nil || last == nil || !last.Accepted()) || waits || r.transport.Hangs() {
			r.stopsAnyway = true
		}
		if err != nil || r.stopsAnyway {
			break
		}
		sent += len(valid.Deliveries)
		r.goesOn = sent >= enough
	}
	r.transport.Forgive()
	return nil
}

// lastSent is the answer to what was sent last; nil if nothing was.
func lastSent(answers []trial.Answer) *trial.Answer {
	for i := range slices.Backward(answers) {
		if answers[i].Attempts > 0 {
			return &answers[i]
		}
	}
	return nil
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
			if d.Want() == trial.Accept && p.Answers[j].Attempts > 0 && !p.Answers[j].Accepted() {
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
	case r.stopsAnyway: // what came last has no part in it
		out.drains, out.text = nil, stops(accepted(r.all[:r.stopped]))
	case r.goesOn && !useless && !cut && r.lastAtOnce() != nil:
		out.rule, out.drains = rulebook.ConcurrentConversations, r.lastAtOnce()
		out.text = "stops answering where notifications come at the same time, and goes on where they come one after the other"
		out.mend = "Take locks in the same order everywhere, hold none while you wait for something else, and let no wait last for ever."
	case useless || cut && recovered:
		out.rule, out.text = rulebook.KeepAnswering, "stops answering after what it refuses or cannot use, or what was cut off"
		if !r.goesOn { // nobody could try it without, or not for long enough
			out.text = stops(accepted(r.all[:r.stopped])) + "; among the last ones was what it refuses or cannot use, or what was cut off"
		}
	case cut:
		out.rule, out.text = rulebook.RecoverFromCutOff, "accepts nothing more after a connection was cut within a request"
	case again:
		out.text = stops(accepted(r.all[:r.stopped])) + ", duplicates among the last ones"
	default:
		out.text = stops(accepted(r.all[:r.stopped]))
	}
	if len(out.refused) > 0 && !slices.ContainsFunc(out.refused, func(a *answered) bool { return !strings.HasPrefix(a.answer.Failure, string(emitter.ClassRefused)) }) {
		out.text += ": it does not listen any more"
		out.mend = "Look into its log for what has ended it, and let nothing that comes in one request end the process."
		if r.killedLast() {
			out.text += ", a moment after it was killed and started again"
			out.mend = "Look into its log for what has ended it; what starts it must wait until what was killed has given the port back."
		}
	} else if out.rule == rulebook.Endure {
		out.mend = "Find what is used up: connections, descriptors, memory, threads, locks. Give it back on every path, and bound what you keep."
	}
	return out, true
}

// lastAtOnce is the trial that shows a consumer best that stopped while notifications came at the same time: one of several conversations, or else
// that in which it stopped. It is nil if they came one after the other.
func (r *run) lastAtOnce() *trial.Played {
	last := r.all[max(0, r.stopped-1):min(len(r.all), r.stopped+1)]
	at := slices.IndexFunc(last, func(p *trial.Played) bool { return r.together[p] || inBursts(p.Trial) && p.Overlap > 1 })
	if at < 0 {
		return nil
	}
	if inTurn := slices.IndexFunc(r.all, func(p *trial.Played) bool { return p.ID == dimension.Overlapping()[0] }); inTurn >= 0 && r.together[last[at]] {
		return r.all[inTurn]
	}
	return last[at]
}

// killedLast reports whether the consumer was killed in the last trial of which something was accepted, or in the next one.
func (r *run) killedLast() bool {
	return slices.ContainsFunc(r.all[max(0, r.stopped-1):min(len(r.all), r.stopped+1)], func(p *trial.Played) bool { return crashes(p.Trial) })
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
