package receiver

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
)

// subject is what a history is about: a channel or an agent, in one version of the event
// types. Each version tells the whole life.
type subject struct {
	version event.Version
	channel event.GUID // zero for an agent
	agent   string     // empty for a channel
}

func subjectOf(e *event.Event) subject {
	if e.Type.Kind.Agent() {
		return subject{version: e.Type.Version, agent: e.User.AgentID}
	}
	return subject{version: e.Type.Version, channel: e.Channel.ChannelID}
}

// moment is what is remembered of one notification. It holds no pointers, so that the garbage
// collector need not scan a million of them.
type moment struct {
	at      tick
	id      event.ID
	kind    event.Kind
	arrival uint32 // as in Finding
}

func momentOf(e *event.Event, arrival uint32) moment {
	return moment{tickOf(e.Timestamp), e.ID, e.Type.Kind, arrival}
}

// history is all that is remembered of one subject. What is in its slices never changes, so that a copy of
// the struct can be read while the original goes on.
type history struct {
	subject   subject
	channel   event.Channel // as the notification that arrived first has it; zero for an agent
	user      event.User    // who is on the channel, or the agent
	arrival   uint32        // of the notification that arrived first
	moments   []moment      // in order of arrival
	presences []event.GUID  // of an agent: what each moment changed to
	findings  []Finding     // seen on arrival
	reported  uint8         // of these, what is reported once: a bit for each part of the identity, and for the rules of timesOnce
	ended     bool          // ended has arrived, though others may not have
	cut       bool          // what came before was forgotten
	doubtful  bool          // or may have been
	from      tick          // of an agent: earlier presences were judged and forgotten
	group     *group
}

// take adds a notification of the history's subject.
func (h *history) take(e *event.Event, arrival uint32) {
	h.moments = append(h.moments, momentOf(e, arrival))
	if e.Type.Kind.Agent() {
		h.presences = append(h.presences, e.Presence.PresenceID)
	} else {
		h.compareIdentity(e, arrival)
	}
	h.ended = h.ended || e.Type.Kind == event.Ended
	for _, f := range times(e) {
		once := timesOnce[f.Rule]
		if h.reported&once == 0 {
			h.reported |= once
			h.findings = append(h.findings, f.against(arrival, 0))
		}
	}
}

// timesOnce has the rules about times that are reported once in a history, since a sender that
// breaks one does so in every notification.
var timesOnce = map[Rule]uint8{V1TimeDiffers: 1 << 6, IDSecond: 1 << 7}

// has reports whether a notification is in a history, whenever it arrived; there may be none.
func (h *history) has(m moment) bool {
	return h != nil && slices.ContainsFunc(h.moments, func(o moment) bool { return o.at == m.at && o.id == m.id && o.kind == m.kind })
}

// isAgent reports whether the history is about an agent.
func (h *history) isAgent() bool { return h.subject.agent != "" }

// finding makes a finding about a remembered notification, and perhaps an earlier one.
func (h *history) finding(r Rule, m moment, earlier uint32, sentence string) Finding {
	class, _ := r.About()
	f := Finding{Rule: r, Class: class, ID: m.id, Type: event.Type{Kind: m.kind, Version: h.subject.version}, Sentence: sentence, Arrival: m.arrival, Against: earlier}
	if f.Subject = h.subject.agent; !h.isAgent() {
		f.Subject = h.subject.channel.String()
	}
	return f
}

// Alone lists what is found in one notification by itself, whatever others say. The event is as
// for Add.
func Alone(e event.Event) []Finding {
	found := times(&e)
	if e.Type.Kind == event.WrapStarted && e.Channel.Party.Role != event.Agent {
		found = append(found, WrapNotAgent.of(&e, wrapOf, e.Channel.Party.Role))
	}
	return found
}

// wrapOf is the sentence of WrapNotAgent.
const wrapOf = "the channel has the role %s; only agents wrap up"

// times lists what is found in the times of one notification by itself.
func times(e *event.Event) (found []Finding) {
	order, sent := compare(e.Time, e.Timestamp), secondOf(e.ID)
	if e.Type.Version == event.V0 {
		if order < 0 {
			found = append(found, V0TimeEarly.of(e, "sent at %s, before the event at %s", e.Time, e.Timestamp))
		}
		if sent != e.Time.Unix() {
			found = append(found, IDSecond.of(e, "the ID embeds the second %s, but time is %s", utc(sent), e.Time))
		}
		return found
	}
	if order != 0 {
		found = append(found, V1TimeDiffers.of(e, "time is %s, timestamp is %s", e.Time, e.Timestamp))
	}
	if sent < e.Timestamp.Unix() {
		found = append(found, IDSecond.of(e, "the ID embeds the second %s, before the event at %s", utc(sent), e.Timestamp))
	}
	return found
}

// utc is a Unix time in seconds for people.
func utc(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

// compareIdentity reports the parts of a channel's identity in which e differs from the
// notification of the channel that arrived first, each part once in the channel's life.
func (h *history) compareIdentity(e *event.Event, arrival uint32) {
	was, is := &h.channel, &e.Channel
	a, b := was.Party.User, is.Party.User
	if was.ConversationID == is.ConversationID && was.InteractionID == is.InteractionID && was.Party.Role == is.Party.Role && a == b {
		return // as nearly all do: what follows allocates
	}
	for i, part := range [...]struct {
		name    string
		was, is any
	}{
		{"conversation", was.ConversationID, is.ConversationID},
		{"interaction", was.InteractionID, is.InteractionID},
		{"role", was.Party.Role, is.Party.Role},
		{"user", label(a), label(b)},
	} {
		if part.was != part.is && h.reported&(1<<i) == 0 {
			h.reported |= 1 << i
			h.findings = append(h.findings, IdentityChanged.of(e, "the channel's %s changed from %v to %v", part.name, part.was, part.is).against(arrival, h.arrival))
		}
	}
}

// label names a user.
func label(u event.User) string {
	if u == (event.User{}) {
		return "nobody"
	}
	return "agent " + u.AgentID + ", user " + u.UserID.String()
}

// presenceChange is the start of a presence.
type presenceChange struct {
	moment
	presence event.GUID
}

// changes are those of an agent, by time.
func (h *history) changes() []presenceChange {
	changes := make([]presenceChange, len(h.moments))
	for i, m := range h.moments {
		changes[i] = presenceChange{m, h.presences[i]}
	}
	slices.SortFunc(changes, func(a, b presenceChange) int {
		return cmp.Or(cmp.Compare(a.at, b.at), slices.Compare(a.presence[:], b.presence[:]), slices.Compare(a.id[:], b.id[:]))
	})
	return changes
}

// repeated lists the changes of an agent to the presence that the agent was in.
// The order of several presences in one instant cannot be known, so a repetition next to
// them is no violation.
func (h *history) repeated(changes []presenceChange) (found []Finding) {
	var before presenceChange // to the presence that the agent is known to be in, else zero
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].at == changes[0].at {
			n++
		}
		sole := changes[0].presence == changes[n-1].presence // sorted, so all between are the same
		for i, s := range changes[:n] {
			if sole && (i > 0 || s.presence == before.presence) {
				found = append(found, h.finding(PresenceRepeated, s.moment, before.arrival, "the agent was in this presence already"))
			}
			if i == 0 {
				before = s
			}
		}
		if !sole {
			before = presenceChange{}
		}
		changes = changes[n:]
	}
	return found
}

// mostPresences is how many changes of an agent are kept at least, to be judged together with those that come late: more than
// an agent makes in a day.
const mostPresences = 500

// shorten forgets all but the last changes of an agent, and returns what was found in the others, and them.
func (h *history) shorten() (found []Finding, gone []moment) {
	changes := h.changes()
	n := len(changes) - mostPresences
	for n > 0 && changes[n-1].at == changes[n].at { // an instant is judged as a whole
		n--
	}
	if n == 0 { // all in one instant
		n = len(changes) - 1
	}
	found = h.findings
	for _, f := range h.repeated(changes) {
		if slices.ContainsFunc(changes[:n], func(c presenceChange) bool { return c.id == f.ID }) {
			found = append(found, f)
		}
	}
	for _, c := range changes[:n] {
		gone = append(gone, c.moment)
	}
	h.from, h.findings = changes[n].at, nil
	h.moments, h.presences = make([]moment, 0, 2*mostPresences), make([]event.GUID, 0, 2*mostPresences)
	for _, c := range changes[n:] {
		h.moments, h.presences = append(h.moments, c.moment), append(h.presences, c.presence)
	}
	return found, gone
}

// tick is a number of 100 ns since 1970: as exact as a timestamp can be, and a third of the
// size of a time.Time.
type tick int64

const second tick = 1e7

func tickOf(s event.Stamp) tick {
	return tick(s.Unix())*second + tick(s.Truncated().Nanosecond()/100)
}

func (t tick) time() time.Time {
	return time.Unix(int64(t/second), int64(t%second)*100).UTC()
}

// compare compares two times, as cmp.Compare does, to the digits that both have: a time with
// fewer digits is not earlier because the other one has more.
func compare(a, b event.Stamp) int {
	common := min(a.Digits, b.Digits)
	a.Digits, b.Digits = common, common
	return a.Truncated().Compare(b.Truncated())
}

// digits are those of base 62, in the order of their values.
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// epoch is the Unix time in seconds at which the clock of KSUIDs starts, in May 2014.
const epoch = 1_400_000_000

// secondOf is the Unix time in seconds that a KSUID embeds: the first four of the twenty
// bytes that its 27 digits of base 62 stand for.
func secondOf(id event.ID) int64 {
	var words [5]uint32 // most significant first
	for _, c := range id {
		carry := uint64(strings.IndexByte(digits, c))
		for i := len(words) - 1; i >= 0; i-- {
			carry += uint64(words[i]) * 62
			words[i] = uint32(carry)
			carry >>= 32
		}
	}
	return int64(words[0]) + epoch
}
