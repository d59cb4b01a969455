package receiver_test

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/receiver"
)

// dawn is the moment at which the histories of the tests begin.
var dawn = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// world makes the notifications of a test. Everything in it is numbered, nothing random.
type world struct {
	t      testing.TB
	serial uint64
}

// channel is the n-th channel of the world, an agent's, in a version.
func (w *world) channel(n int, version event.Version) event.Event {
	w.t.Helper()
	return event.Event{
		Type: event.Type{Version: version},
		Channel: event.Channel{
			ConversationID: w.guid(1, n), InteractionID: w.guid(2, n), ChannelID: w.guid(3, n),
			Party: event.Party{Role: event.Agent, User: w.user(n)},
		},
	}
}

func (w *world) user(n int) event.User {
	return event.User{AgentID: fmt.Sprintf("%03d", n), UserID: w.guid(4, n)}
}

func (w *world) guid(class, n int) event.GUID {
	w.t.Helper()
	g, err := event.ParseGUID(fmt.Sprintf("%08x-0000-4000-8000-%012x", class, n))
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

// id is a new KSUID of a second, encoded apart from the code under test.
func (w *world) id(at time.Time) event.ID {
	w.t.Helper()
	w.serial++
	raw := binary.BigEndian.AppendUint32(nil, uint32(at.Unix()-1_400_000_000))
	raw = binary.BigEndian.AppendUint64(append(raw, make([]byte, 8)...), w.serial)
	swapCase := func(r rune) rune {
		if unicode.IsLower(r) {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}
	text := strings.Map(swapCase, new(big.Int).SetBytes(raw).Text(62))
	id, err := event.ParseID(strings.Repeat("0", 27-len(text)) + text)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// at is the notification of what happens to a channel so long after dawn, sent half a
// second later.
func (w *world) at(channel event.Event, kind event.Kind, after time.Duration) event.Event {
	w.t.Helper()
	e := channel
	e.Type.Kind = kind
	if kind == event.Ended || kind == event.ConnectionFailed {
		e.Reason = "released"
	}
	moment, sent := dawn.Add(after), dawn.Add(after+500*time.Millisecond)
	e.Timestamp = event.Stamp{Time: moment, Digits: 3}
	e.Time = event.Stamp{Time: sent, Digits: 7}
	if e.Type.Version == event.V1 {
		e.Time.Time = moment
	}
	e.ID = w.id(sent)
	return e
}

// presence is the notification of an agent's change to the n-th presence.
func (w *world) presence(agent, n int, after time.Duration) event.Event {
	w.t.Helper()
	e := w.at(event.Event{}, event.PresenceChanged, after)
	e.User = w.user(agent)
	e.Presence = event.Presence{PresenceID: w.guid(5, n), Category: event.Category{Type: "ready"}}
	return e
}

// step is an event in a history written by hand.
type step struct {
	kind  event.Kind
	after time.Duration
}

func (w *world) life(channel event.Event, steps ...step) []event.Event {
	w.t.Helper()
	var all []event.Event
	for _, s := range steps {
		all = append(all, w.at(channel, s.kind, s.after))
	}
	return all
}

// received is a receiver that has taken in the events through their bodies.
func received(t testing.TB, events ...event.Event) *receiver.Receiver {
	t.Helper()
	r := receiver.New(receiver.Options{})
	for _, e := range events {
		if j := r.JudgeUnsigned(event.Append(nil, e)); j.Result != receiver.Accepted {
			t.Fatalf("got %s, %s of %s", j.Result, j.Reason, event.Append(nil, e))
		}
	}
	return r
}
