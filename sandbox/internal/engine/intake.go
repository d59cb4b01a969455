package engine

import (
	"cmp"
	"context"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

// Notifications that come within a short time are written to the store together.
const (
	mostGrouped  = 500
	longestGroup = 5 * time.Millisecond
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
	with     []entry // kept together with this one, all or nothing
}

// intake writes notifications into the store, in groups.
type intake struct {
	engine *Engine
	in     chan entry
	ended  chan struct{}
}

func newIntake(e *Engine) *intake {
	return &intake{engine: e, in: make(chan entry, mostGrouped), ended: make(chan struct{})}
}

// put hands an entry over. The error says whether ctx or the engine ended first.
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

// keep puts entries in and waits until the store has them, all or none: the events of a step
// belong together.
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

// accept writes a group and passes it on. Nobody learns of it before the store has it.
func (i *intake) accept(group []entry) {
	e := i.engine
	wait := 10 * time.Millisecond
	for try := 1; ; try++ {
		batch, sources, positions, conversations := i.batch(group)
		deliveries, err := []store.Delivery(nil), error(nil)
		if len(batch)+len(positions)+len(conversations) > 0 {
			deliveries, err = e.store.Accept(context.WithoutCancel(e.life), batch, positions, conversations)
		}
		if err == nil {
			i.kept(group, batch, sources, deliveries)
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

// pause waits. It reports false if the engine ends meanwhile.
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
