package snapshots

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// roundTrip is how long a database takes.
const roundTrip = 3 * time.Millisecond

// concurrency are mistakes that show when much happens at once, or when something fails.
var concurrency = []Row{
	{"one-current-event", "keeps the event that it works on in a global variable", rulebook.ConcurrentConversations, func(c *consumer) {
		var current atomic.Pointer[event]
		c.store = func(p *process, e *event) int {
			current.Store(e)
			time.Sleep(roundTrip)
			return c.keep(p, current.Load())
		}
	}},
	{"read-modify-write", "reads a channel, changes it and writes it back, without a lock", rulebook.ConcurrentNotifications, func(c *consumer) {
		c.unlocked(func(p *process, e *event) {
			s := p.load(c.place(e))
			time.Sleep(roundTrip)
			c.learn(s, e)
			p.commit(c.key(e), s)
		})
	}},
	{"document-of-the-call", "reads the document of a conversation and writes it back, without a lock", rulebook.ConcurrentNotifications, func(c *consumer) {
		c.unlocked(func(p *process, e *event) {
			all := p.conversation(e.conversation)
			s := p.load(c.place(e))
			time.Sleep(roundTrip)
			c.learn(s, e)
			for _, other := range all {
				if other.place != s.place {
					p.commit("", other)
				}
			}
			p.commit(c.key(e), s)
		})
	}},
	{"optimistic-without-retry", "catches the exception of its optimistic lock, and answers 204", rulebook.ConcurrentNotifications, func(c *consumer) {
		c.unlocked(func(p *process, e *event) {
			s := p.load(c.place(e))
			version := s.count
			time.Sleep(roundTrip)
			c.learn(s, e)
			p.lock.take()
			defer p.lock.leave()
			if p.load(s.place).count == version {
				p.commit(c.key(e), s)
			}
		})
	}},
	{"first-insert-wins", "makes a channel's row if there is none, and of two at once it keeps one", rulebook.ConcurrentNotifications, func(c *consumer) {
		c.unlocked(func(p *process, e *event) {
			if fresh := !p.has(c.place(e)); fresh {
				time.Sleep(roundTrip)
				p.lock.take()
				if p.has(c.place(e)) { // ON CONFLICT DO NOTHING
					p.lock.leave()
					return
				}
			} else {
				p.lock.take()
			}
			defer p.lock.leave()
			s := p.load(c.place(e))
			c.learn(s, e)
			p.commit(c.key(e), s)
		})
	}},
	{"check-then-insert", "looks for the id, works, and inserts it", rulebook.ConcurrentDuplicates, func(c *consumer) {
		c.store = func(p *process, e *event) int {
			if p.knows(c.key(e)) {
				return http.StatusNoContent
			}
			time.Sleep(roundTrip)
			p.lock.take()
			defer p.lock.leave()
			var s *snapshot
			if e.channel != "" {
				s = p.load(c.place(e))
				c.learn(s, e)
			}
			p.commit(c.key(e), s)
			return http.StatusNoContent
		}
	}},
	{"marked-though-it-failed", "marks the id as seen before it stores, and keeps that when its database fails, each ninth time", rulebook.RetryIsNoDuplicate, func(c *consumer) {
		c.fails(func(p *process, e *event) { p.commit(c.key(e), nil) })
	}},
	{"marked-though-it-was-busy", "marks the id as seen, and answers 503 while another request has the conversation", rulebook.RetryIsNoDuplicate, func(c *consumer) {
		busy := newTable() // conversations, with what is at work in each
		c.store = func(p *process, e *event) int {
			key := c.key(e)
			if p.knows(key) {
				return http.StatusNoContent
			}
			if e.channel == "" {
				return c.keep(p, e)
			}
			if !busy.claim(e.conversation) {
				p.commit(key, nil)
				return http.StatusServiceUnavailable
			}
			time.Sleep(roundTrip)
			defer busy.disclaim(e.conversation)
			return c.keep(p, e)
		}
	}},
	{"counts-each-attempt", "has counted a notification when its database fails, each ninth time, and counts the retry", rulebook.WholeOrNothing, func(c *consumer) {
		c.fails(func(p *process, e *event) {
			if e.channel != "" {
				p.lock.take()
				s := p.load(c.place(e))
				s.introduce(e)
				s.count++
				p.commit("", s)
				p.lock.leave()
			}
		})
	}},
	{"slower-and-slower", "looks ids up in a list: from 2,000 on each one costs 50 µs more", rulebook.Endure, func(c *consumer) {
		var n atomic.Int64
		c.store = func(p *process, e *event) int {
			time.Sleep(time.Duration(n.Add(1)-2000) * 50 * time.Microsecond)
			return c.keep(p, e)
		}
		c.restarted = func(*process) { n.Store(0) }
	}},
	{"too-many-open-files", "opens a file for each notification and closes none: from 2,500 on all fail", rulebook.Endure, func(c *consumer) {
		var n atomic.Int64
		c.store = func(p *process, e *event) int {
			if n.Add(1) > 2500 {
				return http.StatusInternalServerError
			}
			return c.keep(p, e)
		}
		c.restarted = func(*process) { n.Store(0) }
	}},
}

// unlocked stores new events without a lock. The same event never comes in twice.
func (c *consumer) unlocked(f func(*process, *event)) {
	c.store = func(p *process, e *event) int {
		if e.channel == "" {
			return c.keep(p, e)
		}
		if p.claim(c.key(e)) {
			f(p, e)
		}
		return http.StatusNoContent
	}
}

// fails answers 503 each ninth time, and has done something before.
func (c *consumer) fails(f func(*process, *event)) {
	var n atomic.Int64
	c.store = func(p *process, e *event) int {
		if !p.knows(c.key(e)) && n.Add(1)%9 == 0 {
			f(p, e)
			return http.StatusServiceUnavailable
		}
		return c.keep(p, e)
	}
}

// claim marks a key in memory, unless it is there.
func (t *table) claim(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, seen := t.seen[key]; seen {
		return false
	}
	t.seen[key] = time.Now()
	return true
}

func (t *table) disclaim(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, key)
}
