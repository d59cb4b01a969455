package examine

import (
	"cmp"
	"context"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// shares are how much of the budget has gone at the most when a dimension ends, when it is its turn for the first time. What one leaves,
// the next ones have, and what they leave has what was left out, the most basic first. The rest is for finding out the least that breaks.
var shares = map[dimension.Name]float64{
	dimension.Bytes: 0.15, dimension.Authenticity: 0.2, dimension.Stories: 0.3, dimension.Identity: 0.38, dimension.Order: 0.54,
	dimension.Concurrency: 0.61, dimension.Crash: 0.68, dimension.Endurance: playing,
}

// leastShare is what a dimension has in any case when it is its turn for the first time.
const leastShare = 0.05

// secondTurn is the share until which what was left out has its second turn; dimensions that take long come behind that.
const secondTurn = 0.74

// playing is the share of the budget that sending and asking may take, and with what comes late.
const (
	playing     = 0.8
	playingWell = 0.9 // where nothing has been wrong
	playingLate = 0.84
	explaining  = 0.95 // until when mistakes are compared, with what goes before
)

// Latest is how late duplicates can come at the latest within a budget, 0 being the usual one.
func Latest(budget time.Duration) time.Duration {
	return time.Duration(explaining * float64(cmp.Or(budget, DefaultBudget))).Truncate(100 * time.Millisecond)
}

// leastExplaining is how long mistakes are compared, even if the budget is over.
const leastExplaining = 2 * time.Second

// explained is until when mistakes are compared.
func (r *run) explained() time.Time {
	until, least := r.begun.Add(time.Duration(explaining*float64(r.budget()))), time.Now().Add(leastExplaining)
	if until.Before(least) {
		return least
	}
	return until
}

// dear is how many deliveries a trial has that may be made smaller.
const dear = 900

// pace is how long deliveries took.
type pace struct {
	sent  int
	spent time.Duration
}

func (p *pace) add(sent int, spent time.Duration) { p.sent, p.spent = p.sent+sent, p.spent+spent }

// each is how long one took.
func (p *pace) each() time.Duration { return p.spent / time.Duration(max(1, p.sent)) }

// paces are how long deliveries took, each way for itself.
type paces struct{ single, bursts, kept, kills pace }

// of is the pace of deliveries of one way.
func (p *paces) of(d *trial.Delivery) *pace {
	switch {
	case d.Burst == 0:
		return &p.single
	case d.Kept:
		return &p.kept
	}
	return &p.bursts
}

// each is how long a delivery takes, as far as can be known.
func (p *paces) each(d *trial.Delivery) time.Duration {
	for _, of := range []*pace{p.of(d), &p.bursts} {
		if d.Burst != 0 && of.sent > 0 {
			return of.each()
		}
	}
	return p.single.each()
}

// took takes into account how long a trial took.
func (p *paces) took(t *trial.Played, all time.Duration) {
	if kills := killings(t.Trial); kills > 0 {
		p.kills.add(kills, max(0, all-time.Duration(len(t.Deliveries))*p.single.each()))
		return
	}
	var from, to time.Time // of those over connections that are kept
	kept := 0
	for i := range t.Answers {
		if a := &t.Answers[i]; t.Deliveries[i].Kept && a.Attempts > 0 {
			if kept++; from.IsZero() || a.Sent.Before(from) {
				from = a.Sent
			}
			if end := a.Sent.Add(a.Took); end.After(to) {
				to = end
			}
		}
	}
	p.kept.add(kept, to.Sub(from))
	if n := len(t.Deliveries) - kept; n > 0 {
		p.of(&t.Deliveries[min(n, len(t.Deliveries)-1)/2]).add(n, max(0, all-to.Sub(from)))
	}
}

// killings is how often the consumer is killed in a trial.
func killings(t *trial.Trial) (n int) {
	for i := range t.Deliveries {
		if t.Deliveries[i].Crash.When != trial.Never {
			n++
		}
	}
	return n
}

// takes is how long a trial will take, and asking about others that were played, as far as can be known.
func (r *run) takes(t *trial.Trial, others []*trial.Played) (all time.Duration) {
	for i := range t.Deliveries {
		all += r.paces.each(&t.Deliveries[i])
	}
	all += time.Duration(killings(t)) * r.paces.kills.each()
	if r.asker == nil || r.asked == 0 {
		return all
	}
	conversations := len(t.Conversations())
	for _, p := range others {
		conversations += len(p.Conversations())
	}
	return all + time.Duration(conversations)*(r.asking/time.Duration(r.asked))
}

// fitting is the trial if there is time for it, and for asking about what was played before, a smaller one if it can be made so, or nil.
func (r *run) fitting(t *trial.Trial, before []*trial.Played, until time.Time) *trial.Trial {
	left, takes := time.Until(until), r.takes(t, before)
	n := len(t.Deliveries)
	switch {
	case left <= 0:
		return nil
	case takes <= left:
		return t
	case n < dear:
		return nil
	}
	fits := int(float64(n) * float64(left) / float64(takes))
	if fits < dear/2 {
		return nil
	}
	var keep []int // the call in front, its second time at the end, and some of the others
	for i := range n {
		if i < fits || n-i <= 16 {
			keep = append(keep, i)
		}
	}
	return t.Reduced(keep)
}

// bound ends what goes on when its time is over; a trial with a crash is waited for, since the consumer would else be left dead.
// Connections end with the context in which they were used: so there is one for all that has to end at the same time.
func (r *run) bound(ctx context.Context, t *trial.Trial) context.Context {
	if t != nil && crashes(t) {
		return ctx
	}
	if r.inTime == nil || !r.inTimeUntil.Equal(r.until) {
		bound, cancel := context.WithDeadline(ctx, r.until)
		r.inTime, r.inTimeUntil = bound, r.until
		r.release = append(r.release, cancel)
	}
	return r.inTime
}

// unreach notes that there was no time for a trial, or for all of it.
func (r *run) unreach(d dimension.Name, rules []rulebook.ID) {
	r.unreached[d]++
	for _, id := range rules {
		r.missed[id]++
	}
}
