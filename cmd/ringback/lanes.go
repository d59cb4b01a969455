package main

import (
	"fmt"
	"io"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/receiver"
)

// drawLives draws what a receiver knows of each channel as a bar per phase. Names give
// channels the names of their parties, where they are known.
func drawLives(w io.Writer, lives []receiver.Life, names map[event.GUID]string) error {
	const most = 40
	var lanes []report.Lane
	for i, life := range lives {
		if i == most {
			break
		}
		lane := report.Lane{Label: laneLabel(&life, names)}
		for _, s := range life.Spans {
			if s.Phase == receiver.Ended {
				continue
			}
			to := s.To
			if to.IsZero() {
				to = s.From
			}
			lane.Spans = append(lane.Spans, report.Span{Phase: s.Phase.String(), From: s.From, To: to})
		}
		lanes = append(lanes, lane)
	}
	if len(lanes) == 0 {
		return nil
	}
	if err := (report.Drawing{Width: 72, Color: bool(coloursFor(w))}).Write(w, lanes); err != nil {
		return err
	}
	if len(lives) > most {
		_, err := fmt.Fprintf(w, "… and %d more channels\n", len(lives)-most)
		return err
	}
	return nil
}

func laneLabel(l *receiver.Life, names map[event.GUID]string) string {
	label := names[l.ChannelID]
	switch {
	case label != "":
	case l.User.AgentID != "":
		label = fmt.Sprintf("%s %s", l.Role, l.User.AgentID)
	default:
		label = fmt.Sprintf("%s %.8s", l.Role, l.ChannelID.String())
	}
	if l.Version == event.V1 {
		label += " v1"
	}
	return label
}
