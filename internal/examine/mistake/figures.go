package mistake

import (
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// participant is the part that somebody has in a conversation.
type participant struct {
	role    string
	agentID any
	life
}

// begin is when the part begins, in nanoseconds; 0 if it is not known.
func (p *participant) begin() int64 {
	if len(p.stays) == 0 {
		return 0
	}
	return p.stays[0].from.UnixNano()
}

// figures are those of a whole conversation, from the parts in the order in which they begin.
func figures(all []participant) map[trial.Figure]float64 {
	out := map[trial.Figure]float64{}
	agents := map[any]bool{}
	var first, answered time.Time
	for i := range all {
		p := &all[i]
		if len(p.stays) > 0 && (first.IsZero() || p.stays[0].from.Before(first)) {
			first = p.stays[0].from
		}
		switch p.role {
		case "external":
			out[trial.Hold] += p.seconds["held"]
		case "agent":
			out[trial.Talk] += p.seconds["connected"]
			out[trial.Wrap] += p.seconds["wrap"]
			if at, ok := p.since("connected"); ok {
				agents[p.agentID] = true
				if answered.IsZero() || at.Before(answered) {
					answered = at
				}
			}
		}
	}
	out[trial.Agents] = float64(len(agents))
	if !answered.IsZero() {
		out[trial.Answered] = 1
		out[trial.SecondsToAnswer] = answered.Sub(first).Seconds()
	}
	return out
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
