package engine

import (
	"cmp"
	"context"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
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
	engine *Engine
	in     chan entry
	ended  chan struct{}
}

func newIntake(e *Engine) *intake {
	return &intake{engine: e, in: make(chan entry, mostGrouped), ended: make(chan struct{})}
}

// put waits for room in the intake. The error says whether ctx or the room ended first.
func (i *intake) put(ctx context.Context, in entry) error {
	select {
	case i.in <- in:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-i.engine.life.Done():
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
		case in := <-i.in:
			group = append(append(group, in), in.with...)
		case <-i.engine.life.Done():
			return
		}
		timer := time.NewTimer(longestGroup)
		for full := false; !full && len(group) < mostGrouped && !group[len(group)-1].flush; {
			select {
			case in := <-i.in:
				group = append(append(group, in), in.with...)
			case <-timer.C:
				full = true
			case <-i.engine.life.Done():
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
	e := i.engine
	wait := 10 * time.Millisecond
	for try := 1; ; try++ {
		batch, whose, positions, talks := i.batch(group)
		deliveries, err := []store.Delivery(nil), error(nil)
		if len(batch)+len(positions)+len(talks) > 0 {
			deliveries, err = e.store.Accept(context.WithoutCancel(e.life), batch, positions, talks)
		}
		if err == nil {
			i.kept(group, batch, whose, deliveries)
			return
		}
		if try == acceptTries || e.life.Err() != nil {
			e.logError("notifications cannot be kept", err)
			for _, in := range group {
				if in.run != nil {
					in.run.fail(err)
				}
				in.reply(err)
			}
			return
		}
		if !e.pause(wait) {
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
		in := &group[k]
		if in.run != nil && in.note != nil {
			if positions == nil {
				positions = map[string]uint64{}
			}
			positions[in.run.id] = max(positions[in.run.id], in.position)
		}
		if in.by != nil {
			if at, seen := latest[in.by.ID]; seen {
				talks[at] = *in.by
			} else {
				latest[in.by.ID] = len(talks)
				talks = append(talks, *in.by)
			}
		}
		if in.note != nil {
			batch = append(batch, i.engine.toAccept(in, now))
			whose = append(whose, in)
		}
	}
	return batch, whose, positions, talks
}

// kept tells the world of a group.
func (i *intake) kept(group []entry, batch []store.Accepted, whose []*entry, deliveries []store.Delivery) {
	e := i.engine
	e.distribute(batch, deliveries)
	for k := range batch {
		n := batch[k].Notification
		n.Body, n.Signed = nil, nil
		e.broadcaster.send("notification", n)
		e.observed.observe(e, whose[k], &batch[k].Notification)
	}
	for k := range group {
		in := &group[k]
		if in.run != nil && in.note != nil {
			in.run.advance(in.position)
		}
		in.reply(nil)
	}
}

func (in *entry) reply(err error) {
	if in.done != nil {
		in.done <- err
	}
}

// pause waits, unless the room ends meanwhile.
func (e *Engine) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-e.life.Done():
		return false
	}
}

// accepted is a planned notification as the store keeps it, with those who get it.
func (e *Engine) toAccept(in *entry, now time.Time) store.Accepted {
	n := in.note
	c := &n.Event.Channel
	a := store.Accepted{Due: now, Notification: store.Notification{
		ID: n.ID(), Type: n.Type(), Conversation: n.ConversationID(),
		Interaction: c.InteractionID.String(), Channel: c.ChannelID.String(),
		Role: n.Role(), Party: n.Name, Agent: c.Party.User.AgentID,
		Accepted: now, Fault: n.Fault.String(), Body: in.body, Signed: n.Signed, Keys: n.Keys,
	}}
	if a.Agent == "" {
		a.Agent = n.Event.User.AgentID
	}
	if in.run != nil {
		a.Run = in.run.id
	}
	if n.Fault != fault.Drop {
		a.To = e.registry.wanting(a.Type)
	}
	return a
}

// deliver hands new deliveries to the offices of their subscriptions.
func (e *Engine) distribute(batch []store.Accepted, deliveries []store.Delivery) {
	notes := make(map[int64]*store.Notification, len(batch))
	for i := range batch {
		notes[batch[i].Number] = &batch[i].Notification
	}
	groups := map[string][]*delivery{}
	for _, d := range deliveries {
		if n := notes[d.Notification]; n != nil && d.State == store.Waiting { // else its subscription was deleted just now
			groups[d.Subscription] = append(groups[d.Subscription], &delivery{Delivery: d, note: n})
		}
	}
	for id, letters := range groups {
		e.mu.Lock()
		o := e.outboxes[id]
		e.mu.Unlock()
		if o != nil {
			o.add(letters)
		}
	}
}
