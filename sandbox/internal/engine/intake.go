package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

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
	again  chan struct{} // the store takes something again
	ended  chan struct{}
}

// goOn tries again what waits for the store.
func (i *intake) goOn() {
	select {
	case i.again <- struct{}{}:
	default: // it is about to
	}
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

// work groups entries until the engine ends. What a run put in while the store takes nothing waits
// here: it is little, because runs are held then.
func (i *intake) work() {
	defer close(i.ended)
	end := i.engine.life.Done()
	var waiting []entry
	for {
		select {
		case first := <-i.in:
			group := gather(first, i.in, end, mostGrouped, longestGroup, func(in entry) bool { return in.done != nil })
			waiting = i.accept(append(i.stillWanted(waiting), group...))
		case <-i.again:
			waiting = i.accept(i.stillWanted(waiting))
		case <-end:
			return
		}
	}
}

// stillWanted leaves out entries of runs that were stopped.
func (i *intake) stillWanted(waiting []entry) []entry {
	return slices.DeleteFunc(waiting, func(in entry) bool { return in.run.life.Err() != nil })
}

// accept writes a group, and returns what waits until the store takes it.
func (i *intake) accept(group []entry) (waiting []entry) {
	for len(group) > 0 {
		part := group[:i.part(group)]
		err := i.write(part)
		switch {
		case inTrouble(err):
			return i.keepRuns(group, err)
		case errors.Is(err, store.ErrTooLarge) && len(part) > 1:
			for k := range part {
				if waiting = i.accept(part[k : k+1]); len(waiting) > 0 { // the rest comes behind it
					return append(waiting, i.keepRuns(group[k+1:], err)...)
				}
			}
		case err != nil:
			i.fail(part, err)
		}
		group = group[len(part):]
	}
	return waiting
}

// keepRuns replies to those who wait for an outcome, and returns the entries of runs.
func (i *intake) keepRuns(group []entry, err error) (waiting []entry) {
	for _, in := range group {
		if in.run != nil {
			waiting = append(waiting, in)
		}
		in.reply(err)
	}
	return waiting
}

// fail says that a group cannot be kept at all.
func (i *intake) fail(group []entry, err error) {
	i.engine.logError("notifications cannot be kept", err)
	for _, in := range group {
		if in.run != nil {
			in.run.fail(err)
		}
		in.reply(err)
	}
}

// About how many bytes the store writes for a notification, and for a delivery of it.
const (
	noteCost     = 12 << 10
	deliveryCost = 200
)

// part is how many entries of a group are written in one transaction: one at least.
func (i *intake) part(group []entry) int {
	left := i.engine.store.Batch()
	each := noteCost + deliveryCost*int64(len(i.engine.registry.effective()))
	for k, in := range group {
		if left -= each * int64(len(in.notes)); left < 0 && k > 0 {
			return k
		}
	}
	return len(group)
}

// write writes a group and passes it on. Nobody learns of it before the store has it.
func (i *intake) write(group []entry) error {
	e := i.engine
	batch, also := e.batch(group)
	deliveries, err := e.store.Accept(context.WithoutCancel(e.life), batch, also)
	if err != nil {
		return err
	}
	e.distribute(batch, deliveries)
	for k := range group {
		in := &group[k]
		for l := range in.notes {
			e.Broadcast("notification", Announced{batch[0].Notification, len(batch[0].To)})
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
	return nil
}

// Announced is a notification, as listeners are told of it.
type Announced struct {
	store.Notification
	Deliveries int `json:"deliveries"` // how many subscriptions get it; 0: nobody does
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
