package emitter

import (
	"cmp"
	"container/heap"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/signature"
)

// outbox holds what waits for one target and decides what is sent next. Its fields below mu
// are shared by the feeder, the workers and the goroutine that watches over the retries.
type outbox struct {
	tally              TargetResult  // the recorder's
	matched            atomic.Uint64 // becomes tally.Matched
	sender             Sender
	secret, nextSecret signature.Secret
	types              []string
	wanted             map[event.Type]bool // what types select, filled as needed; the feeder's own
	rules              *Emitter            // with defaults in place
	connections        int                 // most requests in flight
	waiting            int                 // most notifications that wait
	clock              *clock
	timeless           bool // the run takes no time into account
	rows               *recorder
	start              func()         // starts a worker
	release            func(*message) // says that the outbox is done with one
	nudge              chan struct{}  // wakes the watcher of retries

	mu        sync.Mutex
	work      sync.Cond         // there is something to send, or nothing will come any more
	room      sync.Cond         // there is room for a first attempt, or none is wanted any more
	stories   map[uint64]*story // those with first attempts waiting or in flight
	ready     queue[*story]     // those whose next first attempt may begin
	ripe      queue[*delivery]  // retries whose moment has come
	later     retries           // the other retries
	retryTurn bool              // the last attempt begun was a first one
	queued    int               // first attempts that wait
	firsts    int               // first attempts that wait or are in flight
	retrying  int               // notifications that wait for a retry, or are in one
	pending   int               // notifications without a final row
	workers   int
	idle      int         // workers that wait and were not yet woken
	flying    int         // attempts that were begun and are not settled
	firstAt   time.Time   // moment of the first attempt of all
	answered  bool        // the target gave an HTTP answer
	last      Failure     // of the attempts before that
	noRoom    uint64      // notifications given up because too many waited for a retry
	spare     []*delivery // to be used again
	spares    []*story
	closed    bool // no more notifications will come
	paused    bool // nothing new may begin for now
	stopping  bool // nothing new may begin
	abandoned bool // patience has ended
}

func newOutbox(rules *Emitter, t *Target, sender Sender) *outbox {
	o := &outbox{
		tally:       TargetResult{Name: t.display(), URL: t.shown(), Tally: newTally()},
		connections: cmp.Or(t.Connections, rules.Connections), waiting: cmp.Or(t.Waiting, rules.Waiting), timeless: rules.Speed >= Max,
		sender: sender, secret: t.Secret, nextSecret: t.NextSecret, types: t.Types, rules: rules,
		wanted:  make(map[event.Type]bool),
		nudge:   make(chan struct{}, 1),
		stories: make(map[uint64]*story),
	}
	o.work.L, o.room.L = &o.mu, &o.mu
	return o
}

// wants tells whether the target selects n. It is for the feeder only.
func (o *outbox) wants(n *plan.Notification) bool {
	if len(o.types) == 0 {
		return true
	}
	wanted, known := o.wanted[n.Event.Type]
	if n.Raw != nil || !known {
		name := n.Type()
		wanted = slices.ContainsFunc(o.types, func(pattern string) bool { return event.Match(pattern, name) })
		if n.Raw == nil {
			o.wanted[n.Event.Type] = wanted
		}
	}
	return wanted
}

// push adds a first attempt. Without a schedule it waits for room, and is false if the run
// stops meanwhile; with one, nothing waits, and what finds no room is not sent.
func (o *outbox) push(m *message) (fits, going bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if room := o.firstsRoom(); o.queued >= room && !o.stopping {
		if !o.timeless {
			return false, true
		}
		for o.queued > room/2 && !o.stopping { // rather one long wait than many short ones
			o.room.Wait()
		}
	}
	if o.stopping {
		return false, false
	}
	s := o.stories[m.note.Story]
	if s == nil {
		s = o.newStory()
		o.stories[m.note.Story] = s
	}
	d := o.newDelivery(m, s)
	d.crowded = o.idle == 0 && o.workers == o.connections
	s.queue.push(d)
	o.queued++
	o.firsts++
	o.pending++
	if s.queue.size == 1 && !s.busy {
		o.ready.push(s)
		o.wake()
	}
	return true, true
}

func (o *outbox) newStory() *story {
	if n := len(o.spares); n > 0 {
		s := o.spares[n-1]
		o.spares = o.spares[:n-1]
		return s
	}
	return new(story)
}

func (o *outbox) newDelivery(m *message, s *story) *delivery {
	d := new(delivery)
	if n := len(o.spare); n > 0 {
		d, o.spare = o.spare[n-1], o.spare[:n-1]
	}
	*d = delivery{message: m, story: s, due: m.due, attempts: lost(&m.note)}
	return d
}

// firstsRoom is how many first attempts may wait. Without a schedule a deep queue would only
// fill memory: a window with enough stories for all connections does.
func (o *outbox) firstsRoom() int {
	const perConnection = 16
	half := (o.waiting + 1) / 2
	if o.timeless {
		return min(half, perConnection*o.connections)
	}
	return half
}

// take waits for something to send. It reports false when there will be no more.
func (o *outbox) take() (*delivery, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		switch {
		case o.stopping || o.finished():
			return nil, false
		case o.paused:
		case o.ripe.size > 0 && (o.retryTurn || o.ready.size == 0):
			o.retryTurn = false // so that neither kind can hold up the other
			o.flying++
			return o.ripe.pop(), true
		case o.ready.size > 0:
			o.retryTurn = true
			o.flying++
			return o.takeFirst(), true
		}
		o.idle++
		o.work.Wait()
	}
}

func (o *outbox) takeFirst() *delivery {
	s := o.ready.pop()
	s.busy = true
	if o.queued--; o.timeless && o.queued <= o.firstsRoom()/2 {
		o.room.Signal()
	}
	if o.firstAt.IsZero() {
		o.firstAt = time.Now()
	}
	return s.queue.pop()
}

// settle files d after an attempt. Its caller takes something to send next, so what became
// ready here wakes nobody else.
func (o *outbox) settle(d *delivery, outcome Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flying--
	if s := d.story; s != nil {
		d.story, s.busy = nil, false
		if s.queue.size > 0 {
			o.ready.push(s)
		} else {
			delete(o.stories, d.note.Story)
			o.spares = append(o.spares, s)
		}
		if o.firsts--; o.firsts == 0 && o.closed {
			o.nudgeWatcher() // from now on patience counts
		}
	}
	switch {
	case outcome != Retrying:
		o.final(d)
	case o.timeless:
		o.ripe.push(d)
		o.wake()
	default:
		heap.Push(&o.later, d)
		if o.later[0] == d {
			o.nudgeWatcher()
		}
	}
}

// final forgets d, which got its final row.
func (o *outbox) final(d *delivery) {
	if d.retried {
		o.retrying--
	}
	o.pending--
	o.release(d.message)
	*d = delivery{}
	if len(o.spare) < runAhead {
		o.spare = append(o.spare, d)
	}
	o.endIfFinished()
}

// close says that no more notifications will come.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.nudgeWatcher()
	o.endIfFinished()
}

// pause lets nothing new begin for a while, or ends that.
func (o *outbox) pause(paused bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.paused = paused; !paused {
		o.idle = 0 // they are all woken
		o.work.Broadcast()
	}
	o.nudgeWatcher()
}

// stop lets nothing new begin.
func (o *outbox) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stopping = true
	o.work.Broadcast()
	o.room.Broadcast()
	o.nudgeWatcher()
}

func (o *outbox) finished() bool { return o.closed && o.pending == 0 }

func (o *outbox) endIfFinished() {
	if o.finished() {
		o.work.Broadcast()
		o.nudgeWatcher()
	}
}

// wake finds a worker for something that became ready.
func (o *outbox) wake() {
	switch {
	case o.idle > 0:
		o.idle--
		o.work.Signal()
	case o.workers < o.connections:
		o.workers++
		o.start()
	}
}

func (o *outbox) nudgeWatcher() {
	select {
	case o.nudge <- struct{}{}:
	default: // it will wake anyway
	}
}

// load is what waits, is in flight and is tried again.
func (o *outbox) load() (waiting, flying, retrying int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queued, o.flying, o.retrying
}

// addLive adds to a tally what the recorder does not count.
func (o *outbox) addLive(t *Tally) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t.Matched, t.NoRoom = o.matched.Load(), o.noRoom
	t.Silent = !o.answered && t.Attempts > 0
	if d, ok := o.sender.(interface{ Dials() uint64 }); ok {
		t.NewConnections = d.Dials()
	}
}

// describe says what sent.
func (o *outbox) describe(t *TargetResult) {
	if e, ok := o.sender.(interface{ Engine() string }); ok {
		t.Engine = e.Engine()
	}
}
