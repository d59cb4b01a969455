package plan

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/lifecycle"
)

// why says why no party can take a step now.
func (l *Live) why(step string) string {
	rung := l.in(lifecycle.Alerting)
	agents, there := l.takesPart()
	switch {
	case !slices.Contains(LiveSteps(), step):
		return "there is no such step; want " + oneOf(LiveSteps())
	case l.Over():
		return "the conversation is over"
	case !there:
		return "the " + l.medium + " has ended; what is left is to finish the after-work of " + l.names(l.in(lifecycle.Wrap))
	case step == "answer" || step == "reject":
		return "nobody is being rung"
	case len(rung) > 0:
		return l.names(rung) + " is being rung; answer or reject first"
	}
	if why := l.whyBack(step); why != "" {
		return why
	}
	switch {
	case len(agents) == 0 && step != "ring":
		return "no agent is connected; ring one first"
	case l.away == "hold" && step != "ring":
		return "the call is on hold; retrieve it first"
	case l.parted():
		state, back := awayWords(l.away)
		return "the " + l.medium + " is " + state + "; " + back + " it first"
	case step == "hold":
		return "only calls go on hold; park or interrupt the " + l.medium
	case step == "interrupt":
		return "only other work is interrupted; put the call on hold, or park it"
	case step == "ring" && len(agents) > 0 && l.away == "":
		return l.names(agents) + " is connected already; transfer, or in a call hold first to consult"
	}
	return "there is no agent left who could be rung"
}

// whyBack speaks for the steps that bring back what is not away.
func (l *Live) whyBack(step string) string {
	for _, away := range []string{"hold", "park", "interrupt"} {
		if state, back := awayWords(away); back == step && l.away != away {
			return "the " + l.medium + " is not " + state
		}
	}
	return ""
}

// awayWords are the state that a step leads to, and the step that leads out of it.
func awayWords(step string) (state, back string) {
	switch step {
	case "hold":
		return "on hold", "retrieve"
	case "park":
		return "parked", "unpark"
	}
	return "interrupted", "resume"
}

func (l *Live) names(parties []int) string {
	var all []string
	for _, p := range parties {
		all = append(all, l.name(p))
	}
	return strings.Join(all, " and ")
}
