package report

import (
	"fmt"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
)

// timeline is one conversation, as the plan knows it.
type timeline struct {
	Number uint64 // from 1
	ID     string
	Lanes  []Lane
}

// newTimeline makes lanes of the truth. What lasts at the end is drawn until the last moment
// of the conversation.
func newTimeline(t plan.Truth) timeline {
	line := timeline{Number: t.Story + 1}
	if len(t.Conversations) > 0 {
		line.ID = t.Conversations[0]
	}
	last := lastMoment(&t)
	for i := range t.Channels {
		c := &t.Channels[i]
		lane := Lane{Label: c.Name}
		if c.Role == event.Agent && c.AgentID != "" && c.AgentID != c.Name {
			lane.Label = fmt.Sprintf("%s (%s)", c.Name, c.AgentID)
		}
		for _, s := range c.Stays {
			to := s.To
			if to.IsZero() {
				to = last
			}
			lane.Spans = append(lane.Spans, Span{Phase: s.Phase.String(), From: s.From, To: to})
		}
		line.Lanes = append(line.Lanes, lane)
	}
	return line
}

// lastMoment is the last change of a phase in a conversation.
func lastMoment(t *plan.Truth) (last time.Time) {
	for i := range t.Channels {
		for _, s := range t.Channels[i].Stays {
			for _, at := range []time.Time{s.From, s.To} {
				if at.After(last) {
					last = at
				}
			}
		}
	}
	return last
}
