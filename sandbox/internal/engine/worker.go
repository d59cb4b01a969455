package engine

import (
	"bytes"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// route is the connections to one URL of the subscription. The outbox's lock guards it.
type route struct {
	line *emitter.Line
	free []*caller // not in use, with their connections
	busy int       // callers in use
}

// work makes attempts while there are any that may begin. It has a connection before it takes one, so
// that what waits for that keeps its place, and its subscription may still change.
func (o *outbox) work() {
	growStack()
	for {
		way, caller, err := o.acquire()
		if err == nil {
			caller.Ready(o.begin) // or the outbox has ended: then there is nothing to take
		}
		d, sub, more := o.take(way)
		if d != nil {
			o.deliver(d, &call{sub, way, caller, err})
		}
		o.release(way, caller)
		if d != nil {
			o.settle(d)
		}
		if !more {
			return
		}
	}
}

// growStack gives a new goroutine the stack that an attempt needs. Else it grows twice in the middle of one, where there is most to
// copy: that is one part in twenty of the CPU that it takes.
//
//go:noinline
func growStack() { leave(&[5 << 10]byte{}) }

//go:noinline
func leave(*[5 << 10]byte) {}

// call is what an attempt is made with.
type call struct {
	sub    store.Subscription
	way    *route
	caller *caller
	err    error // why there is none
}

// caller is one of the emitter, with a notification that is used again for each of its requests.
type caller struct {
	*emitter.Caller
	note plan.Notification
}

// deliver makes an attempt, or applies an injected fault instead, and records it.
func (o *outbox) deliver(d *delivery, with *call) {
	d.retried = d.isRetried()
	if d.Attempts == 0 && d.Kind == "" && !d.postponed {
		d.fault = o.engine.faults.take(o.id, d.note.Type)
	}
	switch lost := policy.Lost(d.fault); {
	case d.fault == fault.Drop:
		d.State, d.Failure, d.Due, d.Fault = store.Dropped, store.DroppedOnPurpose, time.Time{}, d.fault.String()
	case d.fault == fault.Delay, d.fault == fault.Reorder: // the next one of the conversation goes first
		d.postponed, d.before, d.Fault = true, d.fault, d.fault.String()
		d.Due = stamp(time.Now().Add(scaled(delayOnPurpose, 1/o.engine.options.Speed)))
	case lost > 0:
		d.before, d.Fault = d.fault, d.fault.String()
		d.Attempts, d.First, d.Failure = lost, stamp(time.Now()), store.LostOnPurpose
		o.postpone(d, 0)
	default:
		o.attempt(d, with)
		return
	}
	o.write(nil, d)
}

// attempt sends a delivery once and records how that went.
func (o *outbox) attempt(d *delivery, with *call) {
	if d.Attempts == 0 {
		d.Attempts = d.lost() // the plan has it late already
	}
	var s emitter.Sending
	var length int
	var header [][2]string
	if with.err != nil {
		s = emitter.Sending{Sent: time.Now(), Outcome: emitter.Retrying, Failure: emitter.Failure{Class: emitter.ClassAddress, Text: with.err.Error()}}
	} else {
		single := o.request(d, &with.sub, &with.caller.note)
		length = len(single.Body)
		o.flying.begin(d, &o.engine.together)
		s = with.caller.Send(o.life, &single)
		o.flying.done(d)
		header = with.way.line.Header(s.Token, length)
	}
	if o.life.Err() != nil && s.Failure.Class == emitter.ClassStopped {
		return // it is repeated after the next Open, if the subscription is still there
	}
	d.Attempts++
	if d.First.IsZero() {
		d.First = stamp(s.Sent)
	}
	d.Status, d.LatencyUS, d.Failure, d.Outcome, d.Fault = s.Status, s.Latency.Microseconds(), failureOf(&s), outcomeOf(&s), d.carried()
	made := []store.Attempt{d.told(&s, header)}
	if s.Stale != nil { // under the number of the attempt, which followed at once
		made = []store.Attempt{d.told(s.Stale, with.way.line.Header(s.Stale.Token, length)), made[0]}
	}
	o.conclude(d, &s)
	o.write(made, d)
}

// conclude says what an attempt means for its delivery. After an injected fault the next attempt is sent without it: at once where the
// consumer was right, and as the schedule has it otherwise.
func (o *outbox) conclude(d *delivery, s *emitter.Sending) {
	final := d.fault == fault.None
	switch {
	case s.Outcome == emitter.Accepted:
		d.State, d.Due = store.Delivered, time.Time{}
	case s.Outcome == emitter.WronglyAccepted:
		d.State, d.Due = store.WronglyAccepted, time.Time{}
	case final && s.Outcome == emitter.Refused:
		d.State, d.Due = store.CorrectlyRefused, time.Time{}
	case s.Outcome == emitter.Refused:
		d.Due = stamp(time.Now())
	case final && s.Outcome != emitter.Retrying:
		d.State, d.Due = store.Failed, time.Time{}
	default:
		o.postpone(d, s.RetryAfter)
	}
}

// told is a request of the last attempt, for the store.
func (d *delivery) told(s *emitter.Sending, header [][2]string) store.Attempt {
	return store.Attempt{Delivery: d.Number, Try: d.Attempts, Sent: s.Sent.UTC(), LatencyUS: s.Latency.Microseconds(),
		Status: s.Status, Failure: failureOf(s), Outcome: outcomeOf(s), Fault: d.Fault, Answer: show.Visible(string(s.Excerpt)), Header: header}
}

// failureOf says what is wrong with a response, or nothing.
func failureOf(s *emitter.Sending) string {
	if s.Outcome == emitter.Refused {
		return ""
	}
	return s.String()
}

// outcomeOf is what a response meant.
func outcomeOf(s *emitter.Sending) store.Outcome {
	switch {
	case s.Failure.Class == emitter.ClassStale:
		return store.OutcomeStale
	case s.Outcome == emitter.Accepted:
		return store.OutcomeAccepted
	case s.Outcome == emitter.Refused:
		return store.OutcomeCorrectlyRefused
	case s.Outcome == emitter.WronglyAccepted:
		return store.OutcomeWronglyAccepted
	}
	return store.OutcomeFailed
}

// postpone sets the moment of the next attempt, or lets the delivery fail.
func (o *outbox) postpone(d *delivery, asked time.Duration) {
	now, speed := time.Now(), o.engine.options.Speed
	spent := scaled(now.Sub(d.First), speed)
	if speed >= emitter.Max { // no time passes, so the waits are what counts
		d.waited = max(d.waited, policy.Waited(d.Attempts)-policy.Waited(1+d.lost()))
		spent = d.waited
	}
	wait, again := policy.Next(d.Attempts, spent, asked, policy.RetryFor)
	if d.waited += wait; !again {
		d.State, d.Due = store.Failed, time.Time{}
		return
	}
	d.Due = stamp(now.Add(scaled(wait, 1/speed)))
}

// write hands a delivery to the journal, and announces it once the store has it.
func (o *outbox) write(made []store.Attempt, d *delivery) {
	again := ""
	switch {
	case d.State != store.Delivered && d.State != store.WronglyAccepted:
	case d.fault == fault.Duplicate:
		again = KindDuplicate
	case d.fault == fault.UnknownType, d.fault == fault.TamperedBody, d.fault.Row().Want == fault.Finish: // the consumer has accepted something else than the event
		again = KindResend
	}
	o.engine.journal.in <- record{attempts: made, of: d, outbox: o, again: again}
}

// kept goes on behind a record that the store has. Nobody has changed its delivery since it was made.
func (o *outbox) kept(d *delivery, again string) {
	if o.recorded(d) {
		o.engine.failingChanged()
	}
	o.engine.broadcast("delivery", func() any { return d.detail() })
	if again != "" {
		o.engine.resendLater(d.note.Number, o.id, again)
	}
}

// request is what an attempt sends, with its fault.
func (o *outbox) request(d *delivery, sub *store.Subscription, note *plan.Notification) emitter.Single {
	note.Keys, note.Signed, note.Fault, note.Want = d.note.Keys, d.note.Signed, d.planned(), fault.Accept
	body := d.note.Body
	switch {
	case d.Kind == KindExpired:
		note.Fault, note.Signed = fault.ExpiredToken, nil
	case d.fault != fault.None:
		note.Fault = d.fault
		if sent, signed := plan.FaultyBody(d.fault, body); sent != nil {
			body, note.Signed = sent, signed
		}
	}
	if note.Fault != fault.None {
		note.Want = note.Fault.Row().Want
	}
	return emitter.Single{Note: note, Body: body, Number: d.Attempts + 1, Secret: sub.Secret, Next: nextSecret(sub.Secret)}
}

// development are the two secrets of that name.
var development = sync.OnceValue(func() (both [2]signature.Secret) {
	both[0], _ = signature.ParseSecret(signature.DevelopmentSecret)
	both[1], _ = signature.ParseSecret(signature.DevelopmentNextSecret)
	return both
})

// nextSecret is the secret after a rotation by the plan. A subscription has one secret, which
// its owner rotates; only the development secret has a second one.
func nextSecret(s signature.Secret) signature.Secret {
	if both := development(); bytes.Equal(s, both[0]) {
		return both[1]
	}
	return s
}

// acquire returns a caller for the URL as it is now.
func (o *outbox) acquire() (*route, *caller, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.route == nil {
		t := o.engine.options.target(o.sub)
		line, err := o.engine.options.emitter().Line(&t)
		if err != nil {
			return nil, nil, err
		}
		o.route = &route{line: line}
	}
	way := o.route
	way.busy++
	if last := len(way.free) - 1; last >= 0 {
		c := way.free[last]
		way.free = way.free[:last]
		return way, c, nil
	}
	return way, &caller{Caller: way.line.Caller()}, nil
}

// release returns a caller, if there is one. The last one of a former route closes it.
func (o *outbox) release(way *route, c *caller) {
	if way == nil {
		return
	}
	c.Rest()
	o.mu.Lock()
	defer o.mu.Unlock()
	way.busy--
	if way.free = append(way.free, c); way != o.route {
		way.close()
	}
}

// retire takes the route out of use. Attempts on it finish first.
func (o *outbox) retire() {
	if o.route != nil {
		o.route.close()
		o.route = nil
	}
}

// close ends the connections that are not in use, and the route once none is.
func (w *route) close() {
	for _, c := range w.free {
		c.Close()
	}
	if w.free = nil; w.busy == 0 {
		w.line.Close()
	}
}

// maxName is how much of a subscription's name the emitter gets, which takes no character that is not seen.
const maxName = 100

func (o *Options) target(sub store.Subscription) emitter.Target {
	return emitter.Target{Name: show.Line(sub.Name, maxName), URL: sub.URL, Secret: sub.Secret, Allow: o.Allow, Connections: o.Connections,
		Hide: append([]string{sub.SecretText()}, o.Hide...), TLS: emitter.TLS{InsecureSkipVerify: o.InsecureTLS}, Sender: o.sender, Dial: o.dial}
}

// stamp is a moment as the engine stores it: in UTC, in whole milliseconds.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// scaled is d times a factor, clipped to what a Duration can hold.
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
