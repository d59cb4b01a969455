package main

import (
	"fmt"
	"io"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
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
		lanes = append(lanes, report.ChannelLane(laneLabel(&life, names), life.Version, life.Spans))
	}
	if len(lanes) == 0 {
		return nil
	}
	if err := (report.Drawing{Width: 72, Color: bool(show.ColoursFor(w))}).Write(w, lanes); err != nil {
		return err
	}
	if len(lives) > most {
		_, err := fmt.Fprintf(w, "… and %d more channels\n", len(lives)-most)
		return err
	}
	return nil
}

func laneLabel(l *receiver.Life, names map[event.GUID]string) string {
	switch label := names[l.ChannelID]; {
	case label != "":
		return label
	case l.User.AgentID != "":
		return fmt.Sprintf("%s %s", l.Role, l.User.AgentID)
	}
	return fmt.Sprintf("%s %.8s", l.Role, l.ChannelID.String())
}
