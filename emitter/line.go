package emitter

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/signature"
)

// Line sends single requests to one target; the caller schedules them. It dials, signs and
// judges as a run does: with the fast lane where it applies, and the rule of Allow on each
// address.
type Line struct {
	rules  *Emitter
	sender Sender
	fixed  [][2]string // what Header begins with, up to the length
	hidden *hidden
}

// Line prepares the way to a target; nothing is dialled yet. Of the Emitter, Connections,
// Timeout, Engine and the assumptions matter. The error is about settings that no run would
// start with.
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
	options := t.options(rules)
	header := options.FixedHeader()
	fixed := [][2]string{{"Host", u.Host}, {"User-Agent", header.Get("User-Agent")}}
	if u.User != nil {
		fixed = append(fixed, [2]string{"Authorization", "Basic (not shown)"})
	}
	fixed = append(fixed, [2]string{"Content-Type", header.Get("Content-Type")})
	return &Line{rules: rules, sender: sender, fixed: fixed, hidden: t.hidden()}, nil
}

// Close ends all connections, also those in use.
func (l *Line) Close() error { return closeSender(l.sender) }

// Caller returns what makes attempts for one goroutine. Close it when that ends.
func (l *Line) Caller() *Caller {
	return &Caller{requester: newRequester(l.rules, l.sender, l.hidden)}
}

// Caller makes attempts over a Line, one at a time.
type Caller struct {
	*requester
	ready bool // has a place for its connection
}

// Ready waits until the caller may have a connection (Emitter.Sockets), and keeps that until the next
// Send is over. It reports false if ctx ended before. Without it, Send waits itself.
func (c *Caller) Ready(ctx context.Context) bool {
	if !c.ready {
		c.ready, _ = c.slot.Take(ctx)
	}
	return c.ready
}

// Rest gives up what Ready got, if there was nothing to send.
func (c *Caller) Rest() {
	if c.ready {
		c.ready = false
		c.slot.Rest()
	}
}

// Single is what one attempt sends.
type Single struct {
	Note   *plan.Notification // of it, Fault, Want, Keys and Signed matter
	Body   []byte             // never changes: it may be read for longer than the attempt takes
	Number int                // of the attempt, from 1: some faults are of the first alone
	Secret signature.Secret   // in use before any rotation; empty: no token
	Next   signature.Secret   // in use after a rotation by the plan
}

// Sending is the result of a single attempt.
type Sending struct {
	Sent       time.Time
	Latency    time.Duration // to the end of the answer, or to the failure
	Status     int           // 0 if there was no answer
	Outcome    Outcome       // Accepted, Refused, WronglyAccepted, GivenUp, or Retrying: it failed and may be made again
	Failure    Failure
	RetryAfter time.Duration // as the target asked, if that is obeyed
	Excerpt    []byte        // first bytes of the answer's body; empty for a success
	Token      string        // that was sent, without what stands before it
	Stale      *Sending      // the same request over a connection that had ended, just before; nil: none
}

// Send makes one attempt, with a token of its moment: now, if the caller is Ready. When ctx ends, it
// is cut off, with a Failure of ClassStopped.
func (c *Caller) Send(ctx context.Context, s *Single) Sending {
	c.Ready(ctx) // or ctx is over
	defer c.Rest()
	c.sign(s.Secret, s.Next)
	r := c.send(ctx, s, false)
	if r.Failure.Class == ClassStale {
		before := r
		r = c.send(ctx, s, true)
		r.Stale = &before
	}
	return r
}

// send makes one request.
func (c *Caller) send(ctx context.Context, s *Single, fresh bool) Sending {
	r := Sending{Sent: time.Now()}
	answer := c.post(ctx, s.Note, s.Body, s.Number, r.Sent, fresh)
	r.Latency = time.Since(r.Sent)
	if prefix := len(c.rules.SignaturePrefix); len(c.token) > prefix {
		r.Token = string(c.token[prefix:])
	}
	r.Status, r.RetryAfter = answer.Status, answer.RetryAfter
	if r.Outcome, r.Failure = c.judge(s.Note, &answer); r.Outcome != Accepted {
		r.Excerpt = answer.Excerpt
	}
	return r
}

// Header is what a request carries, in order, for people: credentials of the URL are left
// out, and so is the token if it is empty.
func (l *Line) Header(token string, length int) [][2]string {
	all := append(make([][2]string, 0, len(l.fixed)+2), l.fixed...)
	all = append(all, [2]string{"Content-Length", strconv.Itoa(length)})
	if token != "" {
		all = append(all, [2]string{signature.HeaderName, l.rules.SignaturePrefix + token})
	}
	return all
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
