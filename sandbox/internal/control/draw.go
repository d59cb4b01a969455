package control

import (
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// maxRows bounds the timeline of a check, and the stays of its lanes together: a picture of
// more is of no use, and a story may have thousands.
const maxRows = 200

// moment is a row of a timeline.
type moment struct {
	At    int64  `json:"at"` // ms after the start
	Party string `json:"party"`
	Role  string `json:"role"` // empty for agent events
	Type  string `json:"type"`
}

// lane is the life of a channel.
type lane struct {
	Party string `json:"party"`
	Role  string `json:"role"`
	Stays []stay `json:"stays"`
}

// stay is the time in one phase, in ms after the start.
type stay struct {
	Phase string `json:"phase"`
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}

// draw plays a scenario once, with seed 1. What a fault adds is left out, since it is no part
// of the story.
func draw(sc *scenario.Scenario) (timeline []moment, lanes []lane, err error) {
	start := time.Date(2025, time.March, 3, 9, 0, 0, 0, time.UTC)
	p, err := plan.New(sc, plan.Options{Seed: 1, Start: start})
	if err != nil {
		return nil, nil, err
	}
	timeline, lanes = []moment{}, []lane{}
	for n := range p.Notifications() {
		if len(timeline) == maxRows {
			break
		}
		if !n.Extra {
			timeline = append(timeline, moment{n.At.Milliseconds(), n.Name, n.Role(), n.Type()})
		}
	}
	truth, rows := p.Truth(0), 0
	for _, c := range truth.Channels {
		l := lane{c.Name, c.Role.String(), []stay{}}
		for _, s := range c.Stays {
			if s.Phase == lifecycle.Ended {
				continue
			}
			if rows++; rows > maxRows {
				break
			}
			to := s.To
			if to.IsZero() {
				to = s.From
			}
			l.Stays = append(l.Stays, stay{s.Phase.String(), s.From.Sub(start).Milliseconds(), to.Sub(start).Milliseconds()})
		}
		if len(l.Stays) > 0 {
			lanes = append(lanes, l)
		}
	}
	return timeline, lanes, nil
}
