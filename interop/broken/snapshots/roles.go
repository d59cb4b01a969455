package snapshots

import (
	"maps"

	"github.com/ringback/ringback/internal/rulebook"
)

// roles are mistakes in who is who, and in the figures of a conversation that follow from it.
var roles = []Row{
	{"external-or-agent", "knows customers and agents, and takes all others for agents", rulebook.RolesApart, func(c *consumer) {
		c.change(func(e *event) {
			if e.role != "external" {
				e.role = "agent"
			}
		})
	}},
	{"voicemail-is-external", "takes whom no agentId is named of for a customer", rulebook.RolesApart, func(c *consumer) {
		c.change(func(e *event) {
			if e.agent == nil {
				e.role = "external"
			}
		})
	}},
	{"customers-answer", "takes a call for answered that was connected to anything", rulebook.FiguresAgree, func(c *consumer) {
		c.tellsFigures(func(all []*snapshot, out map[string]any) {
			out["answered"] = min(1, len(connected(all, "external"))+len(connected(all, "agent")))
		})
	}},
	{"ring-is-the-wait", "takes the last agent's alerting for the time to answer", rulebook.FiguresAgree, func(c *consumer) {
		c.tellsFigures(func(all []*snapshot, out map[string]any) {
			for _, s := range connected(all, "agent") {
				out["seconds_to_answer"] = s.spent["alerting"].Seconds()
			}
		})
	}},
	{"talk-of-all", "adds the customer's time to the agents' talk", rulebook.FiguresAgree, func(c *consumer) {
		c.tellsFigures(func(all []*snapshot, out map[string]any) { out["talk"] = sum(all, "connected", "agent", "external") })
	}},
	{"every-offer-is-a-transfer", "takes each agent's channel but the first for a transfer", rulebook.FiguresAgree, func(c *consumer) {
		c.tellsFigures(func(all []*snapshot, out map[string]any) {
			n := 0
			for _, s := range all {
				if s.role == "agent" {
					n++
				}
			}
			out["transfers"] = max(0, n-1)
		})
	}},
	{"agents-by-channel", "counts the agents' channels, not the agents", rulebook.FiguresAgree, func(c *consumer) {
		c.tellsFigures(func(all []*snapshot, out map[string]any) { out["agents"] = len(connected(all, "agent")) })
	}},
}

// tellsFigures tells talk, hold and wrap, which are right, and what f makes of them.
func (c *consumer) tellsFigures(f func(all []*snapshot, out map[string]any)) {
	c.figures = func(all []*snapshot) map[string]any {
		out := map[string]any{"talk": sum(all, "connected", "agent"), "hold": sum(all, "held", "external"), "wrap": sum(all, "wrap", "agent")}
		f(all, out)
		return maps.Clone(out)
	}
}

// sum is the time in a phase of all channels of some roles, in seconds.
func sum(all []*snapshot, phase string, roles ...string) (seconds float64) {
	for _, s := range all {
		for _, role := range roles {
			if s.role == role {
				seconds += s.spent[phase].Seconds()
			}
		}
	}
	return seconds
}

// connected are the channels of a role that were connected, however shortly.
func connected(all []*snapshot, role string) (some []*snapshot) {
	for _, s := range all {
		for _, m := range s.marks {
			if s.role == role && m.phase == "connected" {
				some = append(some, s)
				break
			}
		}
	}
	return some
}
