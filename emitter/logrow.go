package emitter

import (
	"strconv"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/plan"
)

// appendRow appends the rest of a line. It allocates only when dst is too small.
func appendRow(dst []byte, a *Attempt) []byte {
	dst = jsontext.AppendString(append(dst, `,"target":`...), a.Target)
	dst = appendRefs(dst, a.Notification)
	dst = strconv.AppendInt(append(dst, `,"attempt":`...), int64(a.Number), 10)
	dst = appendMoment(append(dst, `,"due":`...), a.Due)
	if a.Closing() {
		dst = append(dst, `,"sent":null,"lateness_us":null,"status":null,"latency_us":null`...)
	} else {
		dst = appendMoment(append(dst, `,"sent":`...), a.Sent)
		dst = strconv.AppendInt(append(dst, `,"lateness_us":`...), a.Lateness.Microseconds(), 10)
		dst = append(dst, `,"status":`...)
		if a.Status == 0 {
			dst = append(dst, `null`...)
		} else {
			dst = strconv.AppendInt(dst, int64(a.Status), 10)
		}
		dst = strconv.AppendInt(append(dst, `,"latency_us":`...), a.Latency.Microseconds(), 10)
	}
	dst = jsontext.AppendString(append(dst, `,"outcome":`...), string(a.Outcome))
	dst = append(dst, `,"error":"`...)
	if a.Failure.Class != "" {
		dst = jsontext.AppendEscaped(dst, string(a.Failure.Class))
		dst = jsontext.AppendEscaped(append(dst, ": "...), a.Failure.Text)
	}
	dst = jsontext.AppendString(append(dst, `","fault":`...), a.Fault.String())
	return append(dst, "}\n"...)
}

// appendRefs appends what a line says of the notification. Typed ones are read in place:
// the methods of Notification would make strings.
func appendRefs(dst []byte, n *plan.Notification) []byte {
	dst = append(dst, `,"conversation":"`...)
	if n.Raw != nil {
		dst = jsontext.AppendEscaped(dst, n.RawRef.ConversationID)
	} else if id := &n.Event.Channel.ConversationID; !id.IsZero() {
		dst = append(dst, id[:]...)
	}
	dst = jsontext.AppendString(append(dst, `","role":`...), n.Role())
	dst = jsontext.AppendString(append(dst, `,"party":`...), n.Name)
	dst = append(dst, `,"type":"`...)
	if n.Raw != nil {
		dst = jsontext.AppendEscaped(dst, n.RawRef.Type)
		dst = jsontext.AppendEscaped(append(dst, `","id":"`...), n.RawRef.ID)
		return append(dst, '"')
	}
	dst = append(dst, n.Event.Type.Kind.String()...)
	dst = append(append(dst, '.'), n.Event.Type.Version.String()...)
	dst = append(append(dst, `","id":"`...), n.Event.ID[:]...)
	return append(dst, '"')
}

// appendMoment appends t in UTC to the microsecond, as RFC 3339 has it.
func appendMoment(dst []byte, t time.Time) []byte {
	dst = event.Stamp{Time: t, Digits: 6}.Append(append(dst, '"'))
	return append(dst, '"')
}
