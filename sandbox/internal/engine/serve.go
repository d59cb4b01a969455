package engine

import (
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// clerk makes the attempts of one goroutine.
type clerk struct {
	*office
	line   *emitter.Line
	caller *emitter.Caller
}

// serve makes attempts until the office ends.
func (o *office) serve() {
	defer o.busy.Done()
	c := &clerk{office: o}
	defer c.hangUp()
	for l, ok := o.take(); ok; l, ok = o.take() {
		c.handle(l)
		o.tried(l)
	}
}

func (c *clerk) hangUp() {
	if c.caller != nil {
		c.caller.Close()
	}
}

// handle makes an attempt, or what an armed fault makes of it, and writes it down.
func (c *clerk) handle(l *letter) {
	c.mu.Lock()
	sub := c.sub
	c.mu.Unlock()
	if l.d.Attempts == 0 && l.d.Kind == "" && !l.late {
		l.wrong = c.room.arms.take(sub.ID, l.n.Type)
	}
	switch l.wrong {
	case fault.Drop:
		l.d.State, l.d.Failure, l.d.Due = store.GivenUp, "dropped on purpose", time.Time{}
		c.write(nil, l)
		return
	case fault.Delay, fault.Reorder: // what follows in the conversation passes it
		l.late = true
		l.d.Due = stamp(time.Now().Add(scaled(postponement, 1/c.room.options.Speed)))
		c.write(nil, l)
		return
	}
	if l.d.Attempts == 0 && (l.wrong == fault.LateRetry || l.d.Kind == "" && l.n.Fault == fault.LateRetry.String()) {
		l.d.Attempts = 1 // lost on the way
		if l.wrong == fault.LateRetry {
			l.d.First = stamp(time.Now())
			l.d.Failure = "lost on purpose"
			c.postpone(l, 0)
			c.write(nil, l)
			return
		}
	}
	c.attempt(l, sub)
}

// attempt sends a letter once and says how that went.
func (c *clerk) attempt(l *letter, sub store.Subscription) {
	single := c.single(l, sub)
	line, err := c.connect(sub)
	var s emitter.Sending
	if err != nil {
		s = emitter.Sending{Sent: time.Now(), Outcome: emitter.Retrying, Failure: emitter.Failure{Class: emitter.ClassAddress, Text: err.Error()}}
	} else {
		s = c.caller.Send(c.life, &single)
	}
	if c.life.Err() != nil && s.Failure.Class == emitter.ClassStopped {
		return // it is made again after the next Open, if there is still a subscription
	}
	l.d.Attempts++
	if l.d.First.IsZero() {
		l.d.First = stamp(s.Sent)
	}
	l.d.Status, l.d.LatencyUS, l.d.Failure = s.Status, s.Latency.Microseconds(), s.String()
	a := &store.Attempt{Delivery: l.d.Number, Try: l.d.Attempts, Sent: s.Sent.UTC(), LatencyUS: l.d.LatencyUS,
		Status: s.Status, Failure: l.d.Failure, Answer: string(s.Excerpt)}
	if line != nil {
		a.Header = line.Header(s.Token, len(single.Body))
	}
	c.conclude(l, &s)
	c.write(a, l)
}

// conclude says how a letter stands after an attempt.
func (c *clerk) conclude(l *letter, s *emitter.Sending) {
	final := l.wrong == fault.None // an armed fault spoils one attempt alone: the next one is sound
	switch {
	case s.Outcome == emitter.Accepted, s.Outcome == emitter.Fooled:
		l.d.State, l.d.Due = store.Delivered, time.Time{}
	case final && s.Outcome != emitter.Retrying:
		l.d.State, l.d.Due = store.GivenUp, time.Time{}
	default:
		c.postpone(l, s.RetryAfter)
	}
}

// postpone lets a letter wait for its next attempt, or gives it up.
func (c *clerk) postpone(l *letter, asked time.Duration) {
	o := &c.room.options
	if !o.Assume.Is(assume.RetryAfter, "obey") {
		asked = 0
	}
	now, ago := time.Now(), time.Duration(0)
	if o.Speed < emitter.Max { // else no time passes
		ago = scaled(now.Sub(l.d.First), o.Speed)
	}
	wait, again := emitter.LadderWait(l.d.Attempts, asked, ago)
	if !again {
		l.d.State, l.d.Due = store.GivenUp, time.Time{}
		return
	}
	l.d.Due = stamp(now.Add(scaled(wait, 1/o.Speed)))
}

// write hands a letter to the journal, and lets what the store then says count.
func (c *clerk) write(a *store.Attempt, l *letter) {
	told := Told{Delivery: l.d, Detail: *l.n}
	told.Detail.Body, told.Detail.Signed = nil, nil
	again := ""
	switch {
	case l.d.State != store.Delivered:
	case l.wrong == fault.Duplicate:
		again = KindDuplicate
	case l.wrong == fault.UnknownType: // what was accepted is not what happened
		again = KindResend
	}
	c.room.journal.add(record{attempt: a, delivery: l.d, kept: func() {
		c.recorded(l)
		c.room.bell.ring("delivery", told)
		if again != "" {
			c.room.resendLater(l.n.Number, c.id, again)
		}
	}})
}

// single is what an attempt sends, with what is to be wrong with it.
func (c *clerk) single(l *letter, sub store.Subscription) emitter.Single {
	note := &plan.Notification{Keys: l.n.Keys, Signed: l.n.Signed}
	if l.d.Kind == "" || l.d.Kind == KindResend {
		note.Fault, _ = fault.Parse(l.n.Fault)
	}
	body := l.n.Body
	switch {
	case l.d.Kind == KindExpired:
		note.Fault, note.Signed = fault.ExpiredToken, nil
	case l.wrong != fault.None:
		note.Fault = l.wrong
		if sent, signed := plan.Spoil(l.wrong, body); sent != nil {
			body, note.Signed = sent, signed
		}
	}
	if note.Fault != fault.None {
		note.Want = note.Fault.Row().Want
	}
	return emitter.Single{Note: note, Body: body, Number: l.d.Attempts + 1, Secret: sub.Secret, Next: nextSecret(sub.Secret)}
}

// nextSecret is the secret after a rotation that a plan asks for. A subscription has but one
// secret, which its owner rotates; only that of development has a second one that everybody
// knows.
func nextSecret(s signature.Secret) signature.Secret {
	if s.Base64() == signature.DevelopmentSecret {
		next, _ := signature.ParseSecret(signature.DevelopmentNextSecret)
		return next
	}
	return s
}

// connect gives the clerk a caller on the line of the subscription as it is now.
func (c *clerk) connect(sub store.Subscription) (*emitter.Line, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.office.line == nil {
		line, err := c.room.options.line(sub)
		if err != nil {
			return nil, err
		}
		c.office.line = line
		c.lines = append(c.lines, line)
	}
	if c.line != c.office.line {
		c.hangUp()
		c.line = c.office.line
		c.caller = c.line.Caller()
	}
	return c.line, nil
}

// line is the way to a subscription's consumer.
func (o *Options) line(sub store.Subscription) (*emitter.Line, error) {
	e := o.emitter()
	t := o.target(sub)
	return e.Line(&t)
}

func (o *Options) target(sub store.Subscription) emitter.Target {
	return emitter.Target{Name: sub.Name, URL: sub.URL, Allow: o.Allow, Connections: o.Connections,
		TLS: emitter.TLS{InsecureSkipVerify: o.InsecureTLS}}
}

// stamp is a moment as the store keeps it.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// scaled is d times a factor, within what a Duration can hold.
func scaled(d time.Duration, by float64) time.Duration {
	const most = 1 << 62
	ns := float64(d) * by
	switch {
	case ns >= most:
		return most
	case ns <= -most:
		return -most
	}
	return time.Duration(ns)
}
