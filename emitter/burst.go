package emitter

import (
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
)

// Bursts is how much of one conversation was under way at once, of a plan without order. Requests
// count from their beginning to the end of the answer, retries too.
type Bursts struct {
	Released      uint64 `json:"released"`             // bursts of two or more whose first attempts began together
	MostOfStory   int    `json:"most_of_conversation"` // most requests in flight together, of one conversation
	MostOfChannel int    `json:"most_of_channel"`      // of one channel
}

// add takes over what others counted.
func (b *Bursts) add(o *Bursts) {
	b.Released += o.Released
	b.MostOfStory, b.MostOfChannel = max(b.MostOfStory, o.MostOfStory), max(b.MostOfChannel, o.MostOfChannel)
}

// burst is first attempts of one story that begin together: the first ones of them wait until
// each has its worker, and with it a connection. Those that are more than there are connections
// follow.
type burst struct {
	members []*delivery
	missing int // workers that must come before it leaves
	open    int // members whose first attempt is not settled
}

// bursts are those of one target. The outbox's lock guards them.
type bursts struct {
	Bursts
	used     bool   // the plan has no order
	coming   *burst // whose members are being handed out; nil: none
	spare    []*burst
	stories  flights[uint64]
	channels flights[event.GUID]
}

// gather adds a first attempt to the burst that is being handed out.
func (o *outbox) gather(d *delivery) {
	b := &o.bursts
	b.used = true
	if b.coming == nil {
		if n := len(b.spare); n > 0 {
			b.coming, b.spare = b.spare[n-1], b.spare[:n-1]
		} else {
			b.coming = new(burst)
		}
	}
	d.burst = b.coming
	d.burst.members = append(d.burst.members, d)
}

// closeBurst lets the burst that was handed out begin. With a schedule it waits for nobody; without
// one, where time would not part them, for the burst of its story before it.
func (o *outbox) closeBurst() {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.bursts.coming
	if b == nil {
		return
	}
	o.bursts.coming = nil
	b.open = len(b.members)
	b.missing = min(b.open, o.connections)
	if first := b.members[0]; !o.timeless || o.order.Add(first.note.Story, first) {
		o.beginBurst(b)
	}
}

func (o *outbox) beginBurst(b *burst) {
	for _, d := range b.members {
		o.ready.First.Push(d)
		o.wake()
	}
}

// together waits until the burst of what was taken may leave. It is false if nothing may any more.
func (o *outbox) together(b *burst) bool {
	if b.missing--; b.missing == 0 {
		if len(b.members) > 1 {
			o.bursts.Released++
		}
		o.leave.Broadcast()
	}
	for b.missing > 0 && !o.stopping {
		o.leave.Wait()
	}
	return !o.stopping
}

// settleBurst notes that the first attempt of d has ended.
func (o *outbox) settleBurst(d *delivery) {
	b, story := d.burst, d.note.Story
	d.burst = nil
	if b.open--; b.open > 0 {
		return
	}
	clear(b.members)
	b.members = b.members[:0]
	o.bursts.spare = append(o.bursts.spare, b)
	if !o.timeless {
		return
	}
	if next, more := o.order.Done(story); more {
		o.beginBurst(next.burst)
	}
}

// drain takes out what waits: the bursts of which the first members are known, and the one that
// is coming.
func (b *bursts) drain(first []*delivery) (all []*delivery) {
	for _, d := range first {
		if d.burst == nil {
			all = append(all, d)
		} else {
			all = append(all, d.burst.members...)
		}
	}
	if b.coming != nil {
		all = slices.Concat(all, b.coming.members)
		b.coming = nil
	}
	return all
}

// flights counts what is in flight of each kind.
type flights[K comparable] map[K]int

func (f flights[K]) end(k K) {
	if f[k]--; f[k] == 0 {
		delete(f, k)
	}
}

// begins notes that a request about n begins, of a plan without order.
func (o *outbox) begins(n *plan.Notification) {
	if n.Burst == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	b := &o.bursts
	if b.stories == nil {
		b.stories, b.channels = flights[uint64]{}, flights[event.GUID]{}
	}
	b.stories[n.Story]++
	b.MostOfStory = max(b.MostOfStory, b.stories[n.Story])
	if c := n.Event.Channel.ChannelID; c != (event.GUID{}) {
		b.channels[c]++
		b.MostOfChannel = max(b.MostOfChannel, b.channels[c])
	}
}

// ends notes that it has ended.
func (o *outbox) ends(n *plan.Notification) {
	if n.Burst == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bursts.stories.end(n.Story)
	if c := n.Event.Channel.ChannelID; c != (event.GUID{}) {
		o.bursts.channels.end(c)
	}
}
