package engine

import (
	"cmp"
	"context"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// How notifications are grouped on their way into the store: one write for as many as come
// together.
const (
	mostGrouped  = 500
	longestGroup = 5 * time.Millisecond
)

// acceptTries is how often a group is tried to be kept, each time after a longer wait, before
// whoever brought it is told that it failed. Together that is about 6 s.
const acceptTries = 10

// entry is what comes into the intake: a notification to accept, or a question.
type entry struct {
	note     *plan.Notification // nil: only the state of a conversation, or a flush
	body     []byte
	at       time.Time // real moment of the event, for the floor
	run      *run      // nil: by hand
	position uint64    // of the run, behind it
	by       *store.Conversation
	done     chan<- error // told when it is kept, if not nil
	flush    bool
	with     []entry // kept together with this one, all or nothing
}

// intake is the one way into the store for notifications.
type intake struct {
	room  *Room
	in    chan entry
	ended chan struct{}
}

func newIntake(r *Room) *intake {
	return &intake{room: r, in: make(chan entry, mostGrouped), ended: make(chan struct{})}
}

// put waits for room in the intake. The error says whether ctx or the room ended first.
func (i *intake) put(ctx context.Context, e entry) error {
	select {
	case i.in <- e:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-i.room.life.Done():
		return errClosed
	}
}

// keep puts entries in and waits until all are kept, all or nothing: what a step raises is
// never kept without the rest of it.
func (i *intake) keep(ctx context.Context, entries ...entry) error {
	done := make(chan error, len(entries))
	for k := range entries {
		entries[k].done = done
	}
	first := entries[0]
	first.with = entries[1:]
	if err := i.put(ctx, first); err != nil {
		return err
	}
	var failed error
	for range entries {
		select {
		case err := <-done:
			failed = cmp.Or(err, failed)
		case <-i.ended:
			select { // it may have been the last to be kept
			case err := <-done:
				failed = cmp.Or(err, failed)
			default:
				return errClosed
			}
		}
	}
	return failed
}

// flush waits until all that was put in before is kept.
func (i *intake) flush(ctx context.Context) error { return i.keep(ctx, entry{flush: true}) }

// work groups what comes until the room ends.
func (i *intake) work() {
	defer close(i.ended)
	group := make([]entry, 0, mostGrouped)
	for {
		group = group[:0]
		select {
		case e := <-i.in:
			group = append(append(group, e), e.with...)
		case <-i.room.life.Done():
			return
		}
		timer := time.NewTimer(longestGroup)
		for full := false; !full && len(group) < mostGrouped && !group[len(group)-1].flush; {
			select {
			case e := <-i.in:
				group = append(append(group, e), e.with...)
			case <-timer.C:
				full = true
			case <-i.room.life.Done():
				full = true
			}
		}
		timer.Stop()
		i.accept(group)
		clear(group)
	}
}

// accept keeps a group and passes on what became of it. Nothing of it is known outside
// before.
func (i *intake) accept(group []entry) {
	r := i.room
	wait := 10 * time.Millisecond
	for try := 1; ; try++ {
		batch, whose, positions, talks := i.batch(group)
		deliveries, err := []store.Delivery(nil), error(nil)
		if len(batch)+len(positions)+len(talks) > 0 {
			deliveries, err = r.store.Accept(context.WithoutCancel(r.life), batch, positions, talks)
		}
		if err == nil {
			i.kept(group, batch, whose, deliveries)
			return
		}
		if try == acceptTries || r.life.Err() != nil {
			r.trouble("notifications cannot be kept", err)
			for _, e := range group {
				if e.run != nil {
					e.run.fail(err)
				}
				e.tell(err)
			}
			return
		}
		if !r.pause(wait) {
			continue // the last try
		}
		wait = min(2*wait, time.Second)
	}
}

// batch is a group as the store wants it. Whose are the entries of its notifications.
func (i *intake) batch(group []entry) (batch []store.Accepted, whose []*entry, positions map[string]uint64, talks []store.Conversation) {
	now := time.Now().UTC()
	latest := map[string]int{}
	for k := range group {
		e := &group[k]
		if e.run != nil && e.note != nil {
			if positions == nil {
				positions = map[string]uint64{}
			}
			positions[e.run.id] = max(positions[e.run.id], e.position)
		}
		if e.by != nil {
			if at, seen := latest[e.by.ID]; seen {
				talks[at] = *e.by
			} else {
				latest[e.by.ID] = len(talks)
				talks = append(talks, *e.by)
			}
		}
		if e.note != nil {
			batch = append(batch, i.room.accepted(e, now))
			whose = append(whose, e)
		}
	}
	return batch, whose, positions, talks
}

// kept tells the world of a group.
func (i *intake) kept(group []entry, batch []store.Accepted, whose []*entry, deliveries []store.Delivery) {
	r := i.room
	r.deliver(batch, deliveries)
	for k := range batch {
		n := batch[k].Notification
		n.Body, n.Signed = nil, nil
		r.bell.ring("notification", n)
		r.floor.note(r, whose[k], &batch[k].Notification)
	}
	for k := range group {
		e := &group[k]
		if e.run != nil && e.note != nil {
			e.run.moved(e.position)
		}
		e.tell(nil)
	}
}

func (e *entry) tell(err error) {
	if e.done != nil {
		e.done <- err
	}
}

// pause waits, unless the room ends meanwhile.
func (r *Room) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.life.Done():
		return false
	}
}
