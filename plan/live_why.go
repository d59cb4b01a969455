package plan

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/lifecycle"
)

// This file says why a step is not possible.

// why says why no party can take a step now.
func (l *Live) why(step string) string {
	rung := l.in(lifecycle.Alerting, lifecycle.Alerting)
	agents, outs := l.takesPart()
	there := l.there(agents, outs)
	switch {
	case !slices.Contains(LiveSteps(), step):
		return "there is no such step; want " + oneOf(LiveSteps())
	case l.Over():
		return "the conversation is over"
	case l.waiting && len(rung) == 0:
		return l.name(outside) + " waits to be called back; ring an agent for that"
	case len(rung) > 0: // to answer or reject would be possible
		return l.names(rung) + " is being rung; answer or reject first"
	case !there:
		return "the " + l.medium + " has ended; what is left is to finish the " + l.left()
	case step == "answer" || step == "reject":
		return "nobody is being rung"
	}
	for _, a := range aways {
		if a.back == step { // else it would be possible
			return "the " + l.medium + " is not " + a.state
		}
	}
	for _, a := range aways {
		if a.word == l.away && (a.word != "hold" || step != "ring" && step != "alternate" && step != "consult") {
			return "the " + l.medium + " is " + a.state + "; " + a.back + " it first"
		}
	}
	return l.whyOf(step, agents, outs)
}

// whyOf says why a word is not possible while the conversation goes on.
func (l *Live) whyOf(step string, agents, outs []int) string {
	switch {
	case step == "alternate" && l.away == "":
		return "nobody is on hold"
	case step == "alternate":
		return "nobody but " + l.name(agents[0]) + " could go on hold instead"
	case len(outs) > 1 && slices.Contains([]string{"ring", "consult", "transfer"}, step):
		return l.names(outs) + " are on the call; let one of them go first"
	case (step == "ring" || step == "consult") && l.away == "hold" && !l.isOutside(l.held) && l.callee == outside:
		return l.name(l.held) + " is on hold; alternate or retrieve first"
	case (step == "coach" || step == "join") && len(agents) > 0:
		return "nobody listens in who could " + step + "; monitor first"
	case step == "callback" && l.medium != "call":
		return "only callers can be called back"
	case step == "voicemail" && l.medium != "call":
		return "only calls have voicemail"
	case l.recorder != outside:
		return "the call is with voicemail; hang up " + l.names(outs)
	case step == "voicemail":
		return "the call was answered already"
	case step == "callback" && len(agents) == 0:
		return l.name(outside) + " is not on the line"
	case step == "callback":
		return "the caller is through to " + l.names(agents) + " already"
	case step == "monitor" && l.medium != "call":
		return "only calls can be monitored"
	case len(agents) == 0 && step != "ring":
		return "no agent is connected; ring one first"
	case l.queueing && l.away != "hold":
		return l.whyQueueing()
	case l.away == "consult":
		return "a colleague is consulted; one of the two has to leave first"
	case (step == "consult" || step == "transfer") && !l.play.cast.rules.May(step, l.medium):
		return "in this workspace agents do not " + step + " in a " + l.medium
	case l.medium == "call" && len(agents)+len(outs) == 1 && len(agents) == 1:
		return l.name(agents[0]) + " is alone on this call; ring somebody first"
	case step == "hold":
		return "only calls go on hold; park or interrupt the " + l.medium
	case step == "interrupt":
		return "only other work is interrupted; put the call on hold, or park it"
	case step == "ring" && len(agents) > 0 && l.away == "":
		return l.names(agents) + " is connected already; consult or transfer"
	}
	return "there is no agent left who could be rung"
}

// left says what is not over when nobody takes part any more.
func (l *Live) left() string {
	missed, wraps := l.in(lifecycle.Unexpected, lifecycle.Unexpected), l.in(lifecycle.Wrap, lifecycle.Wrap)
	switch {
	case len(missed) == 0:
		return "after-work of " + l.names(wraps)
	case len(wraps) == 0:
		return "failed channel of " + l.names(missed)
	}
	return "failed channel of " + l.names(missed) + ", and the after-work of " + l.names(wraps)
}

func (l *Live) names(parties []int) string {
	var all []string
	for _, p := range parties {
		all = append(all, l.name(p))
	}
	return strings.Join(all, " and ")
}
