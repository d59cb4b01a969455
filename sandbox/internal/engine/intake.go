package engine

import (
	"cmp"
	"context"
	"maps"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

// acceptTries is how often writing a group is tried, after longer and longer waits of about
// 6 s altogether, before its callers get the error.
const acceptTries = 10

// entry is notifications and their source, which are kept together, all or none: the events of
// a step belong together. An empty one is a flush.
type entry struct {
	notes         []plan.Notification
	at            time.Time   // real moment of the events; of several, the first
	moments       []time.Time // of each of the notes, of a run
	run           *run        // nil: by hand
	position      uint64      // of the run, behind them
	conversations []store.Conversation
	settings      map[string]string
	done          chan<- error // gets the outcome, if it is not nil
}

// add adds a notification of a run.
func (in *entry) add(n plan.Notification, at time.Time) {
	if in.notes = append(in.notes, n); in.at.IsZero() || at.Before(in.at) {
		in.at = at
	}
	in.moments = append(in.moments, at)
}

func (in *entry) reply(err error) {
	if in.done != nil {
		in.done <- err
	}
}

// intake writes notifications into the store, in groups.
type intake struct {
	engine *Engine
	in     chan entry
	ended  chan struct{}
}

// put hands an entry over. The error reports whether ctx or the engine ended first.
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

// keep puts an entry in and waits until the store has it.
func (i *intake) keep(ctx context.Context, in entry) error {
	done := make(chan error, 1)
	in.done = done
	if err := i.put(ctx, in); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-i.ended:
		select { // it may have been kept last of all
		case err := <-done:
			return err
		default:
			return errClosed
		}
	}
}

// flush waits until all that was put in before is kept.
func (i *intake) flush(ctx context.Context) error { return i.keep(ctx, entry{}) }

// work groups entries until the engine ends.
func (i *intake) work() {
	defer close(i.ended)
	end := i.engine.life.Done()
	for {
		select {
		case first := <-i.in:
			i.accept(gather(first, i.in, end, func(in entry) bool { return in.done != nil }))
		case <-end:
			return
		}
	}
}

// accept writes a group and passes it on. Nobody learns of it before the store has it.
func (i *intake) accept(group []entry) {
	e := i.engine
	var batch []store.Accepted
	var deliveries []store.Delivery
	err := e.persist(acceptTries, func() (err error) {
		var also store.Changes
		batch, also = e.batch(group)
		deliveries, err = e.store.Accept(context.WithoutCancel(e.life), batch, also)
		return err
	})
	if err != nil {
		e.logError("notifications cannot be kept", err)
		for k := range group {
			if run := group[k].run; run != nil {
				run.fail(err)
			}
			group[k].reply(err)
		}
		return
	}
	e.distribute(batch, deliveries)
	for k := range group {
		in := &group[k]
		for l := range in.notes {
			e.Broadcast("notification", batch[0].Notification)
			if in.run != nil {
				e.observed.observe(e, in, &in.notes[l], in.moments[l], true)
			}
			batch = batch[1:]
		}
		if in.run != nil {
			in.run.advance(in.position)
		}
		in.reply(nil)
	}
}

// batch is a group in the form of the store.
func (e *Engine) batch(group []entry) (batch []store.Accepted, also store.Changes) {
	now := time.Now().UTC()
	also = store.Changes{Positions: map[string]uint64{}, Settings: map[string]string{}}
	for k := range group {
		in := &group[k]
		for l := range in.notes {
			batch = append(batch, e.toAccept(in, &in.notes[l], now))
		}
		if in.run != nil {
			also.Positions[in.run.id] = in.position
		}
		also.Conversations = append(also.Conversations, in.conversations...)
		maps.Copy(also.Settings, in.settings)
	}
	return batch, also
}

// toAccept is a planned notification in the form of the store, with the subscriptions that get it.
func (e *Engine) toAccept(in *entry, n *plan.Notification, now time.Time) store.Accepted {
	c := &n.Event.Channel
	a := store.Accepted{Due: now, Notification: store.Notification{
		ID: n.ID(), Type: n.Type(), Conversation: n.ConversationID(),
		Interaction: c.InteractionID.String(), Channel: c.ChannelID.String(),
		Role: n.Role(), Party: n.Name, Agent: cmp.Or(c.Party.User.AgentID, n.Event.User.AgentID),
		Accepted: now, Fault: n.Fault.String(), Body: n.AppendBody(nil), Signed: n.Signed, Keys: n.Keys,
	}}
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
	groups := map[string][]*delivery{}
	for _, d := range deliveries {
		if d.State == store.Waiting { // else its subscription was deleted just now
			n := &batch[d.Notification-batch[0].Number].Notification
			groups[d.Subscription] = append(groups[d.Subscription], &delivery{Delivery: d, note: n})
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for id, group := range groups {
		if o := e.outboxes[id]; o != nil {
			o.add(group)
		}
	}
}
