package mistake

import (
	"slices"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// Cause is what explains states that are wrong.
type Cause struct {
	Rule        rulebook.ID   // that is broken
	Mistakes    []*Mistake    // any of them explains the trials, and contradicts none; empty: no known mistake does
	Guessed     bool          // the rule, by what the trials are about
	Trials      []int         // whose states it explains
	Also        []rulebook.ID // rules that are broken in consequence
	Differences []Difference  // of the trial with the fewest deliveries, from what a correct consumer tells
	Members     []string      // that are wrong in some trials that nothing explains, and not only here and there
	Lost        map[int]Loss  // by trial, where something is missing; nil where a mistake says what it is
}

// Habit is what a correct consumer may do one way or the other. The zero value is the usual one.
type Habit int

// habits are the habits that are known.
var habits = []change{
	func(*consumer) {},
	storesForged, ignoresOdd,
	func(c *consumer) {
		storesForged(c)
		ignoresOdd(c)
	},
}

// storesForged has stored what it should have refused: the answers show that already.
func storesForged(c *consumer) {
	c.stores = func(d *trial.Delivery, a *trial.Answer) bool { return a.Accepted() && d.Usable }
}

// ignoresOdd accepts what no documentation knows, and does not store it.
func ignoresOdd(c *consumer) {
	right := c.stores
	c.stores = func(d *trial.Delivery, a *trial.Answer) bool { return right(d, a) && !d.Odd }
}

// Explain finds the causes of wrong states, the one that explains most first. It returns nil if a
// correct consumer tells all that was told.
//
// The consumer is built up: to a correct one the mistake is added that explains most and contradicts nothing that
// was explained before, then to that consumer the next one. What chance had a hand in is explained last.
func (s *Seen) Explain() (best []Cause) {
	for n, h := range habits {
		if s.simulate(h).explainsAll() {
			s.Habit = Habit(n)
			return nil
		}
	}
	least := -1
	for n, h := range habits {
		causes := s.explain(h)
		unexplained := 0
		for _, c := range causes {
			if len(c.Mistakes) == 0 {
				unexplained += len(c.Trials)
			}
		}
		if cost := len(causes) + len(s.all)*unexplained; least < 0 || cost < least { // the fewest causes, of those that leave least open
			best, least, s.Habit = causes, cost, Habit(n)
		}
		if least <= 1 || s.Hurried() {
			break
		}
	}
	return best
}

// mostCauses is how many mistakes are searched for at the most.
const mostCauses = 8

// explain finds the causes with which a consumer of a habit is wrong.
func (s *Seen) explain(habit change) (causes []Cause) {
	right := s.simulate(habit)
	wrong, chance := s.wrong(right)
	left := slices.Clone(wrong)
	made, now := []change{habit}, right
	for len(left) > 0 && !s.Hurried() {
		cause, best := s.best(made, now, left)
		if best == nil || len(causes) == mostCauses {
			break
		}
		made, now = best.made, best.simulation
		for _, i := range left {
			if now.near(i) && !slices.Contains(cause.Trials, i) {
				cause.Trials = append(cause.Trials, i)
			}
		}
		causes = slices.Insert(causes, best.at-1, cause)
		left = slices.DeleteFunc(left, now.near)
	}
	made, causes, now, left = s.credible(made, causes, right, now, wrong, left)
	left = s.touched(made, causes, right, now, left)
	made, causes = s.folded(made, causes, right)
	chance = s.touched(made, causes, right, now, s.byChance(made, causes, right, chance))
	if c := s.forgetful(made, s.settled(now, left), chance); len(c.Trials) > 0 {
		causes = append(causes, c)
		chance = slices.DeleteFunc(chance, func(i int) bool { return slices.Contains(c.Trials, i) })
	}
	causes = s.alone(right, append(causes, s.beside(s.each(made), causes, right, s.rest(now, left, chance))...))
	for i := range causes {
		causes[i].Trials = slices.DeleteFunc(causes[i].Trials, func(n int) bool { return n >= len(s.all)-s.Controls })
	}
	causes = slices.DeleteFunc(causes, func(c Cause) bool { return len(c.Trials) == 0 })
	for i := range causes {
		causes[i].Differences = s.differ(right, causes[i].Trials)
		if c := &causes[i]; len(c.Mistakes) == 0 || c.Mistakes[0].Vague() {
			c.Lost = s.lost(right, c.Trials)
		}
	}
	return causes
}

// orderly are the rules about the order of notifications. Who breaks one of them goes on from what is wrong in ways that look as if
// another one were broken: a late notification that is put in the wrong place may also be the one that reopens a channel.
var orderly = []rulebook.ID{rulebook.OrderByTimestamp, rulebook.OrderNotByTime, rulebook.OrderSameInstant, rulebook.CompareInstants,
	rulebook.StoreBeforeAlerted, rulebook.NeverReopen}

// little is how many times more trials a cause explains than another one that is taken for its consequence.
const little = 4

// folded makes of several causes about order one, if that tells something wrong wherever the others do, or if they explain little.
func (s *Seen) folded(made []change, causes []Cause, right *simulation) ([]change, []Cause) {
	main := -1
	for k, c := range causes {
		if slices.Contains(orderly, c.Rule) && (main < 0 || len(c.Trials) > len(causes[main].Trials)) {
			main = k
		}
	}
	for k := len(causes) - 1; k >= 0 && main >= 0; k-- {
		if c := causes[k]; k == main || !slices.Contains(orderly, c.Rule) ||
			little*len(c.Trials) > len(causes[main].Trials) && len(s.untouched(made[0], made[main+1], right, c.Trials)) > 0 {
			continue
		}
		to := &causes[main]
		to.Trials, to.Also = append(to.Trials, causes[k].Trials...), append(to.Also, causes[k].Rule)
		made, causes = slices.Delete(made, k+1, k+2), slices.Delete(causes, k, k+1)
		if k < main {
			main--
		}
	}
	return made, causes
}

// untouched lists the trials in which a consumer with one mistake tells nothing wrong where something wrong was told.
func (s *Seen) untouched(habit, mistake change, right *simulation, trials []int) (all []int) {
	wrong := s.simulate(habit, mistake)
	for _, i := range trials {
		told, right := wrong.tell(i), right.tell(i)
		if !slices.ContainsFunc(s.all[i].Conversations(), func(id string) bool { return len(differences(told[id], right[id], 0, 1)) > 0 }) {
			all = append(all, i)
		}
	}
	return all
}

// touched adds to the causes found the trials that no known mistake explains to the digit, but in which one that was made gets all members
// wrong that are left, too, or which it explains in part as it does most of its trials: consumers make mistakes in more ways than are known.
// It returns the others.
func (s *Seen) touched(made []change, causes []Cause, right, now *simulation, trials []int) (left []int) {
	alone := s.each(made)
	rough := make([]bool, len(causes))
	for k, c := range causes {
		n := 0
		for _, i := range c.Trials {
			if slices.Contains(trials, i) {
				n++
			}
		}
		rough[k] = 2*n > len(c.Trials)
	}
	for _, i := range trials {
		k := -1
		if !s.Hurried() {
			k = slices.IndexFunc(alone, func(m *simulation) bool { return now.off(i)&^m.unlike(right, i) == 0 })
		}
		for at, c := range causes {
			if k < 0 && rough[at] && slices.Contains(c.Trials, i) {
				k = at
			}
		}
		switch {
		case k < 0:
			left = append(left, i)
		case !slices.Contains(causes[k].Trials, i):
			causes[k].Trials = append(causes[k].Trials, i)
		}
	}
	return left
}

// seldom is how many times more trials a mistake explains than what is taken for its consequence although nothing explains it.
const seldom = 10

// beside adds what no known mistake explains to a cause that explains far more, if its mistake changes something wherever that shows: consumers
// make mistakes in more ways than are known. It returns what is left.
func (s *Seen) beside(alone []*simulation, causes []Cause, right *simulation, unknown []Cause) (left []Cause) {
	for _, u := range unknown {
		k := slices.IndexFunc(causes, func(c Cause) bool { return len(c.Trials) >= seldom*len(u.Trials) })
		if len(u.Mistakes) > 0 || k < 0 || k >= len(alone) || slices.ContainsFunc(u.Trials, func(i int) bool { return alone[k].unlike(right, i) == 0 }) {
			left = append(left, u)
			continue
		}
		causes[k].Trials = append(causes[k].Trials, u.Trials...)
		if u.Rule != causes[k].Rule {
			causes[k].Also = append(causes[k].Also, u.Rule)
		}
	}
	return left
}

// each are consumers that make one of the mistakes.
func (s *Seen) each(made []change) (all []*simulation) {
	for _, c := range made[1:] {
		all = append(all, s.simulate(made[0], c))
	}
	return all
}

// unlike is which members the consumer tells in a trial otherwise than another one.
func (m *simulation) unlike(other *simulation, i int) members {
	c := &comparison{brief: true}
	told, right := m.tell(i), other.tell(i)
	for _, id := range m.all[i].Conversations() {
		c.conversation(told[id], right[id])
	}
	return c.off
}

// explainsAll reports whether the consumer tells all that was told.
func (m *simulation) explainsAll() bool {
	for i, p := range m.all {
		if !p.Asked.IsZero() && !m.fit(i) {
			return false
		}
	}
	return true
}

// wrong lists the trials that a consumer does not explain: those that follow from what was sent, and those that
// chance had a hand in.
func (s *Seen) wrong(m *simulation) (exact, chance []int) {
	for i, p := range s.all {
		switch {
		case p.Asked.IsZero() || m.fit(i):
		case p.Loose():
			chance = append(chance, i)
		default:
			exact = append(exact, i)
		}
	}
	return exact, chance
}

// settled lists the trials without chance that a consumer explains.
func (s *Seen) settled(now *simulation, left []int) (all []int) {
	for i, p := range s.all {
		if !p.Asked.IsZero() && !p.Loose() && !slices.Contains(left, i) && now.fit(i) {
			all = append(all, i)
		}
	}
	return all
}

// differ lists how the smallest of some trials differs from what a correct consumer tells.
func (s *Seen) differ(right *simulation, trials []int) (all []Difference) {
	if len(trials) == 0 {
		return nil
	}
	i := slices.MinFunc(trials, func(a, b int) int { return len(s.all[a].Answers) - len(s.all[b].Answers) })
	told := right.tell(i)
	for _, id := range s.all[i].Conversations() {
		for _, d := range s.differences(s.all[i].Told[id], told[id], 0, 0) {
			d.Conversation = id
			all = append(all, d)
		}
	}
	return all
}

// Differences lists how what was told in a trial differs from what a correct consumer of the habit tells that explained best, or where nothing was
// explained, of the usual one.
func (s *Seen) Differences(i int) []Difference {
	return s.differ(s.simulate(habits[s.Habit]), []int{i})
}
