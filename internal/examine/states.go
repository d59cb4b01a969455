package examine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// states finds out what is wrong with the states told. What follows from answers, or from another cause, is named with
// that.
func (r *run) states(ctx context.Context, out *Report, all []*answered, refused []refusal) {
	causes := slices.DeleteFunc(r.causes(out), func(c mistake.Cause) bool { return r.ofNoCrash(ctx, &c) && r.hides(&c) })
	// What chance had a hand in comes last, and what crashes show at the very end.
	rank := func(c *mistake.Cause) (n int) {
		for _, i := range c.Trials {
			switch p := r.all[i]; {
			case !p.Loose():
				return 0
			case !crashes(p.Trial):
				n = 1
			}
		}
		return 2 - n
	}
	slices.SortStableFunc(causes, func(a, b mistake.Cause) int {
		unknown := 0
		switch {
		case vague(&a) && !vague(&b):
			unknown = 1
		case vague(&b) && !vague(&a):
			unknown = -1
		}
		if rank(&a) == 2 && rank(&b) == 2 && unknown != 0 {
			return unknown
		}
		return cmp.Or(rank(&a)-rank(&b), len(b.Trials)-len(a.Trials))
	})
	known, main := 0, -1 // how many trials a known mistake explains, and the finding that stands for most
	for i := range causes {
		if c := &causes[i]; !vague(c) || rank(c) == 0 {
			known = max(known, len(c.Trials))
		}
	}
	for i := range causes {
		c := &causes[i]
		if vague(c) {
			r.hides(c)
			r.guess(c, all)
			r.perProcess(ctx, c)
		}
		at, likely := follows(c, refused), false
		if at < 0 {
			at = slices.IndexFunc(out.Findings, func(f Finding) bool { return r.consequence(c, &f) })
		}
		if at < 0 && (vague(c) && rank(c) == 2 && main >= 0 || vague(c) && 2*len(c.Trials) <= known && !r.about(c) || r.loose(c) && (3*len(c.Trials) <= known || known > 0 && len(c.Trials) == 1) || 30*len(c.Trials) <= known && !r.about(c)) {
			at, likely = main, true
		}
		if at >= 0 {
			out.Findings[at].followedBy(c.Rule, likely)
			continue
		}
		if out.Findings = append(out.Findings, r.ofState(ctx, c)); main < 0 {
			main = len(out.Findings) - 1
		}
	}
}

// hides notes that nobody knows what the trials of a cause are to show, and reports that.
func (r *run) hides(c *mistake.Cause) bool {
	for _, i := range c.Trials {
		r.unexplained[r.all[i]] = true
	}
	return true
}

// followedBy notes that a rule is broken with what was found: in consequence, or, where that is only likely, nobody knows why.
func (f *Finding) followedBy(id rulebook.ID, likely bool) {
	if f.guessed || likely {
		f.hides = append(f.hides, id)
	} else {
		f.Also = append(f.Also, id)
	}
}

// causes finds the mistakes that explain the states told.
func (r *run) causes(out *Report) []mistake.Cause {
	clear := r.clear()
	if len(clear) == 0 {
		return nil
	}
	var controls []*trial.Played
	switch {
	case r.theory:
		controls = r.controls
	case len(r.Only) > 0:
		controls = slices.Concat(r.controls, r.contrasts)
	}
	seen := mistake.NewSeen(slices.Concat(clear, controls))
	seen.Controls = len(controls)
	seen.Until = r.explained()
	if !r.theory {
		out.Cells = mistake.NewSeen(clear).Cells()
	}
	causes := seen.Explain()
	r.habit = seen.Habit
	out.Hurried = len(causes) > 0 && seen.Hurried()
	return causes
}

// about reports whether what is wrong in trials that are about a rule is known to break it, however few they are: by a known mistake, or as
// presence does, which is in no others.
func (r *run) about(c *mistake.Cause) bool {
	return (!vague(c) || c.Rule == rulebook.PresenceApart) && slices.ContainsFunc(c.Trials, func(i int) bool { return ruleOf(r.all[i].Trial) == c.Rule })
}

// vague reports whether no known mistake explains a cause, or only what becomes of it.
func vague(c *mistake.Cause) bool { return len(c.Mistakes) == 0 || c.Mistakes[0].Vague() }

// consequence reports whether a cause follows from what was found before: who accepts forgeries may store none of them, and who
// loses updates does so in a crash, too.
func (r *run) consequence(c *mistake.Cause, f *Finding) bool {
	only := func(of func(p *trial.Played) bool) bool {
		return !slices.ContainsFunc(c.Trials, func(i int) bool { return !of(r.all[i]) })
	}
	switch f.Rule.ID {
	case rulebook.VerifySignature:
		return only(func(p *trial.Played) bool { return strings.HasPrefix(p.ID, string(dimension.Authenticity)) })
	case rulebook.ConcurrentNotifications, rulebook.ConcurrentConversations:
		return only(func(p *trial.Played) bool { return inBursts(p.Trial) })
	}
	return false
}

// loose reports whether chance had a hand in all trials of a cause.
func (r *run) loose(c *mistake.Cause) bool {
	return !slices.ContainsFunc(c.Trials, func(i int) bool { return !r.all[i].Loose() })
}

// clear are the trials whose state follows from what was answered. Where something failed for good, nobody knows whether it
// was stored: such a trial is taken for one that was not asked about. So are those behind the moment from which on nothing was accepted.
func (r *run) clear() []*trial.Played {
	all := slices.Clone(r.all)
	for i, p := range all {
		unclear := r.stopped >= 0 && i >= r.stopped-1
		for j := range p.Answers {
			a := &p.Answers[j]                                                                   // of a refused one an earlier attempt may have been stored
			unclear = unclear || r.drops && a.Accepted() && p.Delivery(j).Want() == trial.Either // it drops that as well
			unclear = unclear || a.Attempts > 0 && retried(a) || a.Attempts > 1 && !a.Accepted() && p.Delivery(j).Want() == trial.Accept
		}
		if unclear {
			q := *p
			q.Asked = time.Time{}
			all[i] = &q
		}
	}
	return all
}

// follows finds the refusals that the trials of a cause have part in, all of them or nearly so; -1 if there are none.
func follows(c *mistake.Cause, refused []refusal) int {
	for i := range refused {
		in := map[int]bool{}
		for _, a := range refused[i].refused {
			in[a.trial] = true
		}
		n := 0
		for _, t := range c.Trials {
			if in[t] {
				n++
			}
		}
		if 10*n >= 9*len(c.Trials) {
			return i
		}
	}
	return -1
}

// ofState is what wrong states show: the mistake that explains them, and the least that shows it.
func (r *run) ofState(ctx context.Context, c *mistake.Cause) Finding {
	out := Finding{Rule: rulebook.Of(c.Rule), Text: rulebook.Of(c.Rule).Broken, Trials: len(c.Trials), Also: c.Also, mistakes: c.Mistakes, guessed: c.Guessed}
	if wrong := membersOf(c); c.Guessed && len(wrong) > 0 {
		out.Text = "tells something wrong that no known mistake explains: " + strings.Join(wrong, ", ")
		out.Rule.Mend = "Compare what you tell with what happened, as seen above: the rule is that of most trials that show it, and may be another one."
	}
	for i, m := range c.Mistakes {
		if i == 0 {
			out.Text, out.Rule.Mend = m.Text, cmp.Or(m.Mend(), out.Rule.Mend)
		} else {
			out.Or = append(out.Or, m.Text)
		}
	}
	p := r.all[slices.MinFunc(c.Trials, func(a, b int) int { return simpler(r.all[a], r.all[b]) })]
	out.Trial, out.Story = p.ID, p.Story
	out.Seen = r.shown(c.Differences)
	for i, d := range out.Seen {
		if i == maxDetails {
			out.Details = append(out.Details, fmt.Sprintf("and %d more", len(c.Differences)-i))
			break
		}
		out.Details = append(out.Details, d.String())
	}
	if r.theory {
		return out
	}
	var by []*trial.Played
	for _, i := range c.Trials {
		by = append(by, r.all[i])
	}
	p, steady := r.repeated(ctx, &out, by, true)
	if steady || p.Loose() {
		return out
	}
	if vague(c) && out.Hits == 0 && r.onlyBeside(ctx, p.Trial) {
		out.Replay, out.Repeat = []string{p.ID, "bytes/plain"}, 0
		out.Rule = rulebook.Of(rulebook.ConversationsApart)
		out.Text = "loses a conversation when another one comes"
	}
	return out
}

// byTurns is how often a trial is played alone and beside another one to tell whether that is the difference.
const byTurns = 3

// onlyBeside reports whether a trial's state is never wrong alone, and beside another conversation each time: not now and then, as if
// some notifications were lost.
func (r *run) onlyBeside(ctx context.Context, t *trial.Trial) bool {
	for range byTurns {
		if !r.disturbed(ctx, t) {
			return false
		}
		p, ok := r.again(ctx, t, true)
		if !ok || r.fails(p) {
			return false
		}
	}
	return true
}

// disturbed plays a trial and a call of another conversation behind it, and reports whether the trial's state is wrong then.
func (r *run) disturbed(ctx context.Context, t *trial.Trial) bool {
	other, err := r.planner.Make("bytes/plain")
	if err != nil || r.rounds >= aside-20 {
		return false
	}
	r.rounds++
	t = t.Renamed(r.rounds)
	whole := *t
	whole.Ask = t.Conversations()
	whole.Deliveries = slices.Concat(t.Deliveries, other.Renamed(r.rounds).Deliveries)
	breaks, ok := r.breaksNow(ctx, &whole)
	return breaks && ok
}

// membersOf lists the members that are wrong: where a cause shows in the fewest deliveries, and in many of its trials.
func membersOf(c *mistake.Cause) (all []string) {
	for _, d := range c.Differences {
		if !slices.Contains(all, d.Member) {
			all = append(all, d.Member)
		}
	}
	for _, name := range c.Members {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// shown are differences without what a consumer repeated of what it must keep to itself. They are judged already.
func (r *run) shown(all []mistake.Difference) []mistake.Difference {
	secrets := ask.Secrets(&r.Sending.Target)
	all = slices.Clone(all)
	for i := range all {
		if text, is := all[i].Told.(string); is {
			all[i].Told = secrets.Text(text)
		}
	}
	return all
}
