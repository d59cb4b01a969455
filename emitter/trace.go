package emitter

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/ringback/ringback/plan"
)

// appendTrace appends the value of a traceparent header (W3C Trace Context, version 00): the
// trace belongs to the notification, so that its attempts and its copies at other targets
// are found together; the span belongs to the attempt. Both follow from the ID.
func appendTrace(dst []byte, n *plan.Notification, attempt int) []byte {
	var name [96]byte
	id := append(name[:0], n.Event.ID[:]...)
	if n.Raw != nil {
		id = append(name[:0], n.RawRef.ID...)
	}
	trace := sha256.Sum256(id)
	span := sha256.Sum256(append(id, byte(attempt), byte(attempt>>8)))
	dst = append(dst, "00-"...)
	dst = append(hex.AppendEncode(dst, trace[:16]), '-')
	return append(hex.AppendEncode(dst, span[:8]), "-01"...)
}
