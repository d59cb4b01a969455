package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/seeded"
)

// mostTogether is how many notifications of a plan are in a burst, at most: any two and three of
// a conversation meet often, and few connections suffice.
const mostTogether = 8

// bursts lets the notifications of a conversation leave together: each waits until the last one
// of its burst is due, or the last one before the end of a rate of events. The size of each burst and the order in it follow from the seed, the
// conversation and the number of the burst alone.
type bursts struct {
	plan  *Plan
	src   source
	last  time.Duration     // the moment of the notification taken last
	alive map[uint64]*burst // by conversation
	spare []*burst
	free  []*Notification // to be used again
	give  func(n *Notification, more bool) bool
}

// burst is one that comes together.
type burst struct {
	number uint32
	size   int
	key    seeded.Key // of its conversation
	held   []*Notification
}

func newBursts(p *Plan, src source, give func(*Notification, bool) bool) *bursts {
	return &bursts{plan: p, src: src, alive: map[uint64]*burst{}, give: give}
}

// add takes the next notification. More reports whether others of its conversation follow.
func (b *bursts) add(n *Notification, more bool) bool {
	b.last = n.Due
	g := b.alive[n.Story]
	if g == nil {
		g = b.begin(n.Story)
	}
	if len(g.held) == 0 {
		g.number++
		src := g.key.With(uint64(g.number)).Source()
		g.size = sizeOf(&src)
	}
	n.Burst = g.number
	g.held = append(g.held, b.keep(n))
	if more && len(g.held) < g.size && !b.src.closes() {
		return true
	}
	whole := b.leave(g, more)
	if !more {
		delete(b.alive, n.Story)
		b.spare = append(b.spare, g)
	}
	return whole
}

// cutsBursts reports whether the end of the plan's time cuts bursts short. Where conversations begin by themselves, a burst that
// is not whole by then is not due. A rate of events has given each notification of it a slot, which is to send one.
func (p *Plan) cutsBursts() bool {
	return p.opts.Unordered && !p.opts.Events.IsZero() && p.until != endless
}

// flush lets what is held leave at the moment of the notification taken last: the few bursts of which more was expected before
// the plan's end.
func (b *bursts) flush() bool {
	for _, story := range slices.Sorted(maps.Keys(b.alive)) {
		g := b.alive[story]
		if len(g.held) == 0 {
			continue
		}
		g.held[len(g.held)-1].Due = b.last
		if !b.leave(g, true) {
			return false
		}
	}
	return true
}

// size is how much memory they take.
func (b *bursts) size() int64 {
	if b == nil {
		return 0
	}
	return int64(len(b.alive))*int64(2*sizeOfMembers+(mostTogether+1)/2*sizeOfNotification) + int64(len(b.free)*sizeOfNotification)
}

// begin makes the bursts of a conversation.
func (b *bursts) begin(story uint64) *burst {
	var g *burst
	if n := len(b.spare); n > 0 {
		g, b.spare = b.spare[n-1], b.spare[:n-1]
	} else {
		g = new(burst)
	}
	*g = burst{key: seeded.From(b.plan.opts.Seed).With(namePlay).With(story).With(nameBurst), held: g.held[:0]}
	b.alive[story] = g
	return g
}

// keep holds a notification back.
func (b *bursts) keep(n *Notification) *Notification {
	var held *Notification
	if n := len(b.free); n > 0 {
		held, b.free = b.free[n-1], b.free[:n-1]
	} else {
		held = new(Notification)
	}
	*held = *n
	return held
}

// sizeOf draws how large a burst is: one of four leaves alone.
func sizeOf(src *seeded.Source) int {
	if src.Below(4) == 0 {
		return 1
	}
	return 2 + int(src.Below(mostTogether-1))
}

// leave gives a burst away, all of it at the moment of its last one.
func (b *bursts) leave(g *burst, more bool) bool {
	end := g.held[len(g.held)-1]
	due, live, queued := end.Due, end.Live, end.Queued
	src := g.key.With(uint64(g.number)).With(nameDraw).Source()
	for i := len(g.held) - 1; i > 0; i-- {
		j := src.Below(uint64(i) + 1)
		g.held[i], g.held[j] = g.held[j], g.held[i]
	}
	going := true
	for i, n := range g.held {
		n.Due, n.Live, n.Queued = due, live, queued
		n.Together, n.Follow = uint8(len(g.held)), uint8(len(g.held)-1-i)
		going = going && b.give(n, more || i < len(g.held)-1)
		b.free = append(b.free, n)
	}
	g.held = g.held[:0]
	return going
}

// counter says of the notifications of a burst how many there are, where faults have taken some out
// and put others in.
type counter struct {
	yield func(Notification) bool
	held  []Notification // of one burst
}

func (c *counter) add(n Notification) bool {
	if len(c.held) > 0 {
		if first := &c.held[0]; first.Story == n.Story && first.Burst == n.Burst && first.Due == n.Due {
			c.held = append(c.held, n)
			return true
		}
	}
	going := c.flush()
	c.held = append(c.held, n)
	return going
}

// flush gives away what is held.
func (c *counter) flush() bool {
	going := true
	for i := range c.held {
		n := &c.held[i]
		n.Together, n.Follow = uint8(len(c.held)), uint8(len(c.held)-1-i) // each fault adds one, at most
		going = going && c.yield(*n)
	}
	c.held = c.held[:0]
	return going
}
