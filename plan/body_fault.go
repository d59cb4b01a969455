package plan

import (
	"bytes"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario/fault"
)

// These faults change bodies. They work on the compact JSON that event.Append writes; a
// body that a story wrote by itself is changed as far as it looks like that.

// raw turns a notification into one with a body of its own, which it returns.
func raw(n *Notification) []byte {
	if n.Raw == nil {
		n.RawRef = RawRef{n.Event.Type.String(), n.Event.ID.String(), n.Event.Channel.ConversationID.String()}
		n.Raw = event.Append(nil, n.Event)
	}
	n.Raw = bytes.Clone(n.Raw)
	return n.Raw
}

// tamper changes one digit, so that the body stays lawful and its hash does not.
func tamper(n *Notification) {
	n.Signed = bytes.Clone(raw(n))
	const before = `"timestamp":"`
	if i := bytes.Index(n.Raw, []byte(before)); i >= 0 {
		at := i + len(before) + len("2022-08-30T14:34:3")
		if at < len(n.Raw) && n.Raw[at] >= '0' && n.Raw[at] <= '9' {
			n.Raw[at] = '0' + (n.Raw[at]-'0'+1)%10
			return
		}
	}
	n.Raw = append(n.Raw, ' ')
}

// breakJSON cuts the body off in its middle.
func breakJSON(n *Notification) {
	body := raw(n)
	n.Raw = body[:len(body)/2]
}

// renameType gives the notification a type that is not documented.
func renameType(n *Notification, id event.ID) {
	n.Raw = replaceText(raw(n), "type", "channel.sampled.v0")
	freshID(n, id)
	n.RawRef.Type = "channel.sampled.v0"
}

// dropData takes the data out.
func dropData(n *Notification, id event.ID) {
	if head, _, found := bytes.Cut(raw(n), []byte(`,"data":`)); found {
		n.Raw = append(head, '}')
	}
	freshID(n, id)
}

// addMembers adds members to the envelope, to data and to the channel or user.
func addMembers(n *Notification) {
	body := raw(n)
	for _, key := range []string{`"data":{`, `"channel":{`, `"user":{`} {
		body = bytes.Replace(body, []byte(key), []byte(key+`"sampled":true,`), 1)
	}
	n.Raw = bytes.Replace(body, []byte(`{"specversion"`), []byte(`{"sampledrate":30,"specversion"`), 1)
}

func freshID(n *Notification, id event.ID) {
	n.Raw = replaceText(n.Raw, "id", id.String())
	n.RawRef.ID = id.String()
}

// replaceText replaces the first value of a key.
func replaceText(body []byte, key, value string) []byte {
	head, tail, found := bytes.Cut(body, []byte(`"`+key+`":"`))
	if !found {
		return body
	}
	_, tail, _ = bytes.Cut(tail, []byte{'"'})
	return bytes.Join([][]byte{head, tail}, []byte(`"`+key+`":"`+value+`"`))
}

// FaultyBody is what a fault makes of a body that is sent right now instead of planned, and the
// body that its token vouches for if that is another one. Sent is nil where the fault is not
// about the body. Those that a plan sends beside the true notification get an ID of their
// own here too, so that the true one can follow.
func FaultyBody(kind fault.Kind, body []byte) (sent, signed []byte) {
	n := Notification{Raw: bytes.Clone(body)}
	switch kind {
	case fault.TamperedBody:
		tamper(&n)
	case fault.MalformedJSON:
		breakJSON(&n)
	case fault.UnknownType:
		n.Raw = replaceText(otherID(n.Raw), "type", "channel.sampled.v0")
	case fault.UnknownMember:
		addMembers(&n)
	case fault.MissingMember:
		if head, _, found := bytes.Cut(otherID(n.Raw), []byte(`,"data":`)); found {
			n.Raw = append(head, '}')
		}
	default:
		return nil, nil
	}
	return n.Raw, n.Signed
}

// otherID turns the random part of the body's ID round. Its second of sending stays.
func otherID(body []byte) []byte {
	const random = 11 // the digits before it are those that the second decides
	_, tail, _ := bytes.Cut(body, []byte(`"id":"`))
	text, _, found := bytes.Cut(tail, []byte{'"'})
	id, err := event.ParseID(string(text))
	if !found || err != nil {
		return body
	}
	slices.Reverse(id[random:])
	return replaceText(body, "id", id.String())
}
