package mistake

import (
	"slices"
	"strings"
)

// credible takes back mistakes that only look as if they were made: something unknown is wrong nearly everywhere, also in what is sent most
// plainly, and some of what comes of it looks by accident like a known mistake. It returns what is left, and what is explained no more.
func (s *Seen) credible(made []change, causes []Cause, right, now *simulation, wrong, left []int) ([]change, []Cause, *simulation, []int) {
	if now.slack > 0 && len(causes) == 1 && !now.fitsMost(causes[0].Trials) { // it would explain whatever is wrong with times
		now = s.simulate(made[0])
		return made[:1], nil, now, slices.Clone(wrong)
	}
	most := 2*len(left) > len(wrong)
	if some := 3*len(left) > len(wrong) && slices.ContainsFunc(left, s.plain); len(causes) == 0 || s.Hurried() || !most && !some {
		return made, causes, now, left
	}
	everywhere := now.mostly(left)
	kept := slices.Clone(made)
	for k := len(causes) - 1; k >= 0; k-- {
		without := s.simulate(slices.Delete(slices.Clone(made), k+1, k+2)...)
		if now.doubtful(without, right, causes[k].Trials, everywhere) {
			kept, causes = slices.Delete(kept, k+1, k+2), slices.Delete(causes, k, k+1)
		}
	}
	if len(kept) == len(made) {
		return made, causes, now, left
	}
	now = s.simulate(kept...)
	return kept, causes, now, slices.DeleteFunc(slices.Clone(wrong), now.near)
}

// fitsMost reports whether the consumer tells what was told in most of some trials.
func (m *simulation) fitsMost(trials []int) bool {
	n := 0
	for _, i := range trials {
		if m.fit(i) {
			n++
		}
	}
	return 2*n > len(trials)
}

// plain reports whether a trial is one in which nothing but a call comes, in order and once.
func (s *Seen) plain(i int) bool {
	return i >= len(s.all)-s.Controls || strings.HasPrefix(s.all[i].ID, "bytes/plain") || strings.HasPrefix(s.all[i].ID, "bytes/external")
}

// mostly are the members that are wrong in most of some trials.
func (m *simulation) mostly(trials []int) (all members) {
	for b := range memberNames {
		n := 0
		for _, i := range trials {
			if m.off(i)&(1<<b) != 0 {
				n++
			}
		}
		if 2*n > len(trials) {
			all |= 1 << b
		}
	}
	return all
}

// doubtful reports whether a mistake, without which the consumer would be another one, does not go with what is wrong everywhere: it explains
// trials altogether in which that should be wrong as well, or in most of them nothing but a figure or a single member.
func (m *simulation) doubtful(without, right *simulation, trials []int, everywhere members) bool {
	whole, gained := 0, [32]int{}
	for _, i := range trials {
		better := without.off(i) &^ m.off(i)
		for b := range memberNames {
			gained[b] += int(better >> b & 1)
		}
		if m.near(i) && right.off(i)&everywhere != 0 {
			whole++
		}
	}
	channel, all := 0, 0
	for b := range memberNames {
		if 2*gained[b] > len(trials) {
			if all++; 1<<b&figured == 0 {
				channel++
			}
		}
	}
	return 2*whole > len(trials) || channel == 0 || all < 2
}
