package mistake

import (
	"cmp"
	"slices"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// candidate is a mistake that may be added to those made.
type candidate struct {
	*simulation
	mistake *Mistake
	rule    rulebook.ID
	change  change
	made    []change // with this one
	at      int      // its place among them
	fitting int      // how much of some trials it explains
}

// probed are how many trials are tried to find the most promising candidates: the more, the longer none of them explains all.
var probed = [...]int{3, 10, 40}

// best finds the mistake that, added to those made, explains most of what is left and contradicts nothing that the consumer
// now explains, or next to nothing if it explains nearly all. Others that explain as much are named beside it. It is nil where there is none, or no
// time to compare all that may be it.
func (s *Seen) best(made []change, now *simulation, left []int) (c Cause, best *candidate) {
	all, settled := s.candidates(made, now, left), s.settled(now, left)
	if c, best = s.first(all, now, left, extent{}, settled, 0); best == nil && len(left) >= exceptions {
		c, best = s.first(all, now, left, extent{len(left), len(left) * 8 / 10}, settled, len(left)/exceptions)
	}
	return c, best
}

// exceptions is of how many trials one may contradict a mistake that explains nearly all of them to the digit: consumers make it in more ways than
// are known.
const exceptions = 50

// first finds the candidate that explains most, more than what is given, and contradicts at the most so many of the settled trials.
func (s *Seen) first(all []candidate, now *simulation, left []int, most extent, settled []int, against int) (c Cause, best *candidate) {
	for _, k := range all {
		if s.Hurried() && 4*len(c.Trials) < 3*len(left) {
			return Cause{}, nil
		}
		explained, whole := k.explains(now, left, most.worth())
		this := extent{len(explained), whole}
		order := this.compare(most)
		if len(explained) == 0 || k.lone && len(explained) < manyLone || order < 0 || order == 0 && slices.Contains(c.Mistakes, k.mistake) ||
			k.idle(explained) || k.contradicts(settled, against) {
			continue
		}
		if order > 0 {
			c, best, most = Cause{Rule: k.rule, Trials: explained}, &k, this
		}
		if c.Mistakes = append(c.Mistakes, k.mistake); k.special(explained) && !best.special(explained) { // it tells the same as the others where there is no occasion
			n := len(c.Mistakes) - 1
			c.Rule, c.Mistakes = k.rule, slices.Insert(c.Mistakes[:n], 0, k.mistake)
			best = &k
		}
	}
	return c, best
}

// idle reports whether the consumer marks what it has not stored, and some trials hold nothing that it would mark: something else about it explains
// them.
func (m *simulation) idle(explained []int) bool {
	return m.marks != noneMarked && !slices.ContainsFunc(explained, func(i int) bool {
		return slices.ContainsFunc(m.all[i].Deliveries, func(d trial.Delivery) bool { return m.marked(&d) })
	})
}

// contradicts reports whether the consumer tells something else in more than so many trials.
func (m *simulation) contradicts(trials []int, most int) bool {
	for _, i := range trials {
		if !m.fit(i) {
			if most--; most < 0 {
				return true
			}
		}
	}
	return false
}

// extent is how many trials a mistake explains, and how many of these altogether.
type extent struct{ trials, whole int }

// worth counts what is explained altogether twice: a mistake that explains many trials in part may only look like the one that explains them.
func (e extent) worth() int { return e.trials + e.whole }

func (e extent) compare(o extent) int {
	return cmp.Or(cmp.Compare(e.worth(), o.worth()), cmp.Compare(e.whole, o.whole))
}

// manyLone is how many trials show at the least that a consumer keeps one conversation: hundreds do, and a few may lack one for other reasons.
const manyLone = 12

// special reports whether the consumer is wrong only on a certain occasion: an attempt that fails, a crash, or another connection. What else
// may be lost in a crash must be missing in a trial that has one.
func (m *simulation) special(explained []int) bool {
	crash := slices.ContainsFunc(explained, func(i int) bool {
		return slices.ContainsFunc(m.all[i].Deliveries, func(d trial.Delivery) bool { return d.Crash.When != trial.Never })
	})
	switch {
	case m.warm > 0, m.counts:
		return crash
	case m.consumer.each && crash: // behind a crash each connection is another one
		return false
	}
	return m.failed != nothingLeft || m.loses != nothing || m.marks != noneMarked || m.consumer.each
}

// candidates lists all mistakes that explain some of what is left, the most promising ones first: once one is found that explains much, the
// others are soon seen to explain less.
func (s *Seen) candidates(made []change, now *simulation, left []int) (all []candidate) {
	sample := s.typical(now, left)
	first := sample[:min(len(sample), probed[0])]
	figures := !slices.ContainsFunc(sample, func(i int) bool { return now.off(i)&^figured != 0 })
	for i := range mistakes {
		m := &mistakes[i]
		for _, change := range m.changes {
			if s.Hurried() {
				return nil
			}
			all = append(all, s.candidate(m, m.Rule, change, made, len(made)).probed(now, first))
			if figures && m.Rule != rulebook.FiguresAgree {
				all = append(all, s.candidate(m, rulebook.FiguresAgree, beside(change), made, len(made)).probed(now, first))
			}
		}
	}
	for n, upTo := range probed[1:] {
		tried := min(len(sample), probed[n])
		full := slices.ContainsFunc(all, func(k candidate) bool { return k.fitting == 2*tried })
		for i := range all {
			if s.Hurried() {
				return nil
			}
			if !full || all[i].fitting == 2*tried {
				all[i] = all[i].probed(now, sample[tried:min(len(sample), upTo)])
			}
		}
	}
	all = slices.DeleteFunc(all, func(k candidate) bool { return k.fitting == 0 })
	for _, k := range all {
		all = append(all, k.others(now, sample, made)...)
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return b.fitting - a.fitting })
	return all
}

// candidate is a consumer that makes a mistake in some place among others.
func (s *Seen) candidate(m *Mistake, rule rulebook.ID, change change, made []change, at int) candidate {
	made = slices.Insert(slices.Clone(made), at, change)
	return candidate{s.simulate(made...), m, rule, change, made, at, 0}
}

// others are other ways to make the mistake, where this one does not explain all of some trials: one that the figures do not have, and one that is
// made before the others.
func (k candidate) others(now *simulation, sample []int, made []change) (all []candidate) {
	s := k.Seen
	wrong := func(which members) bool {
		return !s.Hurried() && slices.ContainsFunc(sample, func(i int) bool { return k.off(i)&which != 0 && k.off(i)&^figured != now.off(i)&^figured })
	}
	if k.rule == k.mistake.Rule && wrong(figured) {
		all = append(all, s.candidate(k.mistake, k.rule, aside(k.change), made, len(made)).probed(now, sample))
	}
	if len(made) > 1 && wrong(^figured) {
		all = append(all, s.candidate(k.mistake, k.rule, k.change, made, 1).probed(now, sample))
	}
	return all
}

// typical is a sample of trials, one after the other of each kind: by the members that are wrong, and by rule.
func (s *Seen) typical(now *simulation, left []int) (sample []int) {
	type kind struct {
		off  members
		rule rulebook.ID
	}
	nth := make(map[kind]int)
	order := make([]int, len(left))
	for n, i := range left {
		k := kind{off: now.off(i)}
		if r := s.all[i].Rules; len(r) > 0 {
			k.rule = r[0]
		}
		order[n] = nth[k]
		nth[k]++
	}
	places := make([]int, len(left))
	for n := range places {
		places[n] = n
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(order[a], order[b]) })
	for _, n := range places[:min(len(places), probed[len(probed)-1])] {
		sample = append(sample, left[n])
	}
	return sample
}

// probed adds how much it explains of some trials: all of one is 2, and a part 1.
func (k candidate) probed(now *simulation, trials []int) candidate {
	for _, i := range trials {
		switch off, was := k.off(i), now.off(i); {
		case off == 0:
			k.fitting += 2
		case off&^was == 0 && off != was:
			k.fitting++
		}
	}
	return k
}

// fewest is how many trials must be explained by a mistake that explains none of them altogether.
const fewest = 5

// explains lists which of the trials the consumer explains, the first ones altogether, or nothing as soon as they are worth less than the least. One of which other members
// are wrong counts if nothing speaks against the mistake: it explains, wherever it is wrong, nearly each time at least one member, to the digit, and makes
// hardly any wrong that was right.
func (m *simulation) explains(now *simulation, trials []int, least int) (explained []int, whole int) {
	var better []int
	var wrong, right [32]int // by member
	worse := 0
	for k, i := range trials {
		off, was := m.off(i), now.off(i)
		switch {
		case off == 0:
			explained = append(explained, i)
		case off&^was != 0:
			worse++
		case off != was:
			better = append(better, i)
		}
		for b := range memberNames {
			if was&(1<<b) != 0 {
				if wrong[b]++; off&(1<<b) == 0 && off&^was == 0 {
					right[b]++
				}
			}
		}
		if 2*(len(explained)+len(trials)-k-1)+len(better) < max(least, 1) {
			return nil, 0
		}
	}
	whole = len(explained)
	sure := false
	for b := range memberNames {
		sure = sure || right[b] >= fewest && 10*right[b] >= 9*wrong[b]
	}
	if sure && 20*worse <= len(better)+whole {
		explained = append(explained, better...)
	}
	if len(explained)+whole < max(least, 1) {
		return nil, 0
	}
	return explained, whole
}
