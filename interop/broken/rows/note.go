package rows

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// note is a notification as it is stored.
type note struct {
	body                               []byte
	source, id, typ, base, subject     string
	sent, stamp                        string
	at                                 int64 // 100 ns since 1970
	kind                               kind
	channel, conversation, interaction string // empty if it is about no channel, or of an unknown type
	role                               string
	agent                              any // text, or nil
	presence                           string
}

var errUnusable = errors.New("unusable")

// object is a JSON object with the names as they were written: encoding/json would take "ID" for "id".
type object map[string]json.RawMessage

func (o object) text(name string) string {
	var s string
	if json.Unmarshal(o[name], &s) != nil {
		return ""
	}
	return s
}

func (o object) object(name string) object {
	var inner object
	if json.Unmarshal(o[name], &inner) != nil {
		return nil
	}
	return inner
}

// parse reads a body.
func parse(p *process, body []byte) (note, error) {
	var o object
	if err := json.Unmarshal(body, &o); err != nil || o == nil {
		return note{}, errUnusable
	}
	n := note{
		body: body, source: o.text("source"), id: o.text("id"), typ: o.text("type"), subject: o.text("subject"), sent: o.text("time"),
	}
	if n.source == "" || n.id == "" || n.typ == "" {
		return note{}, errUnusable
	}
	n.base = n.typ
	for _, v := range p.versions {
		if base, is := strings.CutSuffix(n.typ, v); is {
			n.base = base
		}
	}
	var known bool
	if n.kind, known = p.kinds[n.base]; !known || n.base == n.typ {
		return n, nil // for those who come later
	}
	return n, n.fill(p, o.object("data"))
}

// fill reads the data.
func (n *note) fill(p *process, data object) error {
	if n.base == "agent.presencechanged" {
		user := data.object("user")
		n.presence, n.agent = data.object("presence").object("category").text("type"), user.text("agentId")
		n.stamp = data.text("timestamp")
		n.at, _ = ticks(n.stamp) // nothing of it is told
		return nil
	}
	channel := data.object("channel")
	party := channel.object("party")
	n.stamp = data.text("timestamp")
	n.channel, n.conversation, n.interaction = channel.text("channelId"), channel.text("conversationId"), channel.text("interactionId")
	n.role = party.text("role")
	if id := party.text("agentId"); id != "" {
		n.agent = id
	}
	at, err := p.ticks(n.stamp)
	if err != nil || n.channel == "" || n.conversation == "" {
		return errUnusable
	}
	n.at = at
	return nil
}

// ticks are the whole 100 ns since 1970, as many digits as there may be.
func ticks(stamp string) (int64, error) {
	at, err := time.Parse(time.RFC3339Nano, stamp)
	return at.UnixNano() / 100, err
}

// args are what statements may use.
func (n *note) args(received time.Time) []any {
	return []any{
		named("body", n.body), named("source", n.source), named("id", n.id), named("type", n.typ), named("kind", n.base),
		named("subject", n.subject), named("sent", n.sent), named("stamp", n.stamp), named("at", n.at),
		named("phase", n.kind.phase), named("turn", n.kind.turn), named("channel", n.channel),
		named("conversation", n.conversation), named("interaction", n.interaction), named("role", n.role),
		named("agent", n.agent), named("presence", n.presence), named("received", received.UnixNano()/100),
	}
}
