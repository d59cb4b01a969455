package event

import (
	"fmt"
	"strings"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/show"
)

// Parse reads a body strictly: every member in its documented form, none missing, none
// twice, none besides. The order of members is free, as in all JSON. If anything is wrong
// the event is zero and the error a Problems that names every problem; errors.Is(err,
// ErrUnknownType) reports whether an unknown type is among them.
func Parse(body []byte) (Event, error) { return parse(body, false) }

// Read reads a body as a consumer should: like Parse, except that deviations are no problems.
// It ignores members that it does not know, with all that is in them, since the API may add
// some, and identifiers of parties that have none.
func Read(body []byte) (Event, error) { return parse(body, true) }

func parse(body []byte, lenient bool) (Event, error) {
	if err := checkJSON(body); err != nil {
		return Event{}, Problems{{What: show.Clip(err.Error(), maxProblem), Class: Violation}}
	}
	p := parser{lenient: lenient}
	// One copy for all: the texts of the event are cut from it, and body stays the caller's.
	e := p.envelope(trim(string(body)))
	if p.problems != nil {
		return Event{}, p.problems
	}
	return e, nil
}

// parser gathers the problems of one body.
type parser struct {
	lenient  bool // deviations are no problems
	problems Problems
}

func (p *parser) envelope(raw string) (e Event) {
	m, ok := p.object("", raw, "specversion", "type", "id", "source", "subject", "time", "datacontenttype", "data")
	if !ok {
		return e
	}
	p.constant(m[0], "1.0")
	var unknown error
	name := p.filled(m[1])
	if e.Type, unknown = ParseType(name); unknown != nil && name != "" {
		p.problems = append(p.problems, Problem{m[1].path(), show.Clip(unknown.Error(), maxProblem), Note, ErrUnknownType})
	}
	e.ID = checked(p, m[2], ParseID)
	if unknown == nil {
		p.constant(m[3], e.Source())
	} else {
		p.filled(m[3])
	}
	subject := p.filled(m[4])
	e.Time = checked(p, m[5], ParseStamp)
	p.constant(m[6], "application/json")
	if unknown != nil {
		p.isObject("data", m[7].raw)
		return e
	}
	p.data(m[7].raw, &e)
	if want := e.Subject(); subject != "" && want != "" && subject != want {
		of := strings.TrimPrefix(e.Source(), "/")
		p.problem("subject", fmt.Sprintf("want the %s ID, %q, got %q", of, want, subject))
	}
	return e
}

func (p *parser) data(raw string, e *Event) {
	names := []string{"timestamp", "channel", "reason"}
	switch reason := kinds[e.Type.Kind].reason; {
	case e.Type.Kind.Agent():
		names = []string{"timestamp", "presence", "user"}
	case reason == never:
		names = names[:2]
	}
	m, ok := p.object("data", raw, names...)
	if !ok {
		return
	}
	e.Timestamp = checked(p, m[0], ParseStamp)
	if e.Type.Kind.Agent() {
		p.presence(m[1].raw, &e.Presence)
		if u, ok := p.object("data.user", m[2].raw, "agentId", "userId"); ok {
			p.identifiers(u[0], u[1], &e.User)
		}
		return
	}
	p.channel(m[1].raw, &e.Channel)
	if kinds[e.Type.Kind].reason == always || m[2].raw != "" {
		e.Reason = strings.Clone(p.filled(m[2]))
	}
}

func (p *parser) channel(raw string, c *Channel) {
	m, ok := p.object("data.channel", raw, "conversationId", "interactionId", "channelId", "party")
	if !ok {
		return
	}
	c.ConversationID = checked(p, m[0], ParseGUID)
	c.InteractionID = checked(p, m[1], ParseGUID)
	c.ChannelID = checked(p, m[2], ParseGUID)
	p.party(m[3].raw, &c.Party)
}

func (p *parser) party(raw string, party *Party) {
	m, ok := p.object("data.channel.party", raw, "role", "agentId", "userId")
	if !ok {
		return
	}
	party.Role = checked(p, m[0], ParseRole)
	switch {
	case party.Role == 0: // nothing to hold the identifiers against
	case party.Role.HasUser():
		p.identifiers(m[1], m[2], &party.User)
	default:
		for _, id := range m[1:3] {
			if id.raw != "" && id.raw != "null" {
				p.deviation(id.parent, id.name, fmt.Sprintf("want it absent or null for role %s, got %s", party.Role, jsontext.TypeName(id.raw)), nil)
			}
			party.NullIDs = party.NullIDs || id.raw == "null"
		}
	}
}

func (p *parser) presence(raw string, pr *Presence) {
	m, ok := p.object("data.presence", raw, "presenceId", "category", "description")
	if !ok {
		return
	}
	pr.PresenceID = checked(p, m[0], ParseGUID)
	if c, ok := p.object("data.presence.category", m[1].raw, "type", "description", "subcategory"); ok {
		pr.Category.Type = strings.Clone(p.filled(c[0]))
		pr.Category.Description = strings.Clone(p.text(c[1]))
		pr.Category.Subcategory = strings.Clone(p.text(c[2]))
	}
	pr.Description = strings.Clone(p.text(m[2]))
}

func (p *parser) identifiers(agentID, userID member, u *User) {
	u.AgentID = strings.Clone(p.filled(agentID))
	u.UserID = checked(p, userID, ParseGUID)
}
