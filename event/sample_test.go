package event_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/event"
)

// sample is a notification of the type, with everything set that the type may have.
func sample(t testing.TB, typ event.Type) event.Event {
	t.Helper()
	e := event.Event{
		Type:      typ,
		ID:        must(t, event.ParseID, "2VejGqWZPqHXHVNcfUPUO8IASAp"),
		Time:      must(t, event.ParseStamp, "2022-08-30T14:34:36.6134321Z"),
		Timestamp: must(t, event.ParseStamp, "2022-08-30T14:34:36.088Z"),
	}
	user := event.User{AgentID: "01", UserID: must(t, event.ParseGUID, "ef71f453-556a-3abc-7769-bc678ef6e090")}
	if typ.Version == event.V1 {
		e.Time = event.Stamp{Time: e.Timestamp.Time, Digits: event.MaxDigits}
	}
	switch typ.Kind {
	case event.PresenceChanged:
		e.Timestamp = must(t, event.ParseStamp, "2022-08-30T14:34:36.0880000Z")
		e.User = user
		e.Presence = event.Presence{
			PresenceID:  must(t, event.ParseGUID, "0f0f6a4e-8f6b-4d0b-9a55-0f3c6f2f7a11"),
			Category:    event.Category{Type: "ready", Description: "Ready", Subcategory: "readyOutbound"},
			Description: "Ready (Outbound)",
		}
		return e
	case event.Ended, event.ConnectionFailed, event.Disconnected:
		e.Reason = "released"
	}
	e.Channel = event.Channel{
		ConversationID: must(t, event.ParseGUID, "3e71f453-116a-3abc-7769-bc678ef6e080"),
		InteractionID:  must(t, event.ParseGUID, "1371f451-116a-4abc-8869-bc678ef67070"),
		ChannelID:      must(t, event.ParseGUID, "740109c1-12d5-430f-9543-131fe5c4edcb"),
		Party:          event.Party{Role: event.Agent, User: user},
	}
	return e
}

func must[T any](t testing.TB, parse func(string) (T, error), s string) T {
	t.Helper()
	v, err := parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// in moves a sample to a zone other than UTC, which the wire never shows.
func in(e event.Event, zone *time.Location) event.Event {
	e.Time.Time, e.Timestamp.Time = e.Time.In(zone), e.Timestamp.In(zone)
	return e
}
