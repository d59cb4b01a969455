package plan

import (
	"bytes"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario/fault"
)

// Spoil is what a fault makes of a body that is sent right now instead of planned, and the
// body that its token vouches for if that is another one. Sent is nil where the fault is not
// about the body. Those that a plan sends beside the true notification get an ID of their
// own here too, so that the true one can follow.
func Spoil(kind fault.Kind, body []byte) (sent, signed []byte) {
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
