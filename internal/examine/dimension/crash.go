package dimension

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// delays are how long after the request was sent the consumer is killed.
var delays = []time.Duration{2 * time.Millisecond, 0, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond}

// crashRecipes kill the consumer, if it can be started again.
func crashRecipes(p *Planner) (all []recipe) {
	if !p.Profile.Restart {
		return nil
	}
	behind := trial.Crash{When: trial.Behind}
	all = append(all, crashed("behind/last", "The consumer is killed behind the last notification of a call.", []rulebook.ID{rulebook.StoreBeforeAnswer}, behind, -1))
	all = append(all, crashed("behind/first", "The consumer is killed behind the first notification of a call.", []rulebook.ID{rulebook.StoreBeforeAnswer}, behind, 0))
	all = append(all, recipe{id: "behind/late", story: "The consumer is killed in a call; afterwards comes what happened before.",
		rules: []rulebook.ID{rulebook.StoreBeforeAnswer, rulebook.NeverReopen}, make: func(m *maker) { m.lateAfterCrash() }})
	all = append(all, recipe{id: "behind/older", story: "The consumer is killed in a call; another call was over more than a second before.",
		rules: []rulebook.ID{rulebook.StoreBeforeAnswer}, make: func(m *maker) { m.olderThanCrash() }})
	all = append(all, recipe{"duplicates", "The consumer is killed behind a call, and the first half of the call comes again.", []rulebook.ID{rulebook.RememberAcrossRestart, rulebook.CountOnce},
		trial.Notifications | trial.Seconds | trial.Figures, func(m *maker) { m.againAfterCrash() }},
		recipe{"duplicates/after-300", "The consumer is killed, and what came before 300 other notifications comes again.", []rulebook.ID{rulebook.RememberAcrossRestart, rulebook.CountOnce},
			trial.Notifications | trial.Seconds | trial.Figures, func(m *maker) {
				all := m.agentCall(how{})
				if len(all) == 0 {
					return
				}
				last := all[len(all)-1]
				last.Crash.When = trial.Behind
				m.Ask = []string{last.Conversation}
				m.send(all[:len(all)-1]...)
				m.others(300, 4)
				m.send(last)
				m.send(all[:(len(all)+1)/2]...)
			}})
	for _, d := range delays {
		within := trial.Crash{When: trial.Within, After: d}
		all = append(all, killedWithin(within)...)
		all = append(all, recipe{id: fmt.Sprintf("burst-%dms", d.Milliseconds()), story: fmt.Sprintf("All notifications of a channel come at the same time, and the consumer is killed %v later.", d),
			rules: []rulebook.ID{rulebook.WholeOrNothing, rulebook.StoreBeforeAnswer}, make: func(m *maker) {
				all := m.agentCall(how{})
				together := slices.Clone(all)
				if n := len(together); n > 0 {
					together[n-1].Crash = within
				}
				m.burst(together...)
				m.send(all...)
			}})
	}
	for round := range sweeps {
		all = append(all, recipe{id: fmt.Sprintf("within-answer/%d", round+1), story: "The consumer is killed in each notification of a call, each time a bit later in its work; each is sent again.",
			rules: []rulebook.ID{rulebook.WholeOrNothing, rulebook.RetryIsNoDuplicate, rulebook.StoreBeforeAnswer}, make: func(m *maker) { m.sweep(round) }})
	}
	all = append(all, crashed("behind/third", "The consumer is killed between two notifications of a call.", []rulebook.ID{rulebook.StoreBeforeAnswer}, behind, 2))
	place := func(r recipe) int {
		if i := slices.Index(telling, r.id); i >= 0 {
			return i
		}
		return len(telling)
	}
	slices.SortStableFunc(all, func(a, b recipe) int { return place(a) - place(b) })
	return all
}

// killedWithin kills the consumer while a notification of a call is under way.
func killedWithin(within trial.Crash) (all []recipe) {
	for at, place := range []string{"first", "second", "third"} {
		again := ", and later once more" // which heals what the first retry has lost
		if at == lastly {
			again = ""
		}
		all = append(all, crashed(fmt.Sprintf("within-%dms/%s", within.After.Milliseconds(), place),
			fmt.Sprintf("The consumer is killed %v after the %s notification of a call was sent; it is sent again%s.", within.After, place, again),
			[]rulebook.ID{rulebook.WholeOrNothing, rulebook.RetryIsNoDuplicate}, within, at))
	}
	if within.After <= mostTwice {
		all = append(all, recipe{id: fmt.Sprintf("within-%dms/twice", within.After.Milliseconds()),
			story: fmt.Sprintf("The consumer is killed %v after the third notification of a call was sent, and again behind the last one.", within.After),
			rules: []rulebook.ID{rulebook.WholeOrNothing, rulebook.StoreBeforeAnswer}, make: func(m *maker) {
				all := m.agentCall(how{})
				if n := len(all); n > lastly+1 {
					all[lastly].Crash = within
					all[n-1].Crash.When = trial.Behind
				}
				m.send(all...)
			}})
	}
	return all
}

// sweeps is how many trials kill the consumer at moments that go by how long its answers take.
const sweeps = 4

// sweep kills the consumer in each notification of a call. The moments of the first round lie from a fifth of the time that an answer usually
// takes to five times that, since behind a start answers may take longer; those of the others from a fifth to one and a half, where most
// mistakes of quick ones are, between each other. They begin at other notifications each time, so that the last one is killed in the midst of its
// work: what it loses, no other crash takes.
func (m *maker) sweep(round int) {
	all := m.agentCall(how{})
	for i := range all {
		share := 0.2 * math.Pow(25, float64((i+3)%len(all))/float64(max(1, len(all)-1)))
		if round > 0 {
			share = 0.2 + 1.3*(float64((i+round+1)%len(all))+float64(round-1)/(sweeps-1))/float64(len(all))
		}
		all[i].Crash = trial.Crash{When: trial.Within, Share: share}
	}
	m.send(all...)
}

// mostTwice is how long after a request the consumer is killed at most where it is killed twice, which takes twice as long.
const mostTwice = 5 * time.Millisecond

// telling are the crashes that show most, which come first: a start takes its time, and there may be none for all of them.
var telling = []string{"behind/last", "within-2ms/first", "duplicates", "within-answer/1", "within-5ms/first", "burst-2ms", "within-2ms/twice", "behind/late", "within-10ms/first", "behind/older"}

// lastly is the place of a notification behind whose retry nothing comes once more: what that has lost stays lost.
const lastly = 2

// crashed is a call with a crash at one of its notifications, the last one for -1; what was sent before a crash within comes once more in the
// end, but for that at the place lastly.
func crashed(id, story string, rules []rulebook.ID, c trial.Crash, at int) recipe {
	return recipe{id: id, story: story, rules: rules, make: func(m *maker) {
		all := m.agentCall(how{})
		if len(all) == 0 {
			return
		}
		at := min(at, len(all)-1)
		if at < 0 {
			at = len(all) - 1
		}
		again := slices.Clone(all[:at+1])
		all[at].Crash = c
		m.send(all...)
		if c.When == trial.Within && at != lastly {
			m.send(again...)
		}
	}}
}

// olderThanCrash sends a call, and slowly the beginning of another one, behind which the consumer is killed.
func (m *maker) olderThanCrash() {
	m.send(m.agentCall(how{})...)
	all := m.agentCall(how{})
	all = all[:min(3, len(all))]
	for i := range all {
		all[i].Wire.Way = trial.Slow
	}
	if n := len(all); n > 0 {
		all[n-1].Crash.When = trial.Behind
	}
	m.send(all...)
}

// lateAfterCrash holds a notification back until the consumer was started again.
func (m *maker) lateAfterCrash() {
	all := m.agentCall(how{})
	if len(all) < 3 {
		return
	}
	late := all[1]
	all = slices.Delete(all, 1, 2)
	all[len(all)-1].Crash.When = trial.Behind
	m.send(all...)
	m.send(late)
}

// againAfterCrash sends a call, behind which the consumer is killed, and its first half once more.
func (m *maker) againAfterCrash() {
	all := m.agentCall(how{})
	if len(all) == 0 {
		return
	}
	again := slices.Clone(all[:(len(all)+1)/2])
	all[len(all)-1].Crash.When = trial.Behind
	m.send(slices.Concat(all, again)...)
}
