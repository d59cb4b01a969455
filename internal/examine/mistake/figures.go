package mistake

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// participant is the part that somebody has in a conversation: one channel.
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

// figures are those of a whole conversation, from its channels, as package trial defines them. What is
// not answered has no time to answer.
func figures(all []participant) map[trial.Figure]float64 {
	out := map[trial.Figure]float64{trial.Answered: 0, trial.Abandoned: 0, trial.Talk: 0, trial.Hold: 0, trial.Wrap: 0}
	agents := map[any]bool{}
	for i := range all {
		switch p := &all[i]; p.role {
		case "external":
			out[trial.Hold] += p.seconds["held"]
		case "agent":
			out[trial.Talk] += p.seconds["connected"]
			out[trial.Wrap] += p.seconds["wrap"]
			if _, ok := p.since("connected"); ok && p.agentID != nil && p.agentID != "" { // null is nobody
				agents[p.agentID] = true
			}
		}
	}
	out[trial.Agents] = float64(len(agents))
	out[trial.Transfers] = float64(transfers(all))
	if at, ok := met(all, "agent", "external", "agent"); ok {
		out[trial.Answered] = 1
		out[trial.SecondsToAnswer] = at.Sub(first(all)).Seconds()
	} else if abandoned(all) {
		out[trial.Abandoned] = 1
	}
	return out
}

// agreed are the figures that depend on no phase that still lasts, and in which two readings agree: that of the guide, and that
// of people who look at each agent by himself. The others are left out, and then not compared.
func agreed(all []participant) map[trial.Figure]float64 {
	out := figures(all)
	over := !slices.ContainsFunc(all, func(p participant) bool { return p.phase != "ended" })
	for f, value := range otherwise(all) {
		if !over || math.Abs(out[f]-value) > allowance {
			delete(out, f)
		}
	}
	for i := range all {
		p := &all[i]
		switch { // what lasts may be counted up to now
		case p.role == "agent" && p.phase == "connected":
			delete(out, trial.Talk)
		case p.role == "agent" && p.phase == "wrap":
			delete(out, trial.Wrap)
		}
		if p.phase == "held" || p.role != "external" && p.seconds["held"] > 0 { // who is on hold, not everybody counts alike
			delete(out, trial.Hold)
		}
	}
	return out
}

// otherwise are figures as people may count them who have not read the guide: an agent who is connected has answered, and whoever
// leaves later than the first agent has taken over.
func otherwise(all []participant) map[trial.Figure]float64 {
	out := map[trial.Figure]float64{trial.Answered: 0, trial.Abandoned: 0, trial.SecondsToAnswer: 0, trial.Transfers: 0}
	var answer, left time.Time
	recorded := false
	for i := range all {
		p := &all[i]
		at, connected := p.since("connected")
		recorded = recorded || connected && p.role == "voicemail"
		if from, to, ok := p.taken(); ok && (answer.IsZero() || from.Before(answer)) {
			answer, left = at, to
		}
		if p.role == "external" && p.phase == "ended" {
			out[trial.Abandoned] = 1
		}
	}
	if !answer.IsZero() {
		out[trial.Answered], out[trial.SecondsToAnswer] = 1, answer.Sub(first(all)).Seconds()
	}
	if recorded || !answer.IsZero() {
		out[trial.Abandoned] = 0
	}
	for i := range all {
		if _, to, ok := all[i].taken(); ok && to.After(left) {
			out[trial.Transfers]++
		}
	}
	return out
}

// first is when the first channel begins.
func first(all []participant) (at time.Time) {
	for i := range all {
		if s := all[i].stays; len(s) > 0 && (at.IsZero() || s[0].from.Before(at)) {
			at = s[0].from
		}
	}
	return at
}

// met is the first moment at which a channel of one role is connected while another one, of one of the
// other roles, is connected as well.
func met(all []participant, role string, others ...string) (at time.Time, ok bool) {
	for i := range all {
		for j := range all {
			if i == j || all[i].role != role || !slices.Contains(others, all[j].role) {
				continue
			}
			for _, a := range all[i].stays {
				for _, b := range all[j].stays {
					if from, both := a.common(b); both && (!ok || from.Before(at)) {
						at, ok = from, true
					}
				}
			}
		}
	}
	return at, ok
}

// common is when two stays in phase connected begin to have a moment in common. A stay that has no
// length has none.
func (s stay) common(o stay) (from time.Time, ok bool) {
	if s.phase != "connected" || o.phase != "connected" {
		return from, false
	}
	if from = s.from; o.from.After(from) {
		from = o.from
	}
	return from, (s.to.IsZero() || s.to.After(from)) && (o.to.IsZero() || o.to.After(from))
}

// abandoned reports whether a customer was there, none is any more, and none met a voicemail box.
func abandoned(all []participant) bool {
	there := false
	for i := range all {
		if p := &all[i]; p.role == "external" {
			if p.phase != "ended" {
				return false
			}
			_, connected := p.since("connected")
			there = there || connected
		}
	}
	_, recorded := met(all, "voicemail", "external")
	return there && !recorded
}

// transfers counts the agents' channels for which another agent's of the interaction was connected
// before, and which are left later than all of these.
func transfers(all []participant) (n int) {
	for i := range all {
		from, to, ok := all[i].taken()
		if !ok {
			continue
		}
		after, later := false, true
		for j := range all {
			f, t, ok := all[j].taken()
			if !ok || !strings.EqualFold(all[j].interaction, all[i].interaction) || !f.Before(from) {
				continue
			}
			after = true
			later = later && !t.IsZero() && (to.IsZero() || to.After(t))
		}
		if after && later {
			n++
		}
	}
	return n
}

// taken is when an agent takes part: from the moment at which the channel is connected until it is left for
// wrap or for good; to is zero while it lasts.
func (p *participant) taken() (from, to time.Time, ok bool) {
	if from, ok = p.since("connected"); !ok || p.role != "agent" {
		return from, to, false
	}
	for _, s := range p.stays {
		if s.phase != "wrap" {
			to = s.to
		}
	}
	return from, to, true
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
