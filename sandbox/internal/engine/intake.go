package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

// acceptTries is how often writing a group is tried, after longer and longer waits of about
// 6 s altogether, before its callers get the error.
const acceptTries = 10

// entry is what the intake takes: a notification, a conversation, or a flush.
type entry struct {
	note     *plan.Notification // nil: only the state of a conversation, or a flush
	body     []byte
	at       time.Time // real moment of the event
	run      *run      // nil: by hand
	position uint64    // of the run, behind it
	by       *store.Conversation
	done     chan<- error // gets nil when it is kept, if done is not nil
	flush    bool
}

// intake writes notifications into the store, in groups.
type intake struct {
	engine *Engine
	in     chan []entry // kept together, all or none
	ended  chan struct{}
}

func newIntake(e *Engine) *intake {
	return &intake{engine: e, in: make(chan []entry, mostGrouped), ended: make(chan struct{})}
}

// put hands entries over that belong together. The error reports whether ctx or the engine ended
// first.
func (i *intake) put(ctx context.Context, entries ...entry) error {
	select {
	case i.in <- entries:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-i.engine.life.Done():
		return errClosed
	}
}

// keep puts entries in and waits until the store has them, all or none: the events of a step
// belong together.
func (i *intake) keep(ctx context.Context, entries ...entry) error {
	done := make(chan error, len(entries))
	for k := range entries {
		entries[k].done = done
	}
	if err := i.put(ctx, entries...); err != nil {
		return err
	}
	var failed error
	for range entries {
		select {
		case err := <-done:
			failed = cmp.Or(err, failed)
		case <-i.ended:
			select { // it may have been kept last of all
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

// work groups entries until the engine ends.
func (i *intake) work() {
	defer close(i.ended)
	end := i.engine.life.Done()
	for {
		select {
		case first := <-i.in:
			i.accept(slices.Concat(gather(first, i.in, end, func(entries []entry) bool { return entries[0].flush })...))
		case <-end:
			return
		}
	}
}

// accept writes a group and passes it on. Nobody learns of it before the store has it.
func (i *intake) accept(group []entry) {
	e := i.engine
	var batch []store.Accepted
	var sources []*entry
	var deliveries []store.Delivery
	err := e.persist(acceptTries, func() (err error) {
		var positions map[string]uint64
		var conversations []store.Conversation
		batch, sources, positions, conversations = i.batch(group)
		if deliveries = nil; len(batch)+len(positions)+len(conversations) > 0 {
			deliveries, err = e.store.Accept(context.WithoutCancel(e.life), batch, positions, conversations)
		}
		return err
	})
	if err == nil {
		i.kept(group, batch, sources, deliveries)
		return
	}
	e.logError("notifications cannot be kept", err)
	for _, in := range group {
		if in.run != nil {
			in.run.fail(err)
		}
		in.reply(err)
	}
}

// batch is a group in the form of the store. Sources are the entries of its notifications.
func (i *intake) batch(group []entry) (batch []store.Accepted, sources []*entry, positions map[string]uint64, conversations []store.Conversation) {
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
				conversations[at] = *in.by
			} else {
				latest[in.by.ID] = len(conversations)
				conversations = append(conversations, *in.by)
			}
		}
		if in.note != nil {
			batch = append(batch, i.engine.toAccept(in, now))
			sources = append(sources, in)
		}
	}
	return batch, sources, positions, conversations
}

// kept announces a group that the store has.
func (i *intake) kept(group []entry, batch []store.Accepted, sources []*entry, deliveries []store.Delivery) {
	e := i.engine
	e.distribute(batch, deliveries)
	for k := range batch {
		n := batch[k].Notification
		n.Body, n.Signed = nil, nil
		e.broadcaster.send("notification", n)
		e.observed.observe(e, sources[k], &batch[k].Notification)
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

// toAccept is a planned notification in the form of the store, with the subscriptions that get it.
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

// distribute hands new deliveries to the outboxes of their subscriptions.
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
	for id, group := range groups {
		e.mu.Lock()
		o := e.outboxes[id]
		e.mu.Unlock()
		if o != nil {
			o.add(group)
		}
	}
}
