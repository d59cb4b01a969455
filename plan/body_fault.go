package plan

import (
	"bytes"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/scenario/fault"
)

// These faults change bodies. They work on the compact JSON that event.Append writes; a
// body that a story wrote by itself is changed as far as it looks like that.

// raw turns a notification into one with a body of its own, which it returns.
func raw(n *Notification) []byte {
	if n.Raw == nil {
		n.RawRef = RawRef{n.Event.Type.String(), n.Event.ID.String(), n.Event.Channel.ConversationID.String()}
		n.Raw = n.Event.AppendTo(nil)
	}
	n.Raw = bytes.Clone(n.Raw)
	return n.Raw
}

// faultyBody does to the body what a fault does, and reports whether that is about the body.
// Faults that make another notification of it give it an ID. The style of the body is that
// of the others.
func faultyBody(n *Notification, kind fault.Kind, id string) bool {
	style := n.style
	if kind == fault.BodyStyle {
		restyle(n)
		return true
	} else if !compactFault(n, kind, id) {
		return false
	}
	if style != jsontext.Compact {
		n.Raw = jsontext.AppendStyled(nil, n.Raw, style)
		if n.Signed != nil {
			n.Signed = jsontext.AppendStyled(nil, n.Signed, style)
		}
	}
	return true
}

// styleOf is the style that a key draws.
func styleOf(k seeded.Key) jsontext.Style {
	src := k.With(nameStyle).Source()
	return jsontext.Style(src.Below(uint64(len(jsontext.Styles()))))
}

// restyle draws a style for a body, or takes the next one that makes other bytes of it. A body
// that is no JSON stays as it is.
func restyle(n *Notification) {
	was, first, styles := n.AppendBody(nil), int(styleOf(n.key.With(nameFault))), len(jsontext.Styles())
	for i := range styles {
		style := jsontext.Style((first + i) % styles)
		if is := jsontext.AppendStyled(nil, was, style); style != jsontext.Compact && !bytes.Equal(is, was) {
			raw(n)
			n.Raw = is
			return
		}
	}
}

// compactFault does it to a compact body.
func compactFault(n *Notification, kind fault.Kind, id string) bool {
	switch kind {
	case fault.TamperedBody:
		tamper(n)
	case fault.MalformedJSON: // cut off in its middle
		body := raw(n)
		n.Raw = body[:len(body)/2]
	case fault.UnknownType: // that is not documented
		n.Raw = replaceText(replaceText(raw(n), "type", "channel.sampled.v0"), "id", id)
		n.RawRef.Type, n.RawRef.ID = "channel.sampled.v0", id
	case fault.UnknownMember: // of the envelope, of data, and of the channel or user
		body := raw(n)
		for _, key := range []string{`"data":{`, `"channel":{`, `"user":{`} {
			body = bytes.Replace(body, []byte(key), []byte(key+`"sampled":true,`), 1)
		}
		n.Raw = bytes.Replace(body, []byte(`{"specversion"`), []byte(`{"sampledrate":30,"specversion"`), 1)
	case fault.MissingMember: // without its data
		if head, _, found := bytes.Cut(raw(n), []byte(`,"data":`)); found {
			n.Raw = append(head, '}')
		}
		n.Raw = replaceText(n.Raw, "id", id)
		n.RawRef.ID = id
	default:
		return false
	}
	return true
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
	n := Notification{Raw: body, key: seeded.From(0).WithText(string(body))}
	if e, err := event.Parse(body); err == nil && kind != fault.BodyStyle { // in whatever style it is
		n.Raw = event.Append(nil, e)
	}
	if !faultyBody(&n, kind, otherID(n.Raw)) {
		return nil, nil
	}
	return n.Raw, n.Signed
}

// otherID is the body's ID with its random part turned round, whose second of sending stays.
func otherID(body []byte) string {
	const random = 11 // the digits before it are those that the second decides
	_, tail, _ := bytes.Cut(body, []byte(`"id":"`))
	text, _, _ := bytes.Cut(tail, []byte{'"'})
	if id, err := event.ParseID(string(text)); err == nil {
		slices.Reverse(id[random:])
		return id.String()
	}
	return string(text)
}
