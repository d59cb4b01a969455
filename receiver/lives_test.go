package receiver_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/receiver"
)

// phase is a span of a hand-written history; to is -1 while it lasts.
type phase struct {
	phase    receiver.Phase
	from, to time.Duration
}

const (
	sec  = time.Second
	open = -1
)

// histories are lawful lives, worked out by hand and not by any table of the code.
var histories = []struct {
	name  string
	role  event.Role
	steps []step
	want  []phase
	ended bool
}{
	{"an inbound caller", event.External,
		[]step{{event.Alerted, 0}, {event.Connected, 0}, {event.Disconnected, 9 * sec}, {event.Ended, 9 * sec}},
		[]phase{{receiver.Alerting, 0, 0}, {receiver.Connected, 0, 9 * sec}}, true},
	{"an agent with wrap", event.Agent,
		[]step{{event.Alerted, 0}, {event.Connected, 3 * sec}, {event.Disconnected, 9 * sec}, {event.WrapStarted, 9 * sec}, {event.Ended, 12 * sec}},
		[]phase{{receiver.Alerting, 0, 3 * sec}, {receiver.Connected, 3 * sec, 9 * sec}, {receiver.Wrap, 9 * sec, 12 * sec}}, true},
	{"an agent without wrap", event.Agent,
		[]step{{event.Alerted, 0}, {event.Connected, 3 * sec}, {event.Disconnected, 9 * sec}, {event.Ended, 9 * sec}},
		[]phase{{receiver.Alerting, 0, 3 * sec}, {receiver.Connected, 3 * sec, 9 * sec}}, true},
	{"a wrap of no duration", event.Agent,
		[]step{{event.Alerted, 0}, {event.Connected, sec}, {event.Disconnected, 2 * sec}, {event.WrapStarted, 2 * sec}, {event.Ended, 2 * sec}},
		[]phase{{receiver.Alerting, 0, sec}, {receiver.Connected, sec, 2 * sec}, {receiver.Wrap, 2 * sec, 2 * sec}}, true},
	{"nobody answers", event.Agent,
		[]step{{event.Alerted, 0}, {event.ConnectionFailed, 20 * sec}, {event.Ended, 20 * sec}},
		[]phase{{receiver.Alerting, 0, 20 * sec}, {receiver.Unexpected, 20 * sec, 20 * sec}}, true},
	{"the end of a failure takes a while", event.Agent,
		[]step{{event.Alerted, 0}, {event.ConnectionFailed, 20 * sec}, {event.Ended, 25 * sec}},
		[]phase{{receiver.Alerting, 0, 20 * sec}, {receiver.Unexpected, 20 * sec, 25 * sec}}, true},
	{"the caller gives up", event.Agent,
		[]step{{event.Alerted, 0}, {event.Ended, 7 * sec}},
		[]phase{{receiver.Alerting, 0, 7 * sec}}, true},
	{"a hold of no duration", event.External,
		[]step{{event.Alerted, 0}, {event.Connected, sec}, {event.Held, 2 * sec}, {event.Retrieved, 2 * sec}, {event.Disconnected, 3 * sec}, {event.Ended, 3 * sec}},
		[]phase{{receiver.Alerting, 0, sec}, {receiver.Connected, sec, 2 * sec}, {receiver.Held, 2 * sec, 2 * sec}, {receiver.Connected, 2 * sec, 3 * sec}}, true},
	{"a hangup while held returns first", event.External,
		[]step{{event.Alerted, 0}, {event.Connected, sec}, {event.Held, 2 * sec}, {event.Retrieved, 5 * sec}, {event.Disconnected, 5 * sec}, {event.Ended, 5 * sec}},
		[]phase{{receiver.Alerting, 0, sec}, {receiver.Connected, sec, 2 * sec}, {receiver.Held, 2 * sec, 5 * sec}, {receiver.Connected, 5 * sec, 5 * sec}}, true},
	{"a hangup while held, directly", event.External,
		[]step{{event.Alerted, 0}, {event.Connected, sec}, {event.Held, 2 * sec}, {event.Disconnected, 5 * sec}, {event.Ended, 5 * sec}},
		[]phase{{receiver.Alerting, 0, sec}, {receiver.Connected, sec, 2 * sec}, {receiver.Held, 2 * sec, 5 * sec}}, true},
	{"a hangup while parked, directly", event.External,
		[]step{{event.Alerted, 0}, {event.Connected, sec}, {event.Parked, 2 * sec}, {event.Disconnected, 5 * sec}, {event.Ended, 5 * sec}},
		[]phase{{receiver.Alerting, 0, sec}, {receiver.Connected, sec, 2 * sec}, {receiver.Parked, 2 * sec, 5 * sec}}, true},
	{"an email that a call interrupts, parked later", event.Agent,
		[]step{{event.Alerted, 0}, {event.Connected, sec}, {event.Interrupted, 2 * sec}, {event.Resumed, 5 * sec}, {event.Parked, 5 * sec}, {event.Unparked, 8 * sec}},
		[]phase{{receiver.Alerting, 0, sec}, {receiver.Connected, sec, 2 * sec}, {receiver.Interrupted, 2 * sec, 5 * sec}, {receiver.Connected, 5 * sec, 5 * sec},
			{receiver.Parked, 5 * sec, 8 * sec}, {receiver.Connected, 8 * sec, open}}, false},
	{"a monitor still listening", event.Monitor,
		[]step{{event.Alerted, 0}, {event.Connected, 0}},
		[]phase{{receiver.Alerting, 0, 0}, {receiver.Connected, 0, open}}, false},
	{"a whole life within one instant", event.Agent,
		[]step{{event.Alerted, 0}, {event.Connected, 0}, {event.Held, 0}, {event.Retrieved, 0}, {event.Interrupted, 0}, {event.Resumed, 0}, {event.Disconnected, 0}, {event.WrapStarted, 0}, {event.Ended, 0}},
		[]phase{{receiver.Alerting, 0, 0}, {receiver.Connected, 0, 0}, {receiver.Held, 0, 0}, {receiver.Connected, 0, 0}, {receiver.Interrupted, 0, 0},
			{receiver.Connected, 0, 0}, {receiver.Wrap, 0, 0}}, true},
}

func TestLivesWhateverTheOrderOfArrival(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 0))
		w := &world{t: t}
		var arrivals []event.Event
		var want []receiver.Life
		for n := range 1 + random.IntN(8) {
			h := histories[random.IntN(len(histories))]
			start := time.Duration(n)*time.Minute + time.Duration(random.IntN(1000))*time.Millisecond
			version := event.Version(random.IntN(2))
			for range 1 + random.IntN(2) { // one version or both
				c := w.channel(n, version)
				if c.Channel.Party.Role = h.role; !h.role.HasUser() {
					c.Channel.Party.User = event.User{}
				}
				for _, s := range h.steps {
					arrivals = append(arrivals, w.at(c, s.kind, start+s.after))
				}
				want = append(want, lifeOf(c, start, h.want, h.ended))
				version = 1 - version
			}
		}
		distinct := len(arrivals)
		for range random.IntN(10) {
			arrivals = append(arrivals, arrivals[random.IntN(distinct)])
		}
		random.Shuffle(len(arrivals), func(i, j int) { arrivals[i], arrivals[j] = arrivals[j], arrivals[i] })
		slices.SortFunc(want, func(a, b receiver.Life) int {
			if c := a.First.Compare(b.First); c != 0 {
				return c
			}
			return int(a.Version) - int(b.Version)
		})

		r := receiver.New(receiver.Options{})
		for _, e := range arrivals {
			r.Add(e)
		}
		report := r.Report()
		if report.Accepted != distinct || report.Duplicates != len(arrivals)-distinct {
			t.Errorf("seed %d: got %d accepted, %d duplicates; want %d, %d", seed, report.Accepted, report.Duplicates, distinct, len(arrivals)-distinct)
		}
		if len(report.Violations) > 0 {
			t.Fatalf("seed %d: got %v; want no violation", seed, report.Violations)
		}
		if !reflect.DeepEqual(report.Lives, want) {
			t.Fatalf("seed %d:\ngot  %+v\nwant %+v", seed, report.Lives, want)
		}
	}
}

func lifeOf(c event.Event, start time.Duration, phases []phase, ended bool) receiver.Life {
	life := receiver.Life{
		ConversationID: c.Channel.ConversationID, InteractionID: c.Channel.InteractionID, ChannelID: c.Channel.ChannelID,
		Role: c.Channel.Party.Role, User: c.Channel.Party.User, Version: c.Type.Version, First: dawn.Add(start), Ended: ended,
	}
	for _, p := range phases {
		s := receiver.Span{Phase: p.phase, From: dawn.Add(start + p.from)}
		if p.to != open {
			s.To = dawn.Add(start + p.to)
		}
		life.Spans = append(life.Spans, s)
	}
	return life
}

// Timestamps without fraction put a second's events into one instant. The order is found
// although the usual course of a life is not it.
func TestSimultaneousEventsAreOrderedLawfully(t *testing.T) {
	w := &world{t: t}
	c := w.channel(1, event.V1)
	var events []event.Event
	add := func(n int, kinds ...event.Kind) {
		for range n {
			for _, k := range kinds {
				events = append(events, w.at(c, k, 0))
			}
		}
	}
	add(1, event.Alerted, event.Connected)
	add(10, event.Held, event.Retrieved)
	add(10, event.Parked, event.Unparked)
	add(9, event.Interrupted, event.Resumed)
	add(1, event.Disconnected, event.WrapStarted, event.Ended)
	slices.Reverse(events)

	report := received(t, events...).Report()
	if len(report.Violations) != 0 || report.Open != 0 || len(report.Lives[0].Spans) != 61 {
		t.Errorf("got %d spans, %v; want 61 and no violation", len(report.Lives[0].Spans), report.Violations)
	}
}

// A crowd in one instant without any lawful order must not keep the receiver busy.
func TestHopelessInstantsAreGivenUp(t *testing.T) {
	w := &world{t: t}
	for _, n := range []int{5, 12, 1000} {
		var events []event.Event
		for _, k := range []event.Kind{event.Resumed, event.Interrupted, event.Parked, event.Held, event.Alerted} {
			for range n {
				events = append(events, w.at(w.channel(n, event.V0), k, 0))
			}
		}
		got := received(t, events...).Report().Violated
		if got[receiver.IllegalTransition] == 0 || got[receiver.MissingAlerted] != 0 {
			t.Errorf("%d of each: got %v; want illegal transitions in a life that begins alerted", n, got)
		}
	}
}

// Of several unlawful orders the one that accuses least is taken.
func TestFewestAccusations(t *testing.T) {
	w := &world{t: t}
	c := w.channel(1, event.V0)
	events := w.life(c, step{event.Alerted, 0}, step{event.Connected, 1}, step{event.Held, sec}, step{event.Retrieved, 2 * sec}, step{event.Held, 2 * sec}, step{event.Unparked, 2 * sec})
	report := received(t, events...).Report()
	if len(report.Violations) != 1 || report.Violations[0].ID != events[5].ID {
		t.Errorf("got %v; want the unparked alone accused", report.Violations)
	}
}

// An event that should not be there, but changes nothing, splits no phase.
func TestUnlawfulEventsThatChangeNothing(t *testing.T) {
	w := &world{t: t}
	c := w.channel(1, event.V0)
	steps := []step{{event.Alerted, 0}, {event.Connected, sec}, {event.Retrieved, 2 * sec}, {event.Disconnected, 3 * sec}, {event.Ended, 3 * sec}, {event.Held, 4 * sec}}
	want := lifeOf(c, 0, []phase{{receiver.Alerting, 0, sec}, {receiver.Connected, sec, 3 * sec}}, true)
	if got := received(t, w.life(c, steps...)...).Lives()[0]; !reflect.DeepEqual(got.Spans, want.Spans) || !got.Ended {
		t.Errorf("got %+v; want %+v", got.Spans, want.Spans)
	}
}

func TestAGapIsJudgedOnlyWhenAsked(t *testing.T) {
	w := &world{t: t}
	life := w.life(w.channel(1, event.V0), step{event.Alerted, 0}, step{event.Connected, sec}, step{event.Ended, 2 * sec}, step{event.Disconnected, 2 * sec})
	r := received(t, life[1:]...)
	if got := r.Report().Violated; got[receiver.MissingAlerted] != 1 || len(got) != 1 {
		t.Errorf("before alerted arrived: got %v; want it missing", got)
	}
	r.Add(life[0])
	if got := r.Report(); len(got.Violations) != 0 || got.Open != 0 {
		t.Errorf("after alerted arrived: got %v; want a sound life", got.Violations)
	}
	if lives := r.Lives(); len(lives) != 1 || !lives[0].Ended {
		t.Errorf("got %+v; want one life that has ended", lives)
	}
}
