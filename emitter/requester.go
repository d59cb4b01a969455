package emitter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/ringback/ringback/emitter/internal/wire"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// requester makes the requests of one goroutine and judges the answers, for runs and for
// single attempts alike. What it needs for one request it uses again for the next.
type requester struct {
	rules   *Emitter
	sender  Sender
	own     Sender     // the sender, if it is this goroutine's own
	foreign bool       // it is none of ours, which keep secrets themselves
	slot    *wire.Slot // nil for a sender that has no connections
	keys    *keys      // nil for unsigned requests
	hidden  *hidden
	secrets *redact.Secrets // with the keys
	token   []byte
	trace   []byte
	request Request
}

// connected is a Sender with connections, of which it can end the idle ones.
type connected interface{ CloseIdle() }

func newRequester(rules *Emitter, shared Sender, h *hidden) *requester {
	q := &requester{rules: rules, sender: shared, hidden: h}
	_, ours := shared.(interface{ Engine() string })
	q.foreign = !ours
	if s, ok := shared.(wire.PerWorker); ok {
		q.sender = s.ForWorker()
		q.own = q.sender
	}
	if s, ok := shared.(connected); ok {
		q.slot = wire.NewSlot(rules.Sockets, func() {
			_ = closeSender(q.own) // it opens another connection when it needs one
			s.CloseIdle()
			q.token, q.trace, q.request = nil, nil, Request{}
		})
	}
	return q
}

// Close ends the connection that is this requester's own.
func (q *requester) Close() {
	if q.slot.Leave(); q.slot == nil {
		_ = closeSender(q.own)
	}
}

func closeSender(s Sender) error {
	if c, ok := s.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// sign sets the secrets: the one before any rotation, and the one after.
func (q *requester) sign(secret, next signature.Secret) {
	q.secrets, q.keys = q.hidden.with(secret, next)
}

// post makes one attempt.
func (q *requester) post(ctx context.Context, n *plan.Notification, body []byte, number int, now time.Time, fresh bool) Answer {
	q.prepare(n, body, number, now, fresh)
	return q.taken(q.sender.Send(ctx, &q.request))
}

// prepare makes the request of an attempt, the given number of its notification, with a token of its own: a
// token is valid for minutes, and retries go on for a day. Where the connection had ended (ClassStale), it is made
// again with fresh.
func (q *requester) prepare(n *plan.Notification, body []byte, number int, now time.Time, fresh bool) {
	q.slot.Use()
	q.token = q.token[:0]
	if q.keys != nil {
		q.token = q.keys.appendToken(append(q.token, q.rules.SignaturePrefix...), n, body, now.Add(q.rules.TokenClock))
	}
	q.request = Request{Body: body, Signature: q.token, Timeout: q.rules.Timeout, BodyFault: bodyFault(n.Fault, number), Fresh: fresh}
	wire.Keep(&q.request, q.secrets)
	if q.rules.Traceparent {
		q.trace = appendTrace(q.trace[:0], n, number)
		q.request.Trace = q.trace
	}
}

// taken is an answer as it is judged.
func (q *requester) taken(answer Answer) Answer {
	if q.foreign {
		wire.Redact(&q.request, &answer)
	}
	if q.rules.RetryAfter != ObeyRetryAfter {
		answer.RetryAfter = 0
	}
	return answer
}

// bodyFault is what goes wrong with the body on purpose in this attempt: a connection is cut
// once.
func bodyFault(k fault.Kind, attempt int) BodyFault {
	switch {
	case k == fault.SlowBody:
		return SlowBody
	case k == fault.Reset && attempt == 1:
		return CutOff
	}
	return NoBodyFault
}

// judge says what an answer means by itself. Retrying means that another attempt may be made.
func (q *requester) judge(n *plan.Notification, a *Answer) (Outcome, Failure) {
	f := q.failure(a)
	switch policy.Judge(n.Want, a.Status, f == Failure{}) {
	case policy.Accepted:
		return Accepted, Failure{}
	case policy.Refused:
		return Refused, Failure{}
	case policy.WronglyAccepted:
		return WronglyAccepted, Failure{Class: ClassWronglyAccepted, Text: fmt.Sprintf("%s accepted with %s: a correct consumer would %s",
			n.Fault, statusText(a.Status), n.Want)}
	case policy.Mishandled:
		return GivenUp, rather(f, n, a.Status)
	}
	return Retrying, f
}

// rather is the failure that ends a notification which a correct consumer need not accept.
func rather(f Failure, n *plan.Notification, status int) Failure {
	if status != 0 && (n.Want == fault.RefuseSignature || n.Want == fault.Finish) {
		f.Text = fmt.Sprintf("%s answered with %s: a correct consumer would %s", n.Fault, statusText(status), n.Want)
	}
	return f
}

// failure is why an answer does not accept the notification, or none.
func (q *requester) failure(a *Answer) Failure {
	switch {
	case a.Failure.Class != "":
		return a.Failure
	case a.Status == 0:
		return Failure{Class: ClassOther, Text: "no answer, and no reason for that"}
	case q.rules.Success.Accepts(a.Status):
		return Failure{}
	case a.Location != "":
		return Failure{Class: ClassRedirect, Text: show.Line(strconv.Itoa(a.Status)+" to "+a.Location, wire.MaxText)}
	}
	return Failure{Class: ClassStatus, Text: statusText(a.Status)}
}

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return strconv.Itoa(status) + " " + text
	}
	return strconv.Itoa(status)
}

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
