package sandbox

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
)

const (
	mostLines   = 20  // attempts in a second that have a line each: more nobody reads
	mostName    = 20  // characters of the name of a subscription
	mostFailure = 100 // characters of the reason of a failure
)

// teller tells in lines what becomes of deliveries, to a person at a terminal. It hears what the engine
// announces.
type teller struct {
	say   func(line string)              // gets the lines
	name  func(id string) (string, bool) // of a subscription; false: it is deleted
	names map[string]string

	window  <-chan time.Time // ends a second in which lines are counted; nil: none has begun
	lines   int
	more    map[store.DeliveryState]uint64 // attempts beyond mostLines
	number  int64                          // of the last message
	skipped uint64                         // messages that came too fast
}

// newTeller is one that looks names up in the store.
func (s *Sandbox) newTeller() *teller {
	return &teller{say: s.options.Deliveries, names: map[string]string{}, more: map[store.DeliveryState]uint64{}, name: func(id string) (string, bool) {
		sub, err := s.store.Subscription(s.closing, id)
		return sub.Name, err == nil
	}}
}

// hear tells what it hears, until there are no more messages.
func (t *teller) hear(messages <-chan engine.Message) {
	for {
		select {
		case m, open := <-messages:
			if !open {
				t.sumUp()
				return
			}
			t.message(m)
		case <-t.window:
			t.sumUp()
		}
	}
}

// message takes what matters from a message. One that is missing was too fast for this listener.
func (t *teller) message(m engine.Message) {
	if t.number > 0 && m.Number > t.number+1 {
		t.skipped += uint64(m.Number - t.number - 1)
	}
	t.number = m.Number
	switch m.Kind {
	case "subscription": // it may have another name, or be gone
		clear(t.names)
	case "delivery":
		if d, is := m.Data.(store.DeliveryDetail); is && (d.Attempts > 0 || d.Failure != "") {
			t.attempted(&d)
		}
	}
}

// attempted tells of an attempt, or counts it.
func (t *teller) attempted(d *store.DeliveryDetail) {
	name, known := t.names[d.Subscription]
	if !known {
		if name, known = t.name(d.Subscription); !known {
			name = d.Subscription
		}
		name = show.Line(name, mostName)
		t.names[d.Subscription] = name
	}
	if t.window == nil {
		t.window = time.After(time.Second)
	}
	if t.lines++; t.lines > mostLines {
		t.more[d.State]++
		return
	}
	t.say(attemptLine(name, d, time.Now()))
}

// summed are the states that attempts of a second are counted by; the first three always.
var summed = []struct {
	state store.DeliveryState
	text  string
}{{store.Delivered, "delivered"}, {store.Waiting, "to be repeated"}, {store.Failed, "failed"}, {store.CorrectlyRefused, "correctly refused"},
	{store.WronglyAccepted, "wrongly accepted"}, {store.Dropped, "dropped"}, {store.Cancelled, "cancelled"}}

// sumUp ends a second.
func (t *teller) sumUp() {
	var over uint64
	var counts []string
	for i, what := range summed {
		n := t.more[what.state]
		if over += n; n > 0 || i < 3 {
			counts = append(counts, show.Grouped(n)+" "+what.text)
		}
	}
	line := ""
	switch {
	case over > 0:
		line = fmt.Sprintf("and %s more: %s", show.Counted(over, "attempt"), strings.Join(counts, ", "))
		if t.skipped > 0 {
			line += "; others were too fast to be counted"
		}
	case t.skipped > 0:
		line = "and more, too fast to be counted"
	}
	if line != "" {
		t.say(time.Now().Format(time.TimeOnly) + "  " + line)
	}
	clear(t.more)
	t.window, t.lines, t.skipped = nil, 0, 0
}

// attemptLine is an attempt in a line: when, to whom, which type, of which conversation, and what came of it.
func attemptLine(name string, d *store.DeliveryDetail, now time.Time) string {
	about := cmp.Or(d.Detail.Conversation, d.Detail.Agent, "-")
	return fmt.Sprintf("%s  %-12s  %-26s  %-8.8s  %s", now.Format(time.TimeOnly), name, show.Line(d.Detail.Type, 40), show.Line(about, 40), became(d, now))
}

// became says what came of an attempt, and what comes next.
func became(d *store.DeliveryDetail, now time.Time) string {
	latency := show.Duration(time.Duration(d.LatencyUS) * time.Microsecond)
	attempt, carried := "", ""
	if d.Attempts > 1 {
		attempt = fmt.Sprintf(", attempt %d", d.Attempts)
	}
	if d.Fault != "" {
		carried = "  [" + d.Fault + "]"
	}
	switch {
	case d.Attempts == 0:
		return show.Line(d.Failure, mostFailure)
	case d.State == store.Delivered:
		return fmt.Sprintf("%s delivered in %s%s%s", engine.Response(&d.Delivery), latency, attempt, carried)
	case d.Outcome == store.OutcomeCorrectlyRefused, d.Outcome == store.OutcomeWronglyAccepted:
		return fmt.Sprintf("%d %s in %s%s%s", d.Status, words(string(d.Outcome)), latency, attempt, carried)
	case d.State == store.Waiting:
		return fmt.Sprintf("%s after %s, attempt %d; again in %s%s", engine.Response(&d.Delivery), latency, d.Attempts, show.Duration(max(0, d.Due.Sub(now)).Round(100*time.Millisecond)), carried)
	}
	return fmt.Sprintf("%s after %s, attempt %d; %s%s", engine.Response(&d.Delivery), latency, d.Attempts, words(string(d.State)), carried)
}

// words is a state or an outcome for people.
func words(name string) string { return strings.ReplaceAll(name, "-", " ") }
