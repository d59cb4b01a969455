package plan

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

// ident is what the identifiers of a channel are made from.
type ident struct {
	conversation, interaction, party int32
	role                             event.Role
	events                           uint32      // planned so far
	named                            bool        // texts are made
	texts                            identifiers // when they are first needed
}

// identifiers are those of a channel as they are written.
type identifiers struct{ conversation, interaction, channel event.GUID }

// entry is a planned notification, as small as it can be kept.
type entry struct {
	due, at int64
	channel int32 // ordinal; the party of a presence change; of a send step, how many there were
	op      int32 // of the step that raises it; -1: the end of a wrap
	nth     uint32
	conv    int32 // of a send step, as is inter
	inter   int32
	kind    event.Kind // 0: a send step
	version event.Version
	change  uint8 // the new presence; of a channel, the phases before and after
}

// planMove plans the events of one edge of the lifecycle.
func (pl *play) planMove(at int64, c *story.Channel, e *lifecycle.Edge) {
	if c.Ordinal == len(pl.channels) {
		pl.channels = append(pl.channels, ident{conversation: int32(c.Conversation), interaction: int32(c.Interaction),
			party: int32(c.Party), role: c.Role})
	}
	id := &pl.channels[c.Ordinal]
	for i, kind := range e.Events {
		change := phases(e.From, e.From)
		if i == len(e.Events)-1 { // the phase changes once
			change = phases(e.From, e.To)
		}
		pl.plan1(&entry{at: at, channel: int32(c.Ordinal), nth: id.events, kind: kind, op: pl.op, change: change})
		id.events++
	}
}

// phases puts the phases before and after an event into one byte.
func phases(left, entered lifecycle.Phase) uint8 { return uint8(left)<<4 | uint8(entered) }

func (pl *play) planSend(op *story.Op) {
	e := &entry{at: pl.now, op: int32(pl.at - 1), nth: uint32(pl.turn), channel: int32(len(pl.channels))}
	if inter, conv, ok := pl.state.Current(); ok {
		e.conv, e.inter = int32(conv), int32(inter)
	} else if n := len(pl.channels); n > 0 { // after the end, the latest one is meant
		e.conv, e.inter = pl.channels[n-1].conversation, pl.channels[n-1].interaction
	}
	pl.enter(e)
}

// plan1 plans one event in each version that is wanted.
func (pl *play) plan1(e *entry) {
	if v := pl.plan.opts.Versions; v != OnlyV1 {
		pl.enter(e)
		if v == OnlyV0 {
			return
		}
	}
	e.version = event.V1
	if pl.plan.opts.Versions == Both && e.kind != event.PresenceChanged { // the phase changed by the other one
		e.change = phases(lifecycle.Phase(e.change&15), lifecycle.Phase(e.change&15))
	}
	pl.enter(e)
}

// enter decides when an entry is sent and puts it in its place. Only a lag that was asked for
// lets one pass another.
func (pl *play) enter(e *entry) {
	if pl.plan.opts.Lag == nil {
		e.due = e.at + pl.lagOf(e.at)
		if n := len(pl.pending); n > 0 {
			e.due = max(e.due, pl.pending[n-1].due)
		}
	} else {
		src := pl.eventKey(e).With(nameLag).Source()
		e.due = e.at + int64(story.Draw(&pl.plan.lag, &src))
	}
	pl.pending = append(pl.pending, *e)
	for i := len(pl.pending) - 1; i > 0 && pl.pending[i-1].due > e.due; i-- {
		pl.pending[i-1], pl.pending[i] = pl.pending[i], pl.pending[i-1]
	}
}

// lagOf is the lag of all that happens at a moment, where notifications keep their order.
func (pl *play) lagOf(at int64) int64 {
	if m := &pl.lag; m.at != at {
		src := pl.key.With(uint64(at - pl.born)).With(nameLag).Source()
		m.at, m.drawn = at, int64(story.Draw(&pl.plan.lag, &src))
	}
	return pl.lag.drawn
}

// eventKey names an event: the conversation, what it is about, and which of its events.
// Both versions of an event have it in common.
func (pl *play) eventKey(e *entry) seeded.Key {
	about := uint64(e.channel)
	switch e.kind {
	case 0:
		about = 2<<32 + uint64(e.op)
	case event.PresenceChanged:
		about += 1 << 32
	}
	return pl.events.With(about).With(uint64(e.nth))
}

// notification makes n the next notification of a prepared play.
func (pl *play) notification(n *Notification) {
	*n = Notification{}
	e := &pl.pending[0]
	if e.op >= 0 {
		n.Fault = pl.cast.ops[e.op].Step.Fault
	}
	n.Story, n.Scenario, n.Due, n.At = pl.index, pl.cast.place, time.Duration(e.due), time.Duration(e.at)
	n.key = pl.eventKey(e).With(uint64(e.version))
	occurred, sent := pl.moments(n)
	id := n.key.With(nameStart).With(uint64(pl.plan.opts.Start.UnixNano()))
	if e.kind == 0 {
		pl.raw(n, e, id.KSUID(sent), sent, occurred)
		return
	}
	ev := &n.Event
	ev.Type = event.Type{Kind: e.kind, Version: e.version}
	id.PutKSUID((*[27]byte)(&ev.ID), sent)
	w := &pl.cast.wire
	n.style = w.style
	if w.mixed {
		n.style = styleOf(n.key)
	}
	digits := w.channelDigits
	if e.kind == event.PresenceChanged {
		digits = w.agentDigits
		ev.Presence, ev.User = pl.cast.presences[e.change], *pl.user(int(e.channel))
		n.Name = pl.cast.prog.Parties[e.channel].Name
	} else {
		pl.channelEvent(n, e)
	}
	ev.Timestamp = event.Stamp{Time: occurred, Digits: digits}
	ev.Time = event.Stamp{Time: sent, Digits: w.timeDigits}
	if e.version == event.V1 { // the instant of the timestamp, which may show fewer of its digits
		ev.Time.Time = occurred
	}
}

func (pl *play) channelEvent(n *Notification, e *entry) {
	c := &pl.channels[e.channel]
	n.Left, n.Phase = lifecycle.Phase(e.change>>4), lifecycle.Phase(e.change&15)
	n.Name = pl.cast.prog.Parties[c.party].Name
	if !c.named {
		pl.write(&c.texts, e.channel)
		c.named = true
	}
	ev := &n.Event
	ch := &ev.Channel
	ch.ConversationID, ch.InteractionID, ch.ChannelID = c.texts.conversation, c.texts.interaction, c.texts.channel
	ch.Party.Role = c.role
	if c.role.HasUser() {
		ch.Party.User = *pl.user(int(c.party))
	} else {
		ch.Party.NullIDs = pl.cast.wire.nullIDs
	}
	switch e.kind {
	case event.Ended, event.ConnectionFailed:
		ev.Reason = pl.cast.wire.reason
	case event.Disconnected:
		ev.Reason = pl.cast.wire.disconnected
	}
}

// write writes the identifiers of a channel. Most interactions have several channels.
func (pl *play) write(to *identifiers, ordinal int32) {
	c := &pl.channels[ordinal]
	pl.putChannelID(&to.channel, ordinal)
	for i := range pl.channels {
		if o := &pl.channels[i]; o.named && o.interaction == c.interaction && o.conversation == c.conversation {
			to.conversation, to.interaction = o.texts.conversation, o.texts.interaction
			return
		}
	}
	pl.putGUID(&to.conversation, nameConv, c.conversation)
	pl.putGUID(&to.interaction, nameInter, c.interaction)
}

func (pl *play) guid(name uint64, ordinal int32) (id event.GUID) {
	pl.putGUID(&id, name, ordinal)
	return id
}

func (pl *play) putGUID(to *event.GUID, name uint64, ordinal int32) {
	if ids := pl.plan.opts.ConversationIDs; ordinal == 0 && name == nameConv && len(ids) > 0 {
		*to = ids[pl.index]
		return
	}
	pl.cast.wire.form.put(to, pl.ids.With(name).With(uint64(ordinal)))
}

// channelID is the identifier of a channel.
func (pl *play) channelID(ordinal int32) (id event.GUID) {
	pl.putChannelID(&id, ordinal)
	return id
}

func (pl *play) putChannelID(to *event.GUID, ordinal int32) {
	c := &pl.channels[ordinal]
	if pl.cast.wire.form == channelIsInteraction && c.role == event.External {
		first := slices.IndexFunc(pl.channels, func(o ident) bool { return o.interaction == c.interaction && o.role == event.External })
		if first == int(ordinal) {
			pl.putGUID(to, nameInter, c.interaction)
			return
		}
	}
	pl.putGUID(to, nameChannel, ordinal)
}

// raw builds the notification of a send step.
func (pl *play) raw(n *Notification, e *entry, id event.ID, sent, occurred time.Time) {
	w := &pl.cast.wire
	body := pl.cast.ops[e.op].Step.Send.Expand(func(h scenario.Placeholder) string {
		switch h.Name {
		case "id":
			return id.String()
		case "time":
			return event.Stamp{Time: sent, Digits: w.timeDigits}.String()
		case "timestamp":
			return event.Stamp{Time: occurred, Digits: w.channelDigits}.String()
		case "conversationId":
			return pl.guid(nameConv, e.conv).String()
		case "interactionId":
			return pl.guid(nameInter, e.inter).String()
		}
		return pl.partyValue(h, int(e.channel))
	})
	n.Raw = []byte(body)
	var claims struct {
		Type, ID string
		Data     struct {
			Channel struct{ ConversationID string }
		}
	}
	_ = json.Unmarshal(n.Raw, &claims) // a body that is no JSON claims nothing
	n.RawRef = RawRef{claims.Type, claims.ID, claims.Data.Channel.ConversationID}
}

// user is who a party is, found when that is first asked.
func (pl *play) user(party int) *event.User {
	u := &pl.users[party]
	c := pl.cast
	switch {
	case u.AgentID != "":
		return u
	case c.roles != nil && c.roles.pooled[party]:
		if k := pl.played[party]; k >= 0 {
			*u = pl.plan.staff.agent(k, pl.texts)
		}
		return u
	case c.prog.Parties[party].Agent == nil:
		return u
	}
	number := c.first + pl.index*c.stride + c.number[party]
	u.AgentID, u.UserID = pl.texts.of(number), c.wire.form.seededID(number)
	return u
}

// partyValue is what a placeholder says of a party, given how many channels there were at
// the time of the step.
func (pl *play) partyValue(h scenario.Placeholder, channels int) string {
	for party := range pl.cast.prog.Parties {
		if pl.cast.prog.Parties[party].Name != h.Party {
			continue
		}
		switch h.Name {
		case "agentId":
			return pl.user(party).AgentID
		case "userId":
			return pl.user(party).UserID.String()
		}
		for ordinal := channels - 1; ordinal >= 0; ordinal-- {
			if int(pl.channels[ordinal].party) == party {
				return pl.channelID(int32(ordinal)).String()
			}
		}
	}
	return ""
}

// mover turns moves of channels at a moment into planned notifications.
func (pl *play) mover(at int64) story.Move {
	return func(c *story.Channel, e *lifecycle.Edge) {
		if e.From == lifecycle.New {
			pl.planPresence(at, c.Party) // of who begins to dial
			at = max(at, pl.free[c.Party])
			pl.now = max(pl.now, at)
		}
		pl.planMove(at, c, e)
		switch e.To {
		case lifecycle.Unexpected:
			pl.planFailure(at, c)
		case lifecycle.Ended:
			pl.planPresence(at, c.Party)
		}
	}
}

// planFailure plans when a failed channel ends, and when its agent is back.
func (pl *play) planFailure(at int64, c *story.Channel) {
	if pl.op < 0 { // an offer that was given up: nobody missed it
		return
	}
	src := pl.key.With(nameFailed).With(uint64(c.Ordinal)).Source()
	until := at
	if c.Scheduled {
		until += int64(story.Draw(pl.state.Lasting(&pl.cast.ops[pl.op]), &src))
		pl.wraps = append(pl.wraps, wrapEnd{until, c.Ordinal, pl.op})
	}
	if ordinal, is := pl.state.NoAnswer(int(c.Party)); is {
		until = max(until, at+int64(story.Draw(&pl.cast.prog.Parties[c.Party].Agent.NoAnswer, &src)))
		pl.wraps = append(pl.wraps, wrapEnd{until, ordinal, pl.op})
	}
}

// draw is the stream of the choice that an operation makes on this turn.
func (pl *play) draw() seeded.Source {
	return pl.key.With(nameDraw).With(uint64(pl.at)).With(pl.turn).Source()
}
