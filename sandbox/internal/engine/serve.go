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

// route is the way to the consumer at one URL of the subscription. The outbox's lock guards it.
type route struct {
	line *emitter.Line
	free []*emitter.Caller // with their connections, in nobody's use
	busy int               // callers in use
}

// serve makes attempts until the office ends.
func (o *office) serve() {
	defer o.busy.Done()
	for l, ok := o.take(); ok; l, ok = o.take() {
		o.handle(l)
		o.tried(l)
	}
}

// handle makes an attempt, or what an armed fault makes of it, and writes it down.
func (o *office) handle(l *letter) {
	if l.d.Attempts == 0 && l.d.Kind == "" && !l.late {
		l.wrong = o.room.arms.take(o.id, l.n.Type)
	}
	switch l.wrong {
	case fault.Drop:
		l.d.State, l.d.Failure, l.d.Due = store.GivenUp, "dropped on purpose", time.Time{}
		o.write(nil, l)
		return
	case fault.Delay, fault.Reorder: // what follows in the conversation passes it
		l.late = true
		l.d.Due = stamp(time.Now().Add(scaled(postponement, 1/o.room.options.Speed)))
		o.write(nil, l)
		return
	}
	if l.d.Attempts == 0 && (l.wrong == fault.LateRetry || l.d.Kind == "" && l.n.Fault == fault.LateRetry.String()) {
		l.d.Attempts = 1 // lost on the way
		if l.wrong == fault.LateRetry {
			l.d.First = stamp(time.Now())
			l.d.Failure = "lost on purpose"
			o.postpone(l, 0)
			o.write(nil, l)
			return
		}
	}
	o.attempt(l)
}

// attempt sends a letter once and says how that went.
func (o *office) attempt(l *letter) {
	sub, way, caller, err := o.acquire()
	single := o.single(l, sub)
	var s emitter.Sending
	var header [][2]string
	if err != nil {
		s = emitter.Sending{Sent: time.Now(), Outcome: emitter.Retrying, Failure: emitter.Failure{Class: emitter.ClassAddress, Text: err.Error()}}
	} else {
		s = caller.Send(o.life, &single)
		header = way.line.Header(s.Token, len(single.Body))
		o.release(way, caller)
	}
	if o.life.Err() != nil && s.Failure.Class == emitter.ClassStopped {
		return // it is made again after the next Open, if there is still a subscription
	}
	l.d.Attempts++
	if l.d.First.IsZero() {
		l.d.First = stamp(s.Sent)
	}
	l.d.Status, l.d.LatencyUS, l.d.Failure = s.Status, s.Latency.Microseconds(), s.String()
	a := &store.Attempt{Delivery: l.d.Number, Try: l.d.Attempts, Sent: s.Sent.UTC(), LatencyUS: l.d.LatencyUS,
		Status: s.Status, Failure: l.d.Failure, Answer: string(s.Excerpt), Header: header}
	o.conclude(l, &s)
	o.write(a, l)
}

// conclude says how a letter stands after an attempt.
func (o *office) conclude(l *letter, s *emitter.Sending) {
	final := l.wrong == fault.None // an armed fault spoils one attempt alone: the next one is sound
	switch {
	case s.Outcome == emitter.Accepted, s.Outcome == emitter.WronglyAccepted:
		l.d.State, l.d.Due = store.Delivered, time.Time{}
	case final && s.Outcome != emitter.Retrying:
		l.d.State, l.d.Due = store.GivenUp, time.Time{}
	default:
		o.postpone(l, s.RetryAfter)
	}
}

// postpone lets a letter wait for its next attempt, or gives it up.
func (o *office) postpone(l *letter, asked time.Duration) {
	options := &o.room.options
	if !options.Assume.Is(assume.RetryAfter, "obey") {
		asked = 0
	}
	now, ago := time.Now(), time.Duration(0)
	if options.Speed < emitter.Max { // else no time passes
		ago = scaled(now.Sub(l.d.First), options.Speed)
	}
	wait, again := emitter.LadderWait(l.d.Attempts, asked, ago)
	if !again {
		l.d.State, l.d.Due = store.GivenUp, time.Time{}
		return
	}
	l.d.Due = stamp(now.Add(scaled(wait, 1/options.Speed)))
}

// write hands a letter to the journal, and lets what the store then says count.
func (o *office) write(a *store.Attempt, l *letter) {
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
	o.room.journal.add(record{attempt: a, delivery: l.d, kept: func() {
		o.recorded(l)
		o.room.bell.ring("delivery", told)
		if again != "" {
			o.room.resendLater(l.n.Number, o.id, again)
		}
	}})
}

// single is what an attempt sends, with what is to be wrong with it.
func (o *office) single(l *letter, sub store.Subscription) emitter.Single {
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

// acquire gets the subscription as it is now, with a caller for it.
func (o *office) acquire() (store.Subscription, *route, *emitter.Caller, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.route == nil {
		t := o.room.options.target(o.sub)
		line, err := o.room.options.emitter().Line(&t)
		if err != nil {
			return o.sub, nil, nil, err
		}
		o.route = &route{line: line}
	}
	way := o.route
	way.busy++
	if last := len(way.free) - 1; last >= 0 {
		caller := way.free[last]
		way.free = way.free[:last]
		return o.sub, way, caller, nil
	}
	return o.sub, way, way.line.Caller(), nil
}

// release gives a caller back. The last one on a route that is no longer used closes it.
func (o *office) release(way *route, caller *emitter.Caller) {
	o.mu.Lock()
	defer o.mu.Unlock()
	way.busy--
	if way.free = append(way.free, caller); way != o.route {
		way.close()
	}
}

// leave takes the present route out of use. Attempts on it finish first.
func (o *office) leave() {
	if o.route != nil {
		o.route.close()
		o.route = nil
	}
}

// close ends the connections that are in nobody's use, and all else with the last of them.
func (w *route) close() {
	for _, c := range w.free {
		c.Close()
	}
	if w.free = nil; w.busy == 0 {
		w.line.Close()
	}
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
