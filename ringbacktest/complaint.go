package ringbacktest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
)

// How much of a failure is shown.
const (
	mostWrong = 20 // deliveries
	mostLanes = 16 // channels
)

// complaint says which responses were wrong, and draws the channels.
func (p *playing) complaint(err error) string {
	var b strings.Builder
	wrong := p.result.Wrong()
	fmt.Fprintf(&b, "ringbacktest: %s: %s\nto repeat it: %s\n", p.title, p.summary(len(wrong), err), p.identity())
	p.draw(&b, wrong)
	shown := 0
	for i := range wrong {
		if wrong[i].Attempts > 0 && shown < mostWrong {
			shown++
			b.WriteString(line(&wrong[i]))
		}
	}
	if rest := len(wrong) - shown; rest > 0 {
		fmt.Fprintf(&b, "… and %d more\n", rest)
	}
	return strings.TrimRight(b.String(), "\n")
}

func (p *playing) summary(wrong int, err error) string {
	total := p.result.Total
	text := fmt.Sprintf("%d of %d notifications did not end as with a correct consumer", wrong, total.Matched)
	switch {
	case errors.Is(err, errSlow):
		text = fmt.Sprintf("a response took longer than %s; the rest was not sent", p.emitter.Timeout)
	case err != nil:
		text = fmt.Sprintf("stopped: %v", err)
	}
	if total.WronglyAccepted > 0 {
		text += fmt.Sprintf("; %d were accepted that must be refused", total.WronglyAccepted)
	}
	return text
}

// line tells how one delivery went wrong.
func line(d *Delivery) string {
	n := &d.Notification
	text := fmt.Sprintf("%s  %-8s  %-24s  %s, %s", show.Offset(n.Due), n.Name, n.Type(), d.Outcome, d.Failure)
	if d.Attempts > 1 {
		text += fmt.Sprintf(" (attempt %d)", d.Attempts)
	}
	if d.Answer != "" {
		text += fmt.Sprintf(", with %q", d.Answer)
	}
	return text + "\n    id " + n.ID() + "\n"
}

// draw draws the channels of the conversations in which something went wrong.
func (p *playing) draw(b *strings.Builder, wrong []Delivery) {
	concerned := map[event.GUID]bool{}
	for i := range wrong {
		concerned[wrong[i].Notification.Event.Channel.ConversationID] = true
	}
	var lanes []report.Lane
	for _, c := range p.result.Channels {
		if len(concerned) == 0 || concerned[c.ConversationID] {
			lanes = append(lanes, report.ChannelLane(c.Party, c.Version, c.Spans))
		}
	}
	if len(lanes) == 0 {
		return // a story of presences alone
	}
	b.WriteString("\n")
	if err := (report.Drawing{Width: 72}).Write(b, lanes[:min(len(lanes), mostLanes)]); err != nil {
		fmt.Fprintf(b, "no timeline: %v\n", err)
	}
	if more := len(lanes) - mostLanes; more > 0 {
		fmt.Fprintf(b, "… and %d more channels\n", more)
	}
	b.WriteString("\n")
}
