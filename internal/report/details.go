package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// How much of a run reports show. The rest is counted.
const (
	mostTroubles  = 100
	mostTimelines = 50
	mostBody      = 8 << 10 // bytes of a request
	mostAttempts  = 64      // attempts of one notification with a count of their own
)

// Details collects, within bounds, what a Summary does not hold. Record may be On of one
// Emitter. It is not safe for concurrent use.
type Details struct {
	scenarios  []scenarioRows
	troubles   []trouble
	more       uint64               // further troubles
	acceptedAt [mostAttempts]uint64 // notifications by the attempt that was accepted; the last one: or later

	timelines     []timeline
	moreTimelines uint64
}

// handled counts the final rows of one kind: those that were handled correctly, and others.
type handled struct {
	right, wrong, undelivered, notSent uint64
	example                            string // why the first wrong one was wrong
	from, to                           time.Time
}

// add counts a row, and takes its time. What it is about is asked only for the first wrong one.
func (h *handled) add(a *emitter.Attempt, about func() string) {
	if !a.Closing() {
		if h.from.IsZero() || a.Sent.Before(h.from) {
			h.from = a.Sent
		}
		h.to = latest(h.to, a.Sent.Add(a.Latency))
	}
	switch a.Outcome {
	case emitter.Retrying:
	case emitter.Undelivered:
		h.undelivered++
	case emitter.NotSent:
		h.notSent++
	case emitter.Accepted, emitter.Refused, emitter.Dropped:
		h.right++
	default:
		if h.wrong++; h.example == "" {
			h.example = about() + ": " + a.Failure.String()
		}
	}
}

// all is how many rows were final.
func (h *handled) all() uint64 { return h.right + h.wrong + h.undelivered + h.notSent }

// scenarioRows counts the rows of one scenario.
type scenarioRows struct {
	name string
	handled
	types  map[string]*handled // by event type, without what was sent beside the truth
	faults []handled           // by kind
}

// mostTypes bounds the event types that are told apart, of each scenario. A recording may have any.
const mostTypes = 100

// otherTypes stands for the types beyond.
const otherTypes = "other types"

func (t *scenarioRows) add(a *emitter.Attempt) {
	n := a.Notification
	t.handled.add(a, n.Type)
	if a.Fault != fault.None {
		t.faults[a.Fault].add(a, a.Fault.String)
		if a.Fault.Row().Extra {
			return
		}
	}
	of := t.types[n.Type()]
	if of == nil {
		name := n.Type()
		if len(t.types) >= mostTypes {
			name = otherTypes
		}
		if of = t.types[name]; of == nil {
			of = &handled{}
			t.types[name] = of
		}
	}
	of.add(a, n.Type)
}

// trouble is a notification that was not handled correctly.
type trouble struct {
	Target, Type, ID, Party, Conversation string
	Outcome, Fault, Why                   string
	Attempts, Status                      int
	Body, Answer                          string
	Cut                                   bool // the body is longer
}

// NewDetails returns the details of a run of these scenarios, in the order of the plan's mix;
// of a run of none, such as a replay, if there are no names.
func NewDetails(scenarios []string) *Details {
	d := &Details{}
	if len(scenarios) == 0 {
		scenarios = []string{"run"}
	}
	for _, name := range scenarios {
		d.scenarios = append(d.scenarios, scenarioRows{name: name, types: map[string]*handled{}, faults: make([]handled, len(fault.Kinds())+1)})
	}
	return d
}

// Record adds a row, and does not keep it.
func (d *Details) Record(a *emitter.Attempt) {
	d.scenarios[min(a.Notification.Scenario, len(d.scenarios)-1)].add(a)
	if a.Outcome == emitter.Accepted {
		d.acceptedAt[min(max(a.Number, 1), mostAttempts)-1]++
	}
	if a.Outcome != emitter.GivenUp && a.Outcome != emitter.WronglyAccepted {
		return
	}
	if len(d.troubles) == mostTroubles {
		d.more++
		return
	}
	n := a.Notification
	body := n.AppendBody(nil)
	d.troubles = append(d.troubles, trouble{Target: a.Target, Type: n.Type(), ID: n.ID(), Party: n.Name, Conversation: n.ConversationID(),
		Outcome: strings.ReplaceAll(string(a.Outcome), "-", " "), Fault: a.Fault.String(), Why: a.Failure.String(), Attempts: a.Number, Status: a.Status,
		Body: string(body[:min(len(body), mostBody)]), Cut: len(body) > mostBody, Answer: string(a.Excerpt)})
}

// Take adds the timelines of the first conversations of the plan, after the run.
func (d *Details) Take(truth func(uint64) plan.Truth, conversations uint64) {
	for i := range min(conversations, mostTimelines) {
		d.timelines = append(d.timelines, newTimeline(truth(i)))
	}
	d.moreTimelines = conversations - uint64(len(d.timelines))
}

// timeline is one conversation, as the plan knows it, to be drawn along its own time.
type timeline struct {
	Title string
	Lanes []Lane
	axis  axis
}

// newTimeline makes lanes of the truth. What lasts at the end is drawn until the last moment
// of the conversation.
func newTimeline(t plan.Truth) timeline {
	line := timeline{Title: fmt.Sprintf("Conversation %d", t.Story+1)}
	if len(t.Conversations) > 0 {
		line.Title += " " + t.Conversations[0]
	}
	var last time.Time
	for i := range t.Channels {
		for _, s := range t.Channels[i].Stays {
			last = latest(last, s.From, s.To)
		}
	}
	for i := range t.Channels {
		c := &t.Channels[i]
		lane := Lane{Label: c.Name}
		if c.Role == event.Agent && c.AgentID != "" && c.AgentID != c.Name {
			lane.Label = fmt.Sprintf("%s (%s)", c.Name, c.AgentID)
		}
		for _, s := range c.Stays {
			if s.To.IsZero() {
				s.To = last
			}
			lane.Spans = append(lane.Spans, Span{Phase: s.Phase.String(), From: s.From, To: s.To})
		}
		line.Lanes = append(line.Lanes, lane)
	}
	line.axis = newAxis(line.Lanes, laneWidth)
	if len(line.Lanes) > 0 {
		line.Title += ", from " + line.axis.from.UTC().Format("2006-01-02 15:04:05.000") + ", " + line.axis.length.Round(time.Millisecond).String()
	}
	return line
}

// The drawing of a timeline, in its units: labels to the left of the bars, a lane below the other.
const (
	laneLabels = 160
	laneWidth  = 800
	laneHeight = 22
)

// The template asks for these.
func (t timeline) Height() int           { return laneHeight * (len(t.Lanes) + 1) }
func (t timeline) Y(lane, below int) int { return laneHeight*lane + below }
func (t timeline) X(s Span) string {
	return fmt.Sprintf("%.1f", laneLabels+t.units(s.From.Sub(t.axis.from)))
}
func (t timeline) Width(s Span) string {
	return fmt.Sprintf("%.1f", max(1.5, t.units(s.To.Sub(s.From))))
}
func (t timeline) Clip(label string) string { return show.Clip(label, longestLabel) }

func (t timeline) units(d time.Duration) float64 {
	return laneWidth * d.Seconds() / t.axis.length.Seconds()
}
