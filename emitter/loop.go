package emitter

import (
	"context"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/emitter/internal/wire"
)

// loop lets the thread that waits for moments send what is due, and deal with the answers, by itself: to hand each notification to
// a worker's goroutine costs two switches of tasks. A worker whose connection is open and at rest is parked here. Whatever would wait, such as
// connecting, the rest of a long answer or the end of a time limit, becomes a goroutine again.
//
// Its fields above mu belong to that thread. A nil loop parks nobody.
type loop struct {
	run    *run
	poll   *pace.Poll
	all    []*worker // that it has run
	looked time.Time // for requests whose time is over
	handed bool      // work to goroutines, since the last turn
	others bool      // goroutines run workers, too

	stamped bool // the system tells when an answer has arrived, so it may be read later

	mu   sync.Mutex
	todo []*worker // woken
	turn []*worker // the same, of this turn
}

// looked is what the loop knows of a worker.
type looped struct {
	inLoop  bool // it is the loop that runs it, and no goroutine
	known   bool
	carries *delivery // in flight; nil: none
	threads wire.Threaded
	heard   func() // made once: it would be an allocation each time
}

// openLoop makes the thread that paces one that sends. It does so until end, when all workers get goroutines again; idle is a wait
// for what there is to do. Without such a thread, idle is nil.
func (r *run) openLoop(p *pace.Pacer) (idle, end func()) {
	if p.Poll() == nil {
		return nil, func() {}
	}
	l := &loop{run: r, poll: p.Poll()}
	p.Meanwhile = l.meanwhile
	r.ring.Wake(l.poll.Wake)
	quiet := context.AfterFunc(r.begin, l.poll.Wake)
	for _, o := range r.boxes {
		o.mu.Lock()
		o.loop = l
		o.mu.Unlock()
	}
	return p.Idle, func() {
		quiet()
		r.ring.Wake(nil)
		l.end()
	}
}

// end gives all workers goroutines again.
func (l *loop) end() {
	for _, o := range l.run.boxes {
		o.mu.Lock()
		o.wakeAll()
		o.loop = nil
		o.mu.Unlock()
	}
	for _, w := range l.todo { // nobody adds to it any more
		l.hand(w, w.work)
	}
	for _, w := range l.all {
		if w.carries != nil {
			l.resume(w)
		}
	}
}

// park takes w over, which has nothing to do, if its connection may wait without a goroutine. The outbox of w is locked.
func (l *loop) park(w *worker) bool {
	if l == nil || w.bursts.used {
		return false
	}
	if w.inLoop {
		return true // if it has lost its connection meanwhile, it will get a goroutine for the next one
	}
	if w.threads == nil {
		w.threads, _ = w.requester.sender.(wire.Threaded)
	}
	if w.threads == nil || !w.slot.TryTake() {
		return false
	}
	defer w.slot.Rest()
	return w.threads.Park(l.poll)
}

// wake lets w go on soon. Its outbox is locked.
func (l *loop) wake(w *worker) {
	l.mu.Lock()
	l.todo = append(l.todo, w)
	l.mu.Unlock()
	l.poll.Wake()
}

// meanwhile runs those that were woken, and reports whether all workers are the loop's, and whether answers may be read late: nothing waits
// for one, such as the next notification of a conversation.
func (l *loop) meanwhile() (alone, patient bool) {
	l.mu.Lock()
	l.turn, l.todo = l.todo, l.turn[:0]
	l.mu.Unlock()
	for _, w := range l.turn {
		w.inLoop = true
		l.begin(w)
	}
	if now := time.Now(); now.Sub(l.looked) > 10*time.Millisecond {
		l.looked = now
		l.look(now)
	}
	alone, l.handed = !l.handed && !l.others, false
	patient = alone && l.stamped
	for i := 0; patient && i < len(l.run.boxes); i++ {
		o := l.run.boxes[i]
		o.mu.Lock()
		patient = o.queued == 0
		o.mu.Unlock()
	}
	return alone, patient
}

// look finds requests whose time is over, and who else is at work.
func (l *loop) look(now time.Time) {
	others := 0
	for _, o := range l.run.boxes {
		o.mu.Lock()
		others += o.workers - o.idle
		o.mu.Unlock()
	}
	for _, w := range l.all {
		if w.carries != nil && !now.Before(w.threads.Due()) {
			l.resume(w)
		}
		if w.inLoop {
			others--
		}
	}
	l.others = others > 0
}

// hand lets a goroutine run w.
func (l *loop) hand(w *worker, what func()) {
	w.inLoop, w.carries, l.handed = false, nil, true
	l.run.sending.Go(what)
}

// begin sends what w finds.
func (l *loop) begin(w *worker) {
	if !w.slot.TryTake() { // its connection was ended
		l.hand(w, w.work)
		return
	}
	d, next := w.take(w)
	switch next {
	case parked:
		w.slot.Rest()
		return
	case over, blocked:
		w.slot.Rest()
		l.hand(w, w.work)
		return
	}
	if !w.known {
		w.known, w.heard = true, func() { l.heard(w) }
		l.all = append(l.all, w)
	}
	w.prepare(d, w.attempt(d), false, false)
	begun, whole := w.threads.Begin(w.flight, &w.request, w.heard)
	switch w.carries = d; {
	case !begun:
		l.hand(w, func() {
			w.finish(d, w.took(d, w.requester.sender.Send(w.flight, &w.request), time.Now()), false)
			w.work()
		})
	case !whole:
		l.resume(w)
	}
}

// heard deals with what came over the connection of w.
func (l *loop) heard(w *worker) {
	answer, arrived, there, wait := w.threads.Answered(w.flight, &w.request)
	d := w.carries
	switch {
	case wait:
	case !there:
		l.resume(w)
	default:
		w.carries = nil
		if l.stamped = !arrived.IsZero(); !l.stamped {
			arrived = time.Now()
		}
		answer = w.took(d, answer, arrived)
		if answer.Failure.Class == ClassStale { // it goes out again over a new connection
			l.hand(w, func() { w.finish(d, answer, false); w.work() })
			return
		}
		w.finish(d, answer, false)
		l.begin(w)
	}
}

// resume lets a goroutine wait for the rest of the answer.
func (l *loop) resume(w *worker) {
	d := w.carries
	w.threads.Leave()
	l.hand(w, func() {
		w.finish(d, w.took(d, w.threads.Resume(w.flight, &w.request), time.Now()), false)
		w.work()
	})
}
