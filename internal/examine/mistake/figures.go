package mistake

import (
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// participant is the part that somebody has in a conversation.
type participant struct {
	role        string
	agentID     any
	interaction string
	life
}

// begin is when the part begins, in nanoseconds; 0 if it is not known.
func (p *participant) begin() int64 {
	if len(p.stays) == 0 {
		return 0
	}
	return p.stays[0].from.UnixNano()
}

// figures are those of a whole conversation, from the parts in the order in which they begin. What consumers may see in one way
// or another is left out.
func figures(all []participant) map[trial.Figure]float64 {
	out := map[trial.Figure]float64{trial.Talk: 0, trial.Hold: 0, trial.Wrap: 0}
	agents := map[any]bool{}
	var open []trial.Figure // which last, and may be counted up to now; or which not everybody counts alike
	for i := range all {
		p := &all[i]
		switch {
		case p.role == "agent" && p.phase == "connected":
			open = append(open, trial.Talk)
		case p.role == "agent" && p.phase == "wrap":
			open = append(open, trial.Wrap)
		case p.phase == "held" || p.role != "external" && p.seconds["held"] > 0:
			open = append(open, trial.Hold)
		}
		switch p.role {
		case "external":
			out[trial.Hold] += p.seconds["held"]
		case "agent":
			out[trial.Talk] += p.seconds["connected"]
			out[trial.Wrap] += p.seconds["wrap"]
			if _, ok := p.since("connected"); ok {
				agents[p.agentID] = true
			}
		}
	}
	out[trial.Agents] = float64(len(agents))
	for _, f := range open {
		delete(out, f)
	}
	if plainInbound(all) {
		outcome(all, out)
	}
	return out
}

// plainInbound reports whether a conversation is one interaction that begins with an outside party who is connected at once, without
// voicemail, and over: then everybody agrees on what was answered and abandoned.
func plainInbound(all []participant) bool {
	if len(all) == 0 {
		return false
	}
	first := &all[0]
	at, connected := first.since("connected")
	if first.role != "external" || !connected || !at.Equal(first.stays[0].from) {
		return false
	}
	return !slices.ContainsFunc(all, func(p participant) bool {
		return p.interaction != first.interaction || p.role == "voicemail" || p.phase != "ended"
	})
}

// outcome adds what became of an inbound interaction.
func outcome(all []participant, out map[trial.Figure]float64) {
	var agents []*participant // that were connected
	for i := range all {
		if _, ok := all[i].since("connected"); ok && all[i].role == "agent" {
			agents = append(agents, &all[i])
		}
	}
	out[trial.Answered], out[trial.Abandoned], out[trial.Transfers] = 0, 1, 0
	if len(agents) == 0 {
		return
	}
	slices.SortStableFunc(agents, func(a, b *participant) int {
		x, _ := a.since("connected")
		y, _ := b.since("connected")
		return x.Compare(y)
	})
	at, _ := agents[0].since("connected")
	out[trial.Answered], out[trial.Abandoned], out[trial.SecondsToAnswer] = 1, 0, at.Sub(all[0].stays[0].from).Seconds()
	for _, a := range agents[1:] {
		if a.left().After(agents[0].left()) {
			out[trial.Transfers]++
		}
	}
}

// figureMistakes are about figures of the conversation alone.
var figureMistakes = []Mistake{
	{"talk-has-hold", rulebook.FiguresAgree, "counts hold as talk in the figures of the conversation",
		[]change{figure(addHold(1)), figure(addHold(-1))}},
	{"agents-rung", rulebook.FiguresAgree, "counts agents who were rung, not those who answered", []change{figure(func(all []participant, f map[trial.Figure]float64) {
		agents := map[any]bool{}
		for i := range all {
			if all[i].role == "agent" {
				agents[all[i].agentID] = true
			}
		}
		f[trial.Agents] = float64(len(agents))
	})}},
	{"answered-when-rung", rulebook.FiguresAgree, "takes the first ringing for the answer", []change{figure(func(all []participant, f map[trial.Figure]float64) {
		if i := slices.IndexFunc(all, func(p participant) bool { return p.role == "agent" && len(p.stays) > 0 }); i > 0 {
			if _, told := f[trial.Answered]; told {
				f[trial.Answered], f[trial.Abandoned], f[trial.SecondsToAnswer] = 1, 0, all[i].stays[0].from.Sub(all[0].stays[0].from).Seconds()
			}
		}
	})}},
	{"answer-from-ringing", rulebook.FiguresAgree, "counts the time to the answer from the agent's ringing on", []change{figure(func(all []participant, f map[trial.Figure]float64) {
		for i := range all {
			at, ok := all[i].since("connected")
			if _, told := f[trial.SecondsToAnswer]; told && ok && all[i].role == "agent" {
				f[trial.SecondsToAnswer] = at.Sub(all[i].stays[0].from).Seconds()
				return
			}
		}
	})}},
	{"every-agent-is-a-transfer", rulebook.FiguresAgree, "takes every further agent for a transfer", []change{figure(func(_ []participant, f map[trial.Figure]float64) {
		if _, told := f[trial.Transfers]; told {
			f[trial.Transfers] = max(0, f[trial.Agents]-1)
		}
	})}},
}

// addHold adds hold to talk, or takes it off, where both are told.
func addHold(sign float64) func([]participant, map[trial.Figure]float64) {
	return func(_ []participant, f map[trial.Figure]float64) {
		if _, told := f[trial.Talk]; told {
			f[trial.Talk] += sign * f[trial.Hold]
		}
	}
}

func figure(as func([]participant, map[trial.Figure]float64)) change {
	return func(c *consumer) { c.figure = as }
}

// since is when the first stay in a phase begins.
func (l *life) since(phase string) (time.Time, bool) {
	for _, s := range l.stays {
		if s.phase == phase {
			return s.from, true
		}
	}
	return time.Time{}, false
}

// left is when the last stay in phase connected ends.
func (l *life) left() (at time.Time) {
	for _, s := range l.stays {
		if s.phase == "connected" {
			at = s.to
		}
	}
	return at
}
