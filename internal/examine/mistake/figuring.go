package mistake

import (
	"maps"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// figureMistakes are about figures of the conversation alone.
var figureMistakes = []Mistake{
	{"talk-has-hold", rulebook.FiguresAgree, "counts hold as talk in the figures of the conversation",
		[]change{figure(addHold(1)), figure(addHold(-1))}},
	{"talk-has-wrap", rulebook.FiguresAgree, "counts wrap as talk in the figures of the conversation", []change{figure(func(_ []participant, f sums) {
		if _, known := f[trial.Wrap]; known {
			f.set(trial.Talk, f[trial.Talk]+f[trial.Wrap])
		}
	})}},
	{"talk-of-all", rulebook.FiguresAgree, "adds up the talk of all channels, not only of agents",
		[]change{adding(trial.Talk, "connected", "agent", "external", "monitor", "voicemail"), adding(trial.Talk, "connected", "agent", "external"), adding(trial.Talk, "connected", "external")}},
	{"answered-when-rung", rulebook.FiguresAgree, "takes a conversation for answered once an agent's phone rings",
		[]change{figure(rung(true)), figure(rung(false))}},
	{"agents-rung", rulebook.FiguresAgree, "counts agents who were rung, not those who answered", []change{figure(func(all []participant, f sums) {
		agents := map[any]bool{}
		for i := range all {
			if all[i].role == "agent" {
				agents[all[i].agentID] = true
			}
		}
		f[trial.Agents] = float64(len(agents))
	})}},
	{"answered-when-rung", rulebook.FiguresAgree, "takes the first ringing for the answer", []change{answers(func(all []participant) (time.Time, bool) {
		if i := slices.IndexFunc(all, func(p participant) bool { return p.role == "agent" && len(p.stays) > 0 }); i > 0 {
			return all[i].stays[0].from, true
		}
		return time.Time{}, false
	})}},
	{"answered-by-voicemail", rulebook.FiguresAgree, "takes a voicemail box for an answer",
		[]change{answers(func(all []participant) (time.Time, bool) { return met(all, "voicemail", "external") })}},
	{"answer-from-ringing", rulebook.FiguresAgree, "counts the time to the answer from the agent's ringing on", []change{
		fromRinging(func(_ []participant, connected time.Time) time.Time { return connected }),
		fromRinging(func(all []participant, connected time.Time) time.Time {
			if at, answered := met(all, "agent", "external", "agent"); answered {
				return at
			}
			return connected
		}),
	}},
	{"abandoned-unless-answered", rulebook.FiguresAgree, "takes a conversation for abandoned if it is over and not answered, whatever else became of it", []change{
		abandons(func([]participant) bool { return true }),
		abandons(func(all []participant) bool { return slices.ContainsFunc(all, wasThere) }), // also if they left a message
		abandons(func(all []participant) bool { // both
			return slices.ContainsFunc(all, func(p participant) bool { return p.role == "external" })
		}),
		abandons(func(all []participant) bool { // also if they never answered
			_, recorded := met(all, "voicemail", "external")
			return !recorded
		}),
	}},
	{"monitors-count-as-agents", rulebook.FiguresAgree, "counts monitors as agents in the figures of the conversation", []change{counting("monitor")}},
	{"voicemail-counts-as-agent", rulebook.FiguresAgree, "counts voicemail as an agent in the figures of the conversation", []change{counting("voicemail"), counting("voicemail", "monitor")}},
	{"every-agent-is-a-transfer", rulebook.FiguresAgree, "takes every further agent for a transfer", []change{figure(func(_ []participant, f sums) {
		f.set(trial.Transfers, max(0, f[trial.Agents]-1))
	})}},
}

// sums are figures as a consumer tells them.
type sums map[trial.Figure]float64

// set changes a figure that is there.
func (f sums) set(which trial.Figure, value float64) {
	if _, is := f[which]; is {
		f[which] = value
	}
}

func figure(as func([]participant, sums)) change {
	return func(c *consumer) {
		c.figure = func(all []participant, f map[trial.Figure]float64) { as(all, f) }
	}
}

// addHold adds hold to talk, or takes it off, where both are told.
func addHold(sign float64) func([]participant, sums) {
	return func(_ []participant, f sums) {
		f.set(trial.Talk, f[trial.Talk]+sign*f[trial.Hold])
	}
}

// adding adds up a phase of the channels of some roles, if none of them lasts.
func adding(which trial.Figure, phase string, roles ...string) change {
	return figure(func(all []participant, f sums) {
		sum := 0.0
		for i := range all {
			if p := &all[i]; slices.Contains(roles, p.role) {
				if sum += p.seconds[phase]; p.phase == phase {
					delete(f, which)
				}
			}
		}
		f.set(which, sum)
	})
}

// answers has something else answer a conversation, where it happened, or also that.
func answers(at func([]participant) (time.Time, bool)) change {
	return figure(func(all []participant, f sums) {
		from, ok := at(all)
		if _, over := f[trial.Answered]; !over || !ok {
			return
		}
		seconds := from.Sub(first(all)).Seconds()
		if before, answered := f[trial.SecondsToAnswer]; answered && before < seconds {
			return
		}
		f[trial.Answered], f[trial.Abandoned], f[trial.SecondsToAnswer] = 1, 0, seconds
	})
}

// fromRinging counts the time to the answer from the ringing of the first agent who was connected.
func fromRinging(to func(all []participant, connected time.Time) time.Time) change {
	return figure(func(all []participant, f sums) {
		for i := range all {
			if at, ok := all[i].since("connected"); ok && all[i].role == "agent" {
				f.set(trial.SecondsToAnswer, to(all, at).Sub(all[i].stays[0].from).Seconds())
				return
			}
		}
	})
}

// counting takes other roles for agents in the figures.
func counting(roles ...string) change {
	return figure(func(all []participant, f sums) {
		other := slices.Clone(all)
		for i := range other {
			if slices.Contains(roles, other[i].role) {
				other[i].role = "agent"
			}
		}
		clear(f)
		maps.Copy(f, agreed(other))
	})
}

// nobodyCounts counts whoever has no agentId as one agent.
func nobodyCounts(all []participant, f sums) {
	agents := map[any]bool{}
	for i := range all {
		if _, connected := all[i].since("connected"); connected && all[i].role == "agent" {
			agents[all[i].agentID] = true
		}
	}
	f.set(trial.Agents, float64(len(agents)))
}

// abandons has a conversation that is over and not answered be abandoned on a condition.
func abandons(such func([]participant) bool) change {
	return figure(func(all []participant, f sums) {
		is := 0.0
		if f[trial.Answered] == 0 && such(all) {
			is = 1
		}
		f.set(trial.Abandoned, is)
	})
}

// wasThere reports whether it is a customer who was connected.
func wasThere(p participant) bool {
	_, connected := p.since("connected")
	return connected && p.role == "external"
}

// rung takes a conversation for answered if an agent has a channel, and not for abandoned then, or leaves that as it is.
func rung(both bool) func([]participant, sums) {
	return func(all []participant, f sums) {
		if !slices.ContainsFunc(all, func(p participant) bool { return p.role == "agent" && len(p.life.stays) > 0 }) {
			return
		}
		f.set(trial.Answered, 1)
		if both {
			f.set(trial.Abandoned, 0)
		}
	}
}
