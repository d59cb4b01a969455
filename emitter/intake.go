package emitter

import (
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/plan"
)

// This file has what the one who hands out notifications asks of an outbox.

// wants reports whether the target selects n. It is for the feeder only.
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
	d := o.newDelivery(m)
	d.crowded = o.idle == 0 && o.workers == o.connections
	o.queued++
	o.firsts++
	o.pending++
	if o.order.Add(m.note.Story, d) {
		o.ready.First.Push(d)
		o.wake()
	}
	return true, true
}

func (o *outbox) newDelivery(m *message) *delivery {
	var d *delivery
	if n := len(o.spare); n > 0 {
		d, o.spare = o.spare[n-1], o.spare[:n-1]
	} else {
		d = new(delivery)
	}
	*d = delivery{message: m, ordered: true, due: m.due, attempts: policy.Lost(m.note.Fault)}
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
