package mistake

import (
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/ringback/ringback/internal/examine/trial"
)

// tries is how many ways in which it may have happened are tried, where there are too many to try all.
const tries = 400

// byChance adds to the causes found the trials that chance had a hand in, if there is a way in which it may have happened
// that a consumer with the mistakes made explains. It returns those that nothing explains.
func (s *Seen) byChance(made []change, causes []Cause, trials []int) (left []int) {
	m := s.simulate(made...)
	for _, i := range trials {
		at := -1
		if len(causes) > 0 && m.possible(i) {
			at = 0
			for k := range causes { // the cause that explains it by itself, if one does
				if s.simulate(made[0], made[k+1]).possible(i) {
					at = k
					break
				}
			}
		}
		if at < 0 {
			left = append(left, i)
			continue
		}
		causes[at].Trials = append(causes[at].Trials, i)
	}
	return left
}

// forgetful finds the mistake that only crashes show: of those that leave something of an attempt behind, or lose something, the one
// with which most of the trials are possible, and that contradicts nothing.
func (s *Seen) forgetful(made []change, settled, trials []int) (c Cause) {
	if len(trials) == 0 {
		return c
	}
	for i := range mistakes {
		m := &mistakes[i]
		for _, change := range m.changes {
			sim := s.simulate(append(slices.Clone(made), change)...)
			if sim.failed == nothingLeft && sim.loses == nothing {
				continue
			}
			possible := slices.DeleteFunc(slices.Clone(trials), func(i int) bool { return !sim.possible(i) })
			if len(possible) > len(c.Trials) && !slices.ContainsFunc(settled, func(i int) bool { return !sim.fit(i) }) {
				c = Cause{Rule: m.Rule, Mistakes: []*Mistake{m}, Trials: possible}
			}
		}
	}
	return c
}

// possible reports whether the consumer tells what was told in a trial if its bursts arrived in some order, and attempts that
// failed in a crash were stored or not. Each channel may have seen another order.
func (m *simulation) possible(i int) bool {
	random := rand.New(rand.NewPCG(uint64(i), 1))
	wrong := m.channels(i)
	for n := range tries {
		told := m.replay(i, m.happened(i, n, random), true)
		for id := range wrong {
			d := differences(m.all[i].Told[id.conversation], told[id.conversation], m.slack, 0)
			if !slices.ContainsFunc(d, func(d Difference) bool { return d.Channel == id.channel }) {
				delete(wrong, id)
			}
		}
		if len(wrong) == 0 {
			return true
		}
	}
	return false
}

// place is a channel of a conversation, or for "" what is told of all of it.
type place struct{ conversation, channel string }

// channels lists what is told in a trial other than a correct consumer tells it.
func (m *simulation) channels(i int) map[place]bool {
	all := map[place]bool{}
	told := m.tell(i)
	for _, id := range m.all[i].Conversations() {
		for _, d := range differences(m.all[i].Told[id], told[id], m.slack, 0) {
			all[place{id, d.Channel}] = true
		}
	}
	return all
}

// happened is one way in which a trial may have happened, the first one the order of sending.
func (m *simulation) happened(i, n int, random *rand.Rand) []step {
	steps := make([]step, 0, len(m.of[i]))
	for _, k := range m.of[i] {
		steps = append(steps, m.steps[k])
	}
	if n == 0 {
		return steps
	}
	for _, at := range slices.Sorted(maps.Keys(m.bursts(steps))) {
		burst := steps[at:m.bursts(steps)[at]]
		random.Shuffle(len(burst), func(a, b int) { burst[a], burst[b] = burst[b], burst[a] })
	}
	for k := 0; k < len(steps); k++ {
		st := steps[k]
		whole := st.failed() || st.crash && k+1 < len(steps) && steps[k+1].delivery != nil && steps[k+1].delivery.Crash.When == trial.Within
		if !whole || random.IntN(2) == 0 {
			continue
		}
		if st.crash {
			st = steps[k+1]
		}
		st.attempt = true
		steps = slices.Insert(steps, k, st)
		k++
	}
	return steps
}

// bursts are the steps that were released together: where they begin, and where they end.
func (m *simulation) bursts(steps []step) map[int]int {
	all := map[int]int{}
	number := func(k int) int {
		if k < 0 || steps[k].delivery == nil {
			return 0
		}
		return steps[k].delivery.Burst
	}
	for k := 0; k < len(steps); k++ {
		if number(k) == 0 {
			continue
		}
		end := k + 1
		for end < len(steps) && number(end) == number(k) {
			end++
		}
		all[k] = end
		k = end - 1
	}
	return all
}
