package rows

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"strings"
	"sync/atomic"
	"time"
)

// party is a channel whose notifications are written by hand. Its moments count from some time after dawn.
type party struct {
	conversation, interaction, channel, role, agent string
	from                                            time.Duration
}

func guid(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", n, n) }

// call is the n-th conversation, its customer and an agent.
func call(n int) (customer, agent party) {
	return party{guid(n * 100), guid(n*100 + 1), guid(n*100 + 2), "external", "", 0},
		party{guid(n * 100), guid(n*100 + 1), guid(n*100 + 3), "agent", "0150", 0}
}

var ids atomic.Uint64

func newID() string { return fmt.Sprintf("2YpN%023d", ids.Add(1)) }

// form is how a notification is written.
type form struct {
	version, id, source, time, party, data, more string
	digits                                       int
}

// event is a notification of what happened to a party at some time, as text.
func (p party) event(name string, at time.Duration, changes ...func(*form)) []byte {
	at += p.from
	f := form{version: "v0", id: newID(), source: "/channel", digits: 3}
	if p.agent != "" {
		f.party = fmt.Sprintf(`,"agentId":%q,"userId":%q`, p.agent, guid(9))
	}
	for _, change := range changes {
		change(&f)
	}
	stamp := dawn.Add(at).Format("2006-01-02T15:04:05.0000000")
	if f.digits == 0 {
		stamp = stamp[:19]
	} else {
		stamp = stamp[:20+f.digits]
	}
	sent := at
	if f.version == "v0" {
		sent += 525 * time.Millisecond
	}
	if f.time == "" {
		f.time = dawn.Add(sent).Format("2006-01-02T15:04:05.0000000Z")
	}
	return fmt.Appendf(nil, `{"specversion":"1.0","type":"channel.%s.%s","id":%q,"source":%q,"subject":%q,"time":%q,`+
		`"datacontenttype":"application/json","data":{"timestamp":"%sZ","channel":{"conversationId":%q,"interactionId":%q,"channelId":%q,`+
		`"party":{"role":%q%s}}%s}%s}`, name, f.version, f.id, f.source, p.channel, f.time, stamp,
		p.conversation, p.interaction, p.channel, p.role, f.party, f.data, f.more)
}

// presence is a change of an agent's presence.
func presence(agent, category string, at time.Duration, id string) []byte {
	moment := dawn.Add(at).Format("2006-01-02T15:04:05.0000000Z")
	return fmt.Appendf(nil, `{"specversion":"1.0","type":"agent.presencechanged.v0","id":%q,"source":"/agent","subject":%q,"time":%q,`+
		`"datacontenttype":"application/json","data":{"timestamp":%q,"presence":{"presenceId":%q,"category":{"type":%q,"description":"X",`+
		`"subcategory":"x"},"description":"X"},"user":{"agentId":%q,"userId":%q}}}`, id, agent, moment, moment, guid(8), category, agent, guid(9))
}

// events are several at one moment.
func (p party) events(at time.Duration, names ...string) [][]byte {
	var all [][]byte
	for _, n := range names {
		all = append(all, p.event(n, at))
	}
	return all
}

// ordinary is an ordinary call, in order, with two holds. The customer is held for 10.25 s and 5.5 s.
func ordinary(customer, agent party) [][]byte {
	const s = time.Second
	var all [][]byte
	for _, part := range [][][]byte{
		customer.events(0, "alerted", "connected"),
		agent.events(2125*time.Millisecond, "alerted"), agent.events(8*s, "connected"),
		customer.events(20*s, "held"), customer.events(30250*time.Millisecond, "retrieved"),
		customer.events(40*s, "held"), customer.events(45500*time.Millisecond, "retrieved"),
		customer.events(60*s, "disconnected", "ended"), agent.events(60*s, "disconnected", "wrapstarted"), agent.events(80*s, "ended"),
	} {
		all = append(all, part...)
	}
	return all
}

// forged is a token as an attacker, or a lawful sender with other habits, makes it.
func (x *running) forged(body []byte, change func(head, claims map[string]any), method func() hash.Hash, key []byte) string {
	now := time.Now().Unix()
	sum := sha256.Sum256(body)
	head := map[string]any{"alg": "HS256", "typ": "JWT"}
	claims := map[string]any{"iat": now, "exp": now + 300, "payload_hash": hex.EncodeToString(sum[:]), "iss": "Vonage"}
	if change != nil {
		change(head, claims)
	}
	part := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			x.t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := part(head) + "." + part(claims)
	if method == nil {
		return text + "."
	}
	if key == nil {
		key = x.secret
	}
	mac := hmac.New(method, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// play delivers bodies one after the other.
func (x *running) play(bodies ...[]byte) string {
	for _, b := range bodies {
		if status := x.deliver(b); status < 200 || status > 205 {
			return fmt.Sprintf("status %d for %.300s", status, b)
		}
	}
	return ""
}

// tells wants the state of a party's channel.
func (x *running) tells(p party, notifications int, phase string, seconds map[string]float64) string {
	return x.ask(p.conversation, func(t told) string {
		c := t.channel(p.channel)
		if c == nil {
			return p.role + " is missing"
		}
		agent := any(nil)
		if p.agent != "" {
			agent = p.agent
		}
		said := []string{
			differs("notifications", c.Notifications, notifications), differs("phase", c.Phase, phase), differs("role", c.Role, p.role),
			differs("interaction", c.InteractionID, p.interaction), differs("agent", c.AgentID, agent),
		}
		for name, want := range seconds {
			said = append(said, differs(name, fmt.Sprintf("%.4f", c.Seconds[name]), fmt.Sprintf("%.4f", want)))
		}
		return strings.Join(strings.Fields(strings.Join(said, " ")), " ")
	})
}

// first is what was said first.
func first(all ...func() string) string {
	for _, f := range all {
		if said := f(); said != "" {
			return said
		}
	}
	return ""
}

// knowsOrdinary wants the state after the ordinary call.
func (x *running) knowsOrdinary(customer, agent party) string {
	return first(
		func() string {
			return x.tells(customer, 8, "ended", map[string]float64{"alerting": 0, "connected": 44.25, "held": 15.75})
		},
		func() string {
			return x.tells(agent, 5, "ended", map[string]float64{"alerting": 5.875, "connected": 52, "wrap": 20})
		})
}
