package emitter

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/ringback/ringback/emitter/internal/wire"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/signature"
)

// Line is the way to one target for those who decide by themselves what is sent, and when.
// It is dialled, signed and judged like that of a run: with the fast lane where it applies,
// and the rule of Allow on each address.
type Line struct {
	rules  *Emitter
	outbox *outbox // judges answers; nothing ever waits in it
	url    *url.URL
	header http.Header
}

// Line prepares the way to a target; nothing is dialled yet. Of the Emitter, Connections,
// Timeout, Success, Redirects, SignaturePrefix and Engine matter. The error is about settings
// that no run would start with.
func (e *Emitter) Line(t *Target) (*Line, error) {
	rules := e.withDefaults()
	u, err := t.parseURL()
	if err != nil {
		return nil, err
	}
	sender, err := t.prepare(rules)
	if err != nil {
		return nil, err
	}
	return &Line{rules: rules, outbox: newOutbox(rules, t, sender), url: u, header: wire.FixedHeader(t.Header)}, nil
}

// Close ends all connections, also those in use.
func (l *Line) Close() error {
	if c, ok := l.outbox.sender.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Caller returns what makes attempts for one goroutine. Close it when that ends.
func (l *Line) Caller() *Caller {
	c := &Caller{line: l, sender: l.outbox.sender}
	if s, ok := c.sender.(wire.PerWorker); ok {
		c.sender = s.ForWorker()
	}
	return c
}

// Caller makes attempts over a Line, one at a time.
type Caller struct {
	line   *Line
	sender Sender
	keys   *keys
}

// Close ends the connection of this caller alone.
func (c *Caller) Close() error {
	if own, ok := c.sender.(io.Closer); ok && c.sender != c.line.outbox.sender {
		return own.Close()
	}
	return nil
}

// Single is what one attempt sends.
type Single struct {
	Note   *plan.Notification // of it, Fault, Want, Keys and Signed matter
	Body   []byte             // never changes: it may be read for longer than the attempt takes
	Number int                // of the attempt, from 1: some faults harm the first alone
	Secret signature.Secret   // in use before any rotation; empty: no token
	Next   signature.Secret   // in use after a rotation by the plan
}

// Sending is what came of a single attempt.
type Sending struct {
	Sent       time.Time
	Latency    time.Duration // to the end of the answer, or to the failure
	Status     int           // 0 if there was no answer
	Outcome    Outcome       // Accepted, Refused, WronglyAccepted, GivenUp, or Retrying: it failed and may be made again
	Failure    Failure
	RetryAfter time.Duration // as the target asked
	Excerpt    []byte        // first bytes of the answer's body; empty for a success
	Token      string        // that was sent, without what stands before it
}

// Send makes one attempt now, with a token of this moment. When ctx ends, it is cut off, with
// a Failure of ClassStopped.
func (c *Caller) Send(ctx context.Context, s *Single) Sending {
	rules := c.line.rules
	d := &delivery{message: &message{note: *s.Note, body: s.Body}, attempts: s.Number}
	r := Sending{Sent: time.Now()}
	request := Request{Body: s.Body, Timeout: rules.Timeout, BodyFault: bodyFault(s.Note, s.Number)}
	if len(s.Secret) > 0 {
		if c.keys == nil || string(c.keys.current) != string(s.Secret) || string(c.keys.next) != string(s.Next) {
			c.keys = &keys{current: s.Secret, next: s.Next}
		}
		request.Signature = c.keys.appendToken([]byte(rules.SignaturePrefix), d, r.Sent)
		if len(request.Signature) > len(rules.SignaturePrefix) {
			r.Token = string(request.Signature[len(rules.SignaturePrefix):])
		}
	}
	answer := c.sender.Send(ctx, &request)
	r.Latency = time.Since(r.Sent)
	r.Status, r.RetryAfter = answer.Status, answer.RetryAfter
	r.Failure = c.line.outbox.failure(&answer)
	switch {
	case d.refuses(&answer):
		r.Outcome, r.Failure = d.refusal(&answer, r.Failure)
	case r.Failure == Failure{}:
		r.Outcome = Accepted
	default:
		r.Outcome = Retrying
	}
	if r.Outcome != Accepted {
		r.Excerpt = answer.Excerpt
	}
	return r
}

// Header is what a request carries, in order, for people: credentials of the URL are left
// out, and so is the token if it is empty.
func (l *Line) Header(token string, length int) [][2]string {
	all := [][2]string{{"Host", l.url.Host}, {"User-Agent", l.header.Get("User-Agent")}}
	if l.url.User != nil {
		all = append(all, [2]string{"Authorization", "Basic (not shown)"})
	}
	all = append(all, [2]string{"Content-Type", l.header.Get("Content-Type")}, [2]string{"Content-Length", strconv.Itoa(length)})
	if token != "" {
		all = append(all, [2]string{signature.HeaderName, l.rules.SignaturePrefix + token})
	}
	return all
}

// LadderWait is how long a notification waits after its attempt number n, from 1, failed, and
// whether there is another attempt at all: not when that would be more than DefaultRetryFor
// after the first one, which began a while ago. All times are the plan's.
func LadderWait(n int, atLeast, ago time.Duration) (wait time.Duration, again bool) {
	wait = max(ladderWait(n), atLeast)
	var waited time.Duration // where no time passes between attempts, the waits are what counts
	for i := 1; i < n; i++ {
		waited += ladderWait(i)
	}
	return wait, max(waited, ago)+wait <= DefaultRetryFor
}

// String says in one line what is wrong, or nothing.
func (r *Sending) String() string {
	switch {
	case r.Outcome == Refused:
		return fmt.Sprintf("refused with %s, as a correct consumer does", statusText(r.Status))
	case r.Failure != Failure{}:
		return r.Failure.String()
	}
	return ""
}
