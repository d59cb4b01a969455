package recording

import (
	"cmp"
	"encoding/json"
	"hash/fnv"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
)

// Head has the identifying members of a body. Any of them may be empty, since a recorded body
// need not be valid.
type Head struct {
	Source, ID, Type, Subject string
	ConversationID, ChannelID string
	Role, AgentID             string
	Time, Timestamp           event.Stamp // the zero moment where there is none to read
	TimeText, TimestampText   string
}

// HeadOf reads the head of a body; that of a body that is no JSON object is empty.
func HeadOf(body []byte) Head {
	var b struct {
		Source, ID, Type, Subject, Time any
		Data                            struct {
			Timestamp any
			Channel   struct {
				ConversationID, ChannelID any
				Party                     struct{ Role, AgentID any }
			}
			User struct{ AgentID any }
		}
	}
	_ = json.Unmarshal(body, &b) // what it cannot read stays empty
	h := Head{Source: text(b.Source), ID: text(b.ID), Type: text(b.Type), Subject: text(b.Subject),
		ConversationID: text(b.Data.Channel.ConversationID), ChannelID: text(b.Data.Channel.ChannelID),
		Role: text(b.Data.Channel.Party.Role), AgentID: text(b.Data.Channel.Party.AgentID),
		TimeText: text(b.Time), TimestampText: text(b.Data.Timestamp)}
	if h.AgentID == "" {
		h.AgentID = text(b.Data.User.AgentID)
	}
	h.Time, h.Timestamp = stamp(h.TimeText), stamp(h.TimestampText)
	return h
}

func text(v any) string { s, _ := v.(string); return s }

func stamp(s string) event.Stamp {
	st, _ := event.ParseStamp(s) // the zero moment if there is none to read
	return st
}

// Moment is the time at which the body says that it was sent, or else that the event occurred;
// zero if it says neither.
func (h *Head) Moment() time.Time {
	if !h.Time.IsZero() {
		return h.Time.Time
	}
	return h.Timestamp.Time
}

// Thread identifies the conversation, or else the subject, within which order counts.
func (h *Head) Thread() string {
	if h.ConversationID != "" {
		return strings.ToLower(h.ConversationID)
	}
	return h.Source + " " + h.Subject
}

// story is a short name of the thread. Should two threads have the same one, which happens
// to one pair in 2^64, they only wait for one another.
func (h *Head) story() uint64 {
	sum := fnv.New64a()
	sum.Write([]byte(h.Thread()))
	return sum.Sum64()
}

// party names the party for people.
func (h *Head) party() string {
	if h.AgentID == "" {
		return h.Role
	}
	return cmp.Or(h.Role, "agent") + " " + h.AgentID
}
