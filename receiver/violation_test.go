package receiver_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/receiver"
)

// Each row is what arrives and which rules the report says are broken, in its order.
var rows = []struct {
	name   string
	events func(w *world) []event.Event
	want   []receiver.Rule
}{
	{"held while alerting", func(w *world) []event.Event {
		return w.life(w.channel(1, event.V0), step{event.Alerted, 0}, step{event.Held, 1})
	}, []receiver.Rule{receiver.IllegalTransition}},
	{"retrieved, but never held; what follows is believed", func(w *world) []event.Event {
		return w.life(w.channel(1, event.V0), step{event.Alerted, 0}, step{event.Connected, 1e9}, step{event.Retrieved, 2e9},
			step{event.Disconnected, 3e9}, step{event.WrapStarted, 3e9}, step{event.Ended, 4e9})
	}, []receiver.Rule{receiver.IllegalTransition}},
	{"ended while connected", func(w *world) []event.Event {
		return w.life(w.channel(1, event.V0), step{event.Alerted, 0}, step{event.Connected, 1e9}, step{event.Ended, 2e9})
	}, []receiver.Rule{receiver.IllegalTransition}},
	{"disconnected while alerting, and while unexpected", func(w *world) []event.Event {
		return append(w.life(w.channel(1, event.V0), step{event.Alerted, 0}, step{event.Disconnected, 1e9}, step{event.Ended, 1e9}),
			w.life(w.channel(2, event.V0), step{event.Alerted, 0}, step{event.ConnectionFailed, 1e9}, step{event.Disconnected, 2e9}, step{event.Ended, 2e9})...)
	}, []receiver.Rule{receiver.AssumedTransition, receiver.AssumedTransition}},
	{"ended long after a failure, and at once", func(w *world) []event.Event {
		return append(w.life(w.channel(1, event.V0), step{event.Alerted, 0}, step{event.ConnectionFailed, 1e9}, step{event.Ended, 60e9}),
			w.life(w.channel(2, event.V0), step{event.Alerted, 0}, step{event.ConnectionFailed, 1e9}, step{event.Ended, 1e9})...)
	}, nil},
	{"an event after ended", func(w *world) []event.Event {
		return w.life(w.channel(1, event.V0), step{event.Alerted, 0}, step{event.Ended, 1e9}, step{event.Connected, 2e9}, step{event.Ended, 3e9})
	}, []receiver.Rule{receiver.AfterEnded, receiver.AfterEnded}},
	{"a life that begins connected", func(w *world) []event.Event {
		return w.life(w.channel(1, event.V0), step{event.Connected, 0})
	}, []receiver.Rule{receiver.MissingAlerted}},
	{"alerted after connected", func(w *world) []event.Event {
		return w.life(w.channel(1, event.V0), step{event.Connected, 0}, step{event.Alerted, 1e9})
	}, []receiver.Rule{receiver.MissingAlerted, receiver.IllegalTransition}},
	{"disconnected, and the wrap a millisecond later", func(w *world) []event.Event {
		return w.life(w.channel(1, event.V0), step{event.Alerted, 0}, step{event.Connected, 0}, step{event.Disconnected, 1e9}, step{event.WrapStarted, 1001e6}, step{event.Ended, 2e9})
	}, []receiver.Rule{receiver.DisconnectedAlone}},
	{"disconnected, and nothing else", func(w *world) []event.Event {
		return w.life(w.channel(1, event.V0), step{event.Alerted, 0}, step{event.Connected, 0}, step{event.Disconnected, 1e9})
	}, []receiver.Rule{receiver.DisconnectedAlone}},
	{"the wrap of a monitor", func(w *world) []event.Event {
		c := w.channel(1, event.V1)
		c.Channel.Party.Role = event.Monitor
		return w.life(c, step{event.Alerted, 0}, step{event.Connected, 0}, step{event.Disconnected, 1e9}, step{event.WrapStarted, 1e9}, step{event.Ended, 2e9})
	}, []receiver.Rule{receiver.WrapNotAgent}},
	{"a v0 time before the timestamp", func(w *world) []event.Event {
		e := w.at(w.channel(1, event.V0), event.Alerted, 0)
		e.Time.Time = dawn.Add(-time.Millisecond)
		e.ID = w.id(e.Time.Time)
		return []event.Event{e}
	}, []receiver.Rule{receiver.V0TimeEarly}},
	{"a v1 time after the timestamp", func(w *world) []event.Event {
		e := w.at(w.channel(1, event.V1), event.Alerted, 0)
		e.Time.Time = dawn.Add(time.Millisecond)
		return []event.Event{e}
	}, []receiver.Rule{receiver.V1TimeDiffers}},
	{"a v0 ID of the second after time", func(w *world) []event.Event {
		e := w.at(w.channel(1, event.V0), event.Alerted, 0)
		e.ID = w.id(dawn.Add(time.Second))
		return []event.Event{e}
	}, []receiver.Rule{receiver.IDSecond}},
	{"a v1 ID of the second before the event", func(w *world) []event.Event {
		e := w.at(w.channel(1, event.V1), event.Alerted, 0)
		e.ID = w.id(dawn.Add(-time.Second))
		return []event.Event{e}
	}, []receiver.Rule{receiver.IDSecond}},
	{"every part of a channel's identity changes, and changes again", func(w *world) []event.Event {
		c := w.channel(1, event.V0)
		other := w.channel(2, event.V0)
		other.Channel.ChannelID, other.Channel.Party.Role = c.Channel.ChannelID, event.Monitor
		return append(w.life(c, step{event.Alerted, 0}), w.life(other, step{event.Connected, 1e9}, step{event.Held, 2e9})...)
	}, slices.Repeat([]receiver.Rule{receiver.IdentityChanged}, 4)},
	{"one interaction in two conversations", func(w *world) []event.Event {
		a, b := w.channel(1, event.V0), w.channel(2, event.V0)
		b.Channel.InteractionID = a.Channel.InteractionID
		return append(w.life(a, step{event.Alerted, 0}), w.life(b, step{event.Alerted, 1}, step{event.Connected, 2e9})...)
	}, []receiver.Rule{receiver.InteractionMove}},
	{"one agent ID with two user IDs", func(w *world) []event.Event {
		b := w.channel(2, event.V0)
		b.Channel.Party.User.AgentID = "001"
		return append(w.life(w.channel(1, event.V0), step{event.Alerted, 0}), w.life(b, step{event.Alerted, 1e9})...)
	}, []receiver.Rule{receiver.AgentAmbiguous}},
	{"one user ID with two agent IDs, told by channel and presence", func(w *world) []event.Event {
		p := w.presence(2, 1, 0)
		p.User.UserID = w.user(1).UserID
		return append(w.life(w.channel(1, event.V0), step{event.Alerted, 0}), p)
	}, []receiver.Rule{receiver.AgentAmbiguous}},
	{"an agent ID whose user ID changes between two presences", func(w *world) []event.Event {
		p := w.presence(1, 2, 1e9)
		p.User.UserID = w.presence(2, 1, 0).User.UserID
		return []event.Event{w.presence(1, 1, 0), p}
	}, []receiver.Rule{receiver.AgentAmbiguous}},
	{"the same presence twice in a row", func(w *world) []event.Event {
		return []event.Event{w.presence(1, 1, 3e9), w.presence(1, 2, 2e9), w.presence(1, 1, 0), w.presence(1, 1, 1e9)}
	}, []receiver.Rule{receiver.PresenceRepeated}},
	{"the same presence twice at once", func(w *world) []event.Event {
		return []event.Event{w.presence(1, 1, 0), w.presence(1, 1, 0)}
	}, []receiver.Rule{receiver.PresenceRepeated}},
}

func TestEveryRule(t *testing.T) {
	tested := map[receiver.Rule]bool{receiver.IDReused: true, receiver.IDShared: true} // below
	for _, c := range rows {
		t.Run(c.name, func(t *testing.T) {
			events := c.events(&world{t: t})
			report := received(t, events...).Report()
			var got []receiver.Rule
			for _, v := range slices.Concat(report.Violations, report.Remarks) {
				got = append(got, v.Rule)
				if class, source := v.Rule.About(); v.Class != class || source == "" {
					t.Errorf("got class %s; want that of the table, %s, which has the source %q", v.Class, class, source)
				}
				tested[v.Rule] = true
				if !slices.ContainsFunc(events, func(e event.Event) bool { return e.ID == v.ID && e.Type == v.Type && e.Subject() == v.Subject }) {
					t.Errorf("got %+v; want the ID, type and subject of a notification", v)
				}
				if v.Sentence == "" || !strings.HasPrefix(v.String(), string(v.Rule)+": ") {
					t.Errorf("got %q; want the rule and a sentence", v)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v; want %v", report.Violations, c.want)
			}
			for rule, n := range report.Violated {
				if class, _ := rule.About(); class != event.Violation || n != count(c.want, rule) {
					t.Errorf("got %d of %s; want %d", n, rule, count(c.want, rule))
				}
			}
		})
	}
	all := []receiver.Rule{
		receiver.V0TimeEarly, receiver.V1TimeDiffers, receiver.IDSecond, receiver.IDReused, receiver.IDShared, receiver.IdentityChanged,
		receiver.InteractionMove, receiver.AgentAmbiguous, receiver.IllegalTransition, receiver.AssumedTransition, receiver.AfterEnded,
		receiver.MissingAlerted, receiver.DisconnectedAlone, receiver.WrapNotAgent, receiver.PresenceRepeated,
	}
	for _, rule := range all {
		if !tested[rule] {
			t.Errorf("no row breaks rule %s", rule)
		}
	}
}

// Where notifications may be missing, what they would explain is a note; the rest is not.
func TestWhatMissingNotificationsExplainIsANote(t *testing.T) {
	for _, c := range []struct {
		name                 string
		steps                []step
		violations, remarked []receiver.Rule
	}{
		{"a life that begins connected", []step{{event.Connected, 0}}, nil, []receiver.Rule{receiver.MissingAlerted}},
		{"no alerted, and a hold of which the beginning is missing", []step{{event.Connected, 0}, {event.Retrieved, 1e9}}, nil,
			[]receiver.Rule{receiver.MissingAlerted, receiver.IllegalTransition}},
		{"nothing after disconnected", []step{{event.Alerted, 0}, {event.Connected, 0}, {event.Disconnected, 1e9}}, nil, []receiver.Rule{receiver.DisconnectedAlone}},
		{"an end too late after disconnected", []step{{event.Alerted, 0}, {event.Connected, 0}, {event.Disconnected, 1e9}, {event.Ended, 2e9}},
			[]receiver.Rule{receiver.DisconnectedAlone}, nil},
		{"a hold of which the beginning is missing, after alerted", []step{{event.Alerted, 0}, {event.Connected, 0}, {event.Retrieved, 1e9}},
			[]receiver.Rule{receiver.IllegalTransition}, nil},
		{"alerted after connected", []step{{event.Connected, 0}, {event.Alerted, 1e9}}, []receiver.Rule{receiver.MissingAlerted, receiver.IllegalTransition}, nil},
		{"an event after ended, without alerted", []step{{event.Ended, 0}, {event.Connected, 1e9}}, []receiver.Rule{receiver.AfterEnded}, []receiver.Rule{receiver.MissingAlerted}},
	} {
		w := &world{t: t}
		r := receiver.New(receiver.Options{Partial: true})
		for _, e := range w.life(w.channel(1, event.V0), c.steps...) {
			r.Add(e)
		}
		report := r.Report()
		if !slices.Equal(rulesOf(report.Violations), c.violations) || !slices.Equal(rulesOf(report.Remarks), c.remarked) {
			t.Errorf("%s: got violations %v, remarks %v; want %v, %v", c.name, report.Violations, report.Remarks, c.violations, c.remarked)
		}
	}
}

// A finding says which notification breaks the rule, and which earlier one it does not go with.
func TestFindingsCountArrivals(t *testing.T) {
	alone := []receiver.Rule{receiver.V0TimeEarly, receiver.V1TimeDiffers, receiver.IDSecond, receiver.MissingAlerted, receiver.DisconnectedAlone, receiver.WrapNotAgent}
	for _, c := range rows {
		events := c.events(&world{t: t})
		report := received(t, events...).Report()
		for _, f := range slices.Concat(report.Violations, report.Remarks) {
			if n := int(f.Arrival); n < 1 || n > len(events) || events[n-1].ID != f.ID || events[n-1].Type != f.Type {
				t.Errorf("%s: %v: arrival %d of %d is another one", c.name, f, n, len(events))
			}
			if n := int(f.Against); (n == 0) != slices.Contains(alone, f.Rule) || n > len(events) || n > 0 && f.Against == f.Arrival {
				t.Errorf("%s: %v: arrival %d against %d", c.name, f, f.Arrival, n)
			}
		}
	}
}

func rulesOf(findings []receiver.Finding) (rules []receiver.Rule) {
	for _, f := range findings {
		rules = append(rules, f.Rule)
	}
	return rules
}

// What every notification of a sender has is found once for each channel, so that a million do
// not fill the memory.
func TestTimesAreRemarkedOncePerChannel(t *testing.T) {
	w := &world{t: t}
	events := w.life(w.channel(1, event.V1), step{event.Alerted, 0}, step{event.Connected, 1e9}, step{event.Disconnected, 2e9}, step{event.Ended, 2e9})
	for i := range events {
		events[i].Time.Time = events[i].Time.Add(time.Millisecond)
		events[i].ID = w.id(dawn.Add(-time.Hour))
	}
	report := received(t, events...).Report()
	if want := []receiver.Rule{receiver.V1TimeDiffers, receiver.IDSecond}; !slices.Equal(rulesOf(report.Remarks), want) || len(report.Violations) != 0 {
		t.Errorf("got %v, %v; want no violation, and one remark of each of %v", report.Violations, report.Remarks, want)
	}
	if got := rulesOf(receiver.Alone(events[3])); !slices.Equal(got, []receiver.Rule{receiver.V1TimeDiffers, receiver.IDSecond}) {
		t.Errorf("alone: got %v; want both", got)
	}
}

func TestAMonitorsWrapIsFoundAlone(t *testing.T) {
	w := &world{t: t}
	e := w.at(w.channel(1, event.V0), event.WrapStarted, 0)
	if got := receiver.Alone(e); len(got) != 0 {
		t.Errorf("an agent's: got %v; want nothing", got)
	}
	e.Channel.Party.Role = event.Monitor
	if got := rulesOf(receiver.Alone(e)); !slices.Equal(got, []receiver.Rule{receiver.WrapNotAgent}) {
		t.Errorf("got %v; want %s", got, receiver.WrapNotAgent)
	}
}

func count(rules []receiver.Rule, r receiver.Rule) (n int) {
	for _, rule := range rules {
		if rule == r {
			n++
		}
	}
	return n
}

// What an assumption or missing digits explain is not held against the sender.
func TestLawfulOddities(t *testing.T) {
	for _, c := range []struct {
		name   string
		events func(w *world) []event.Event
	}{
		{"no digits of time, three of timestamp", func(w *world) []event.Event {
			e := w.at(w.channel(1, event.V0), event.Alerted, 400*time.Millisecond)
			e.Time.Digits = 0
			return []event.Event{e}
		}},
		{"a v1 time with more digits than the timestamp", func(w *world) []event.Event {
			e := w.at(w.channel(1, event.V1), event.Alerted, 1234567*time.Nanosecond)
			return []event.Event{e}
		}},
		{"a v1 ID of an hour after the event", func(w *world) []event.Event {
			e := w.at(w.channel(1, event.V1), event.Alerted, 0)
			e.ID = w.id(dawn.Add(time.Hour))
			return []event.Event{e}
		}},
		{"a presence that may be the last of two at once", func(w *world) []event.Event {
			return []event.Event{w.presence(1, 1, 0), w.presence(1, 2, 1e9), w.presence(1, 3, 1e9), w.presence(1, 2, 2e9)}
		}},
		{"a presence that two others at once separate", func(w *world) []event.Event {
			return []event.Event{w.presence(1, 1, 0), w.presence(1, 2, 1e9), w.presence(1, 3, 1e9), w.presence(1, 1, 2e9)}
		}},
		{"the same presence of two agents", func(w *world) []event.Event {
			return []event.Event{w.presence(1, 1, 0), w.presence(2, 1, 1e9)}
		}},
		{"the channels of one interaction", func(w *world) []event.Event {
			a, b := w.channel(1, event.V0), w.channel(2, event.V0)
			b.Channel.InteractionID, b.Channel.ConversationID = a.Channel.InteractionID, a.Channel.ConversationID
			b.Channel.Party = event.Party{Role: event.External, NullIDs: true}
			return append(w.life(a, step{event.Alerted, 0}), w.life(b, step{event.Alerted, 0})...)
		}},
	} {
		if r := received(t, c.events(&world{t: t})...).Report(); len(r.Violations)+len(r.Remarks) != 0 {
			t.Errorf("%s: got %v, %v; want nothing", c.name, r.Violations, r.Remarks)
		}
	}
}
