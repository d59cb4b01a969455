package mistake

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// most is in how many ways at most each trial may have happened that are tried, and some how many are if only attempts
// failed, or if too many orders are possible to try all.
const most, some = 5040, 400

// byChance adds to the causes found the trials that chance had a hand in, if there is a way in which it may have happened
// that a consumer with the mistakes made explains. It returns those that nothing explains.
func (s *Seen) byChance(made []change, causes []Cause, right *simulation, trials []int) (left []int) {
	m, alone := s.simulate(made...), s.each(made)
	for _, i := range trials {
		if len(causes) == 0 || !m.possible(i) {
			left = append(left, i)
			continue
		}
		// the first cause that shows in it
		at := max(0, slices.IndexFunc(alone, func(m *simulation) bool { return m.unlike(right, i) != 0 }))
		causes[at].Trials = append(causes[at].Trials, i)
	}
	return left
}

// hopeless is after how many trials, none of which is possible, no others are tried.
const hopeless = 4

// forgetful finds the mistake that only crashes show: of those that leave something of an attempt behind, or lose something, the one
// with which most of the trials are possible, and that contradicts nothing.
func (s *Seen) forgetful(made []change, settled, trials []int) (c Cause) {
	trials = slices.DeleteFunc(slices.Clone(trials), func(i int) bool { // where nothing failed, none of them shows
		return !slices.ContainsFunc(s.of[i], func(k int) bool { return s.steps[k].crash || s.steps[k].failed() })
	})
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
			var possible []int
			for n, i := range trials {
				if n == hopeless && len(possible) == 0 || len(possible)+len(trials)-n < len(c.Trials) {
					break
				}
				if sim.possible(i) {
					possible = append(possible, i)
				}
			}
			better := len(possible) > len(c.Trials) || sim.failed == theUncounted && len(possible) == len(c.Trials) && s.counted(s.simulate(made...), possible, 1)
			if sim.failed >= theTear { // it shows in the fewest trials: who loses a retry loses it wherever it is killed in an attempt
				better = len(possible) == len(trials) && (c.Rule == m.Rule || len(c.Trials) < len(trials) || s.spares(s.simulate(made...), trials))
			}
			if !better || slices.ContainsFunc(settled, func(i int) bool { return !sim.fit(i) }) {
				continue
			}
			if others := c.Mistakes; len(possible) > len(c.Trials) || c.Rule != m.Rule || sim.failed == theUncounted {
				if sim.failed < theTear || c.Rule != m.Rule || 2*len(c.Trials) < len(possible) {
					others = nil // else it may be one of these as well, with an accident
				}
				c = Cause{Rule: m.Rule, Mistakes: append([]*Mistake{m}, others...), Trials: possible}
			} else if !slices.Contains(c.Mistakes, m) { // either explains all
				c.Mistakes = append(c.Mistakes, m)
			}
		}
	}
	return c
}

// byLuck is how likely it may be that no attempt has lost anything that the last crash of a trial cut off, before what is lost is lost in the crash
// behind the one that cut it off: who marks a notification before it is stored loses it then and there.
const byLuck = 0.1

// spares reports whether the last crashes of trials have lost so little that luck does not explain it: of all attempts that crashes cut off in the
// midst of their work, so many have lost something, and none of the last ones.
func (s *Seen) spares(right *simulation, trials []int) bool {
	usually := s.usually()
	all, last := 0, 0
	for _, p := range s.all {
		cut := false // by the last crash so far
		for j := range p.Answers {
			c, a := p.Delivery(j).Crash, &p.Answers[j]
			if c.When == trial.Never || a.Attempts == 0 || p.Asked.IsZero() {
				continue
			}
			at := c.After + time.Duration(c.Share*float64(usually))
			if cut = c.When == trial.Within && a.Attempts > 1 && at >= usually/5; cut {
				all++
			}
		}
		if cut {
			last++
		}
	}
	luck := 1.0 // that none of the losses is one of the last
	for k := range s.toldTooFew(right, trials) {
		luck *= max(0, float64(all-last-k)) / max(1, float64(all-k))
	}
	return last > 0 && luck < byLuck
}

// usually is how long an answer takes.
func (s *Seen) usually() time.Duration {
	var took []time.Duration
	for _, p := range s.all {
		for j := range p.Answers {
			if a := &p.Answers[j]; a.Attempts == 1 && a.Accepted() {
				took = append(took, a.Took)
			}
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// toldTooFew is how many notifications are told too few in some trials.
func (s *Seen) toldTooFew(right *simulation, trials []int) (n int) {
	for _, i := range trials {
		for id, want := range right.tell(i) {
			for channel, w := range want.Channels {
				n += *w.Notifications
				if told := s.all[i].Told[id]; told != nil && told.Channels[channel] != nil && told.Channels[channel].Notifications != nil {
					n -= min(*w.Notifications, *told.Channels[channel].Notifications)
				}
			}
		}
	}
	return n
}

// possible reports whether the consumer tells what was told in a trial if its bursts arrived in some order, and attempts that
// failed in a crash were stored or not. Each channel may have seen another order.
func (m *simulation) possible(i int) bool {
	random := rand.New(rand.NewPCG(uint64(i), 1))
	wrong := m.channels(i)
	same := map[Difference]int{} // how often each was there
	for n := range m.ways(i) {
		if m.Hurried() {
			return false
		}
		told := m.replay(i, m.happened(i, n, random), true)
		for at := range wrong {
			right := true
			for _, d := range m.differences(m.all[i].Told[at.conversation], told[at.conversation], m.slack, 0) {
				if d.Channel == at.channel {
					right, d.Conversation = false, at.conversation
					same[d]++
				}
			}
			if right {
				delete(wrong, at)
			}
		}
		if len(wrong) == 0 {
			return true
		}
		if n == sample && slices.Contains(slices.Collect(maps.Values(same)), sample+1) {
			return false // it does not depend on the order
		}
	}
	return false
}

// sample is how many ways are tried before what was wrong in each of them counts as wrong in all.
const sample = 30

// place is a channel of a conversation, or for "" what is told of all of it.
type place struct{ conversation, channel string }

// channels lists what is told in a trial other than a correct consumer tells it.
func (m *simulation) channels(i int) map[place]bool {
	all := map[place]bool{}
	told := m.tell(i)
	for _, id := range m.all[i].Conversations() {
		for _, d := range m.differences(m.all[i].Told[id], told[id], m.slack, 0) {
			all[place{id, d.Channel}] = true
		}
	}
	return all
}

// ways is in how many ways a trial may have happened, as seen from the channel with the most of them.
func (m *simulation) ways(i int) int {
	count := map[string]int{}
	for _, of := range m.together(m.happened(i, 0, nil)) {
		for _, at := range of.at {
			n := count[of.channel]
			count[of.channel] = max(n, 1) * factorial(len(at))
		}
	}
	all := some
	for _, n := range count {
		all = max(all, 2*min(n, most))
	}
	return all
}

func factorial(n int) int {
	if n <= 1 {
		return 1
	}
	return min(n*factorial(n-1), most+1)
}

// happened is the n-th way in which a trial may have happened, the first one being the order of sending. Each channel
// goes through the orders of its own bursts.
func (m *simulation) happened(i, n int, random *rand.Rand) []step {
	steps := make([]step, 0, len(m.of[i]))
	for _, k := range m.of[i] {
		steps = append(steps, m.steps[k])
	}
	if n == 0 {
		return steps
	}
	if n%2 == 1 { // orders of channels among one another, at random
		for k := 0; k < len(steps); {
			end := k + 1
			for end < len(steps) && steps[k].together(&steps[end]) {
				end++
			}
			random.Shuffle(end-k, func(a, b int) { steps[k+a], steps[k+b] = steps[k+b], steps[k+a] })
			k = end
		}
	}
	for _, of := range m.together(steps) {
		rest := n / 2
		for _, at := range of.at {
			ways := factorial(len(at))
			if ways > most {
				random.Shuffle(len(at), func(a, b int) { steps[at[a]], steps[at[b]] = steps[at[b]], steps[at[a]] })
				continue
			}
			arrange(steps, at, rest%ways)
			rest /= ways
		}
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
	if m.loses == theLatest {
		steps = lessBefore(steps, random.IntN(mostLost))
	}
	return steps
}

// together reports whether two steps were released together.
func (st *step) together(other *step) bool {
	return st.delivery != nil && other.delivery != nil && st.delivery.Burst != 0 && st.delivery.Burst == other.delivery.Burst
}

// arrange puts the steps at some places into their n-th order.
func arrange(steps []step, at []int, n int) {
	left := make([]step, len(at))
	for i, k := range at {
		left[i] = steps[k]
	}
	for _, k := range at {
		i := n % len(left)
		n /= len(left)
		steps[k] = left[i]
		left = slices.Delete(left, i, i+1)
	}
}

// bursts are the places of the steps of one channel, for each burst.
type bursts struct {
	channel string
	at      [][]int
}

// together lists what was released together.
func (m *simulation) together(steps []step) (all []bursts) {
	number := 0
	for k := range steps {
		d := steps[k].delivery
		if d == nil || d.Burst == 0 {
			number = 0
			continue
		}
		i := slices.IndexFunc(all, func(b bursts) bool { return b.channel == d.Channel })
		if i < 0 {
			i = len(all)
			all = append(all, bursts{channel: d.Channel})
		}
		b := &all[i]
		if n := len(b.at); n == 0 || number != d.Burst || steps[b.at[n-1][0]].delivery.Burst != d.Burst {
			b.at = append(b.at, nil)
		}
		number = d.Burst
		last := &b.at[len(b.at)-1]
		*last = append(*last, k)
	}
	return all
}
