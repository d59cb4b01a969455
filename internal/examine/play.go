package examine

import (
	"context"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// certain is how many trials must show that a rule is broken before the rest of its trials is left out.
const certain = 48

// dimensions plays the trials of all dimensions, and in the end what comes late.
func (r *run) dimensions(ctx context.Context) error {
	begun := time.Now()
	budget := r.end.Sub(begun)
	part := func(share float64) time.Time { return begun.Add(time.Duration(share * float64(budget))) }
	r.until = part(playing)
	if err := r.named(ctx); err != nil {
		return err
	}
	if err := r.early(ctx); err != nil {
		return err
	}
	left := map[dimension.Name][]dimension.Planned{}
	for _, d := range dimension.Names() {
		left[d] = r.planner.Planned(d)
		if d == dimension.Endurance {
			break
		}
		if d == dimension.Crash && r.Sending.Kill != nil && r.stopped < 0 {
			if err := r.settled(ctx); err != nil {
				return err
			}
			if err := r.news(ctx); err != nil {
				return err
			}
		}
		if d == dimension.Stories {
			if err := r.overlap(ctx); err != nil {
				return err
			}
		}
		until := part(shares[d])
		if least := time.Now().Add(time.Duration(leastShare * float64(budget))); until.Before(least) {
			until = least // what came before took longer than it should
		}
		if err := r.dimension(ctx, d, left, until); err != nil {
			return err
		}
	}
	if err := r.secondTurns(ctx, left, part); err != nil {
		return err
	}
	if r.stopped < 0 && r.transport.Hangs() && !r.answers(ctx, r.oneAttempt()) {
		r.silenced, r.stopped = true, r.lastGood()+1
	}
	if r.stopped >= 0 {
		return nil
	}
	if err := r.settled(ctx); err != nil {
		return err
	}
	if r.until = part(playingLate); !slices.ContainsFunc(r.all, r.fails) {
		r.until = part(explaining)
	}
	return r.later(ctx, r.all, r.Late, r.least())
}

// secondTurns plays what was left out. Each dimension has its share of the time that is left, and what it does not need the others have;
// endurance comes last, and takes whatever there is.
func (r *run) secondTurns(ctx context.Context, left map[dimension.Name][]dimension.Planned, part func(share float64) time.Time) error {
	names := dimension.Names()
	slices.SortStableFunc(names, func(a, b dimension.Name) int { return len(left[a]) - len(left[b]) })
	names = append(slices.DeleteFunc(names, func(d dimension.Name) bool { return d == dimension.Endurance }), dimension.Endurance)
	for i, d := range names {
		until := part(secondTurn)
		switch well := !slices.ContainsFunc(r.all, r.fails); {
		case well: // there is nothing to explain
			if until = part(playingWell); until.After(part(explaining).Add(-r.lateTakes())) {
				until = part(explaining).Add(-r.lateTakes())
			}
			r.until = until
		case d == dimension.Endurance:
			until = part(shares[d])
		}
		if others := len(names) - 1 - i; others > 0 { // but for endurance
			until = time.Now().Add(time.Until(until) / time.Duration(others))
		}
		if err := r.dimension(ctx, d, left, until); err != nil {
			return err
		}
		for _, planned := range left[d] {
			r.unreach(d, planned.Rules)
		}
	}
	return nil
}

// lateTakes is how long what comes late takes, until its state has been told.
func (r *run) lateTakes() (all time.Duration) {
	for _, p := range r.all {
		if len(p.Later) > 0 && p.Asked.IsZero() {
			all += r.takes(&trial.Trial{Deliveries: p.Later}, nil)
		}
	}
	if all > 0 && r.asker != nil {
		all += r.asker.Within() + r.asker.Lag()
	}
	return all
}

// named plays the trials that are named by their IDs.
func (r *run) named(ctx context.Context) error {
	first := len(r.all)
	only := r.Only
	if slices.Contains(only, string(rulebook.Endure)) && !slices.Contains(only, inTurns) {
		only = append([]string{inTurns}, only...) // how fast it is at the beginning
	}
	for _, name := range only {
		if _, _, isTrial := cutDimension(name); !isTrial {
			continue
		}
		t, err := makeTrial(r.planner, name)
		if err != nil {
			return &Preflight{Text: err.Error()}
		}
		if err := r.one(ctx, t); err != nil {
			return err
		}
		if len(r.all) == first+1 && r.Repeat > 1 && len(t.Later) == 0 {
			if err := r.untilWrong(ctx, t); err != nil {
				return err
			}
		}
	}
	return r.ask(ctx, r.all[first:])
}

// untilWrong plays a trial that has been played once again and again until it goes wrong.
func (r *run) untilWrong(ctx context.Context, t *trial.Trial) error {
	for n := 1; ; n++ {
		last := r.all[len(r.all)-1:]
		err := r.ask(ctx, last)
		if err == nil && !r.fails(last[0]) {
			r.repeatedWell = n
		}
		if err != nil || r.fails(last[0]) || n >= r.Repeat || r.stopped >= 0 || time.Now().After(r.until) {
			return err
		}
		r.rounds++
		if err := r.one(ctx, t.Renamed(r.rounds)); err != nil {
			return err
		}
	}
}

// early begins the trials of which something comes at the very end: so that comes as late as can be, and nobody waits for it.
func (r *run) early(ctx context.Context) error {
	for _, planned := range slices.Concat(r.planner.Planned(dimension.Identity), r.planner.Planned(dimension.Authenticity)) {
		if !slices.Contains(dimension.AtTheEnd(), planned.ID) || !r.wanted(planned.Rules) || slices.Contains(r.Only, planned.ID) {
			continue
		}
		t, err := planned.Make()
		if err != nil {
			return err
		}
		if len(t.Deliveries) == 0 || len(t.Later) == 0 {
			continue
		}
		if err := r.one(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// news sends what some trials withheld since the beginning.
func (r *run) news(ctx context.Context) error {
	var some []*trial.Played
	for _, p := range r.all {
		if p.ID == dimension.LateNews || p.ID == dimension.SpentTokens {
			some = append(some, p)
		}
	}
	late := time.Duration(0) // nobody waits
	if len(r.Only) > 0 {
		late = r.Late
	}
	return r.later(ctx, some, late, 0)
}

// one plays a trial, and finds out whether the consumer goes on to accept anything.
func (r *run) one(ctx context.Context, t *trial.Trial) error {
	return r.several(ctx, []*trial.Trial{t})
}

// dimension plays those trials of one dimension that are left, until their time is over, and leaves the others.
func (r *run) dimension(ctx context.Context, d dimension.Name, left map[dimension.Name][]dimension.Planned, until time.Time) error {
	all := left[d]
	left[d] = nil
	s := &stage{run: r, of: d, first: len(r.all), broken: map[rulebook.ID]int{}}
	for _, planned := range all {
		if !r.wanted(planned.Rules) || slices.Contains(dimension.AtTheEnd(), planned.ID) || r.overlapped[planned.ID] || len(planned.Rules) > 0 && s.broken[planned.Rules[0]] >= certain {
			continue
		}
		if r.stopped >= 0 || time.Now().After(until) {
			left[d] = append(left[d], planned)
			continue
		}
		t, err := planned.Make()
		if err != nil {
			return err
		}
		if len(t.Deliveries) == 0 {
			continue
		}
		if crashes(t) && !crashes(r.lean(t)) {
			for _, id := range t.Rules { // the notification within which it is killed would only cost time
				r.missed[id]++
				r.spared[id]++
			}
			continue
		}
		fits := r.fitting(t, r.all[s.first:], until)
		if fits == nil {
			left[d] = append(left[d], planned)
			continue
		}
		if fits != t {
			r.unreach(d, t.Rules)
		}
		if err := s.play(ctx, fits); err != nil {
			return err
		}
		if r.On != nil {
			r.On(Progress{Dimension: d, Sent: r.sent, Left: time.Until(r.end)})
		}
	}
	return s.ask(ctx)
}

// fails reports whether an answer or a state of a trial is wrong.
func (r *run) fails(p *trial.Played) bool {
	for i := range p.Answers {
		if a := &p.Answers[i]; a.Attempts > 0 && !a.Fits(p.Delivery(i).Want()) {
			return true
		}
	}
	return r.wrong[p]
}

// ruleOf is the first rule of a trial.
func ruleOf(t *trial.Trial) rulebook.ID {
	if len(t.Rules) == 0 {
		return ""
	}
	return t.Rules[0]
}

// tooLong is how long an attempt must have waited that the end of the budget breaks off, for the consumer to be one that does not answer any more.
const tooLong = 3 * time.Second

// crashes reports whether the consumer is killed in a trial. What others left behind must be asked for before.
func crashes(t *trial.Trial) bool {
	return killings(t) > 0
}
