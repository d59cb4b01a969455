package mistake

import (
	"slices"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Cause is what explains states that are wrong.
type Cause struct {
	Mistakes    []*Mistake   // any of them explains the trials, and contradicts none; empty: no known mistake does
	Trials      []int        // whose states it explains
	Differences []Difference // of the first trial
}

// habits are what a correct consumer may do one way or the other. The first one is the usual one.
var habits = []change{
	func(*consumer) {},
	func(c *consumer) { // it has stored what it should have refused: the answers show that already
		c.stores = func(d *trial.Delivery, a *trial.Answer) bool { return a.Accepted() && d.Usable }
	},
	func(c *consumer) { // both versions of an event are one notification
		c.key = func(n *trial.Note) string {
			kind, _ := kindOf(n.Type)
			return kind + n.Channel + n.Timestamp
		}
	},
}

// Explain finds the causes of wrong states, the one that explains most first. It returns nil if a
// correct consumer tells all that was told.
func (s *Seen) Explain() []Cause {
	base, wrong := s.habit()
	var causes []Cause
	for len(wrong) > 0 {
		c := s.best(base, wrong)
		if len(c.Trials) == 0 {
			c.Trials = wrong
		}
		c.Differences = s.different(base, c.Trials[0])
		causes = append(causes, c)
		wrong = slices.DeleteFunc(wrong, func(i int) bool { return slices.Contains(c.Trials, i) })
	}
	return causes
}

// habit is the one with which a correct consumer explains most, and the trials that it does not explain.
func (s *Seen) habit() (best change, wrong []int) {
	for i, h := range habits {
		c := correct()
		h(c)
		if w := s.unlike(s.play(c)); i == 0 || len(w) < len(wrong) {
			best, wrong = h, w
		}
	}
	return best, wrong
}

// unlike lists the trials in which something else was told than a simulated consumer tells.
func (s *Seen) unlike(told states) (all []int) {
	for i, p := range s.all {
		if !p.Asked.IsZero() && !p.Loose() && !s.like(i, told) {
			all = append(all, i)
		}
	}
	return all
}

// like reports whether a simulated consumer tells what was told in a trial.
func (s *Seen) like(i int, told states) bool {
	p := s.all[i]
	for _, id := range p.Conversations() {
		if d, _ := differences(p.Told[id], told[i][id]); len(d) > 0 {
			return false
		}
	}
	return true
}

// different lists how a trial differs from what a correct consumer tells.
func (s *Seen) different(base change, i int) (all []Difference) {
	c := correct()
	base(c)
	told := s.play(c)[i]
	for _, id := range s.all[i].Conversations() {
		d, _ := differences(s.all[i].Told[id], told[id])
		all = append(all, d...)
	}
	return all
}

// best finds the mistakes that explain most of the wrong trials and contradict no other.
func (s *Seen) best(base change, wrong []int) (c Cause) {
	for i := range mistakes {
		m := &mistakes[i]
		explained := s.explained(base, m, wrong)
		switch {
		case len(explained) == 0 || len(explained) < len(c.Trials):
		case len(explained) > len(c.Trials):
			c = Cause{Mistakes: []*Mistake{m}, Trials: explained}
		default:
			c.Mistakes = append(c.Mistakes, m)
		}
	}
	return c
}

// explained lists the wrong trials that a mistake explains, if it contradicts nothing that is right.
// Of several ways to make it, the one that explains most counts.
func (s *Seen) explained(base change, m *Mistake, wrong []int) (best []int) {
	for _, change := range m.changes {
		c := correct()
		base(c)
		change(c)
		told := s.play(c)
		var explained []int
		for _, i := range wrong {
			if s.like(i, told) {
				explained = append(explained, i)
			}
		}
		if len(explained) > len(best) && !slices.ContainsFunc(s.unlike(told), func(i int) bool { return !slices.Contains(wrong, i) }) {
			best = explained
		}
	}
	return best
}
