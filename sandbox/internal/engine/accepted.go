package engine

import (
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

// accepted is a planned notification as the store keeps it, with those who get it.
func (r *Room) accepted(e *entry, now time.Time) store.Accepted {
	n := e.note
	c := &n.Event.Channel
	a := store.Accepted{Due: now, Notification: store.Notification{
		ID: n.ID(), Type: n.Type(), Conversation: n.ConversationID(),
		Interaction: c.InteractionID.String(), Channel: c.ChannelID.String(),
		Role: n.Role(), Party: n.Name, Agent: c.Party.User.AgentID,
		Accepted: now, Fault: n.Fault.String(), Body: e.body, Signed: n.Signed, Keys: n.Keys,
	}}
	if a.Agent == "" {
		a.Agent = n.Event.User.AgentID
	}
	if e.run != nil {
		a.Run = e.run.id
	}
	if n.Fault != fault.Drop {
		a.To = r.roster.wanting(a.Type)
	}
	return a
}

// deliver hands new deliveries to the offices of their subscriptions.
func (r *Room) deliver(batch []store.Accepted, deliveries []store.Delivery) {
	notes := make(map[int64]*store.Notification, len(batch))
	for i := range batch {
		notes[batch[i].Number] = &batch[i].Notification
	}
	groups := map[string][]*letter{}
	for _, d := range deliveries {
		if n := notes[d.Notification]; n != nil && d.State == store.Waiting { // else its subscription was deleted just now
			groups[d.Subscription] = append(groups[d.Subscription], &letter{d: d, n: n})
		}
	}
	for id, letters := range groups {
		r.mu.Lock()
		o := r.offices[id]
		r.mu.Unlock()
		if o != nil {
			o.post(letters)
		}
	}
}
