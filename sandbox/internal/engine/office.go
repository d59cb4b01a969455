package engine

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// How much of what waits for one subscription is in memory. The rest is in the store alone.
const (
	mostLetters = 400
	pageSize    = 200
	perWorker   = 8 // letters that are made ready for each connection
)

// office delivers to one subscription: first attempts in the order of each conversation, a
// failed one later again without holding up what follows it.
type office struct {
	room *Room
	id   string
	life context.Context
	end  context.CancelFunc
	busy sync.WaitGroup
	wake chan struct{} // for the goroutine that waits for moments

	mu    sync.Mutex
	work  sync.Cond // something is ready, or the office ends
	sub   store.Subscription
	route *route // nil until the first attempt, and after the URL has changed
	shelf shelf
	ready []*letter
	talks map[string]*talk // conversations with first attempts that are ready or in flight

	staged  int // letters in ready and talks
	idle    int
	workers int
	ended   bool
}

// talk is the first attempts of one conversation. While one is in flight the others wait.
type talk struct {
	busy  bool
	queue []*letter
}

func newOffice(r *Room, s store.Subscription) *office {
	o := &office{room: r, id: s.ID, sub: s, wake: make(chan struct{}, 1), talks: map[string]*talk{}}
	o.life, o.end = context.WithCancel(r.life)
	o.work.L = &o.mu
	o.shelf.init()
	return o
}

// open begins with what waits in the store.
func (o *office) open() {
	o.busy.Add(1)
	go o.mind()
}

// change brings the subscription up to date. It counts from the next attempt on.
func (o *office) change(s store.Subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s.URL != o.sub.URL {
		o.leave()
	}
	o.sub = s
	o.nudge()
}

// stop ends the office: what is in flight is cut off.
func (o *office) stop() {
	o.end()
	o.mu.Lock()
	o.ended = true
	o.work.Broadcast()
	o.mu.Unlock()
}

// rest lets nothing new begin; what is in flight finishes.
func (o *office) rest() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.work.Broadcast()
	o.nudge()
}

// wait waits until the goroutines of the office have ended.
func (o *office) wait() {
	o.busy.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leave()
}

// post takes new letters, which the store has.
func (o *office) post(letters []*letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range letters {
		o.shelf.put(l)
	}
	o.ripen(time.Now())
	o.nudge()
}

// most is how many letters are made ready at once: enough for all connections, and few
// enough that the order of the shelf counts.
func (o *office) most() int { return perWorker * o.room.options.Connections }

// ripen makes ready what is due, and finds workers for it.
func (o *office) ripen(now time.Time) {
	for o.sub.Enabled && !o.ended && o.staged < o.most() && len(o.shelf.letters) > 0 && !o.shelf.letters[0].d.Due.After(now) {
		l := heap.Pop(&o.shelf.letters).(*letter)
		o.staged++
		if l.turn = l.talk(); l.turn == "" {
			o.ready = append(o.ready, l)
			continue
		}
		t := o.talks[l.turn]
		if t == nil {
			t = &talk{}
			o.talks[l.turn] = t
		}
		if t.busy {
			t.queue = append(t.queue, l)
		} else {
			t.busy = true
			o.ready = append(o.ready, l)
		}
	}
	o.staff()
}

// staff wakes workers for what is ready, or takes them on.
func (o *office) staff() {
	for n := len(o.ready); n > 0; n-- {
		switch {
		case o.idle > 0:
			o.idle--
			o.work.Signal()
		case o.workers < o.room.options.Connections && !o.ended:
			o.workers++
			o.busy.Add(1)
			go o.serve()
		default:
			return
		}
	}
}

// take waits for a letter to send. It reports false when the office ends.
func (o *office) take() (*letter, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		switch {
		case o.ended:
			return nil, false
		case len(o.ready) > 0 && o.sub.Enabled:
			l := o.ready[0]
			o.ready[0] = nil
			o.ready = o.ready[1:]
			o.room.flight.Add(1)
			return l, true
		}
		o.idle++
		o.work.Wait()
	}
}

// tried lets the next first attempt of the letter's conversation begin.
func (o *office) tried(l *letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.staged--
	o.room.flight.Done()
	if l.turn != "" {
		t := o.talks[l.turn]
		if len(t.queue) > 0 {
			o.ready = append(o.ready, t.queue[0])
			t.queue = t.queue[1:]
		} else {
			delete(o.talks, l.turn)
		}
	}
	o.ripen(time.Now())
	o.nudge()
}

// recorded lets the store's word on a letter count.
func (o *office) recorded(l *letter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shelf.done(l, l.d.State == store.Waiting)
	if l.d.State == store.Waiting {
		o.nudge()
	}
}
