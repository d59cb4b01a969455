package snapshots

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// crashes are mistakes in what is on the disk when the consumer is killed.
var crashes = []Row{
	{"memory-only", "keeps all in memory", rulebook.StoreBeforeAnswer, func(c *consumer) {
		c.persists(func(*process, string, *snapshot) {})
	}},
	{"write-behind", "writes to the disk 100 ms after it has answered", rulebook.StoreBeforeAnswer, func(c *consumer) {
		c.persists(func(p *process, key string, s *snapshot) {
			time.AfterFunc(100*time.Millisecond, func() { p.persist(key, s) })
		})
	}},
	{"async-without-await", "stores 10 ms after it has answered", rulebook.StoreBeforeAnswer, func(c *consumer) {
		c.store = func(p *process, e *event) int {
			time.AfterFunc(10*time.Millisecond, func() { c.keep(p, e) })
			return http.StatusNoContent
		}
	}},
	{"batches-of-20", "writes 20 notifications at once, and has answered them before", rulebook.StoreBeforeAnswer, func(c *consumer) {
		var waiting []func() // used under the lock
		c.persists(func(p *process, key string, s *snapshot) {
			if waiting = append(waiting, func() { p.persist(key, s) }); len(waiting) >= 20 {
				for _, write := range waiting {
					write()
				}
				waiting = nil
			}
		})
		c.restarted = func(*process) { waiting = nil }
	}},
	{"written-when-ended", "keeps a call in memory, and writes it when it has ended", rulebook.StoreBeforeAnswer, func(c *consumer) {
		keys := map[place][]string{} // used under the lock
		c.persists(func(p *process, key string, s *snapshot) {
			if s == nil {
				p.persist(key, nil)
				return
			}
			if keys[s.place] = append(keys[s.place], key); s.state() == "ended" {
				for _, key := range keys[s.place] {
					p.persist(key, s)
				}
				delete(keys, s.place)
			}
		})
		c.restarted = func(*process) { clear(keys) }
	}},
	{"counter-in-memory", "keeps the number of notifications in memory only", rulebook.StoreBeforeAnswer, func(c *consumer) {
		c.persists(func(p *process, key string, s *snapshot) {
			if s != nil {
				s = s.clone()
				s.count = 0
			}
			p.persist(key, s)
		})
	}},
	{"marks-then-stores", "writes the id, and 15 ms later the channel", rulebook.WholeOrNothing, func(c *consumer) {
		c.persists(func(p *process, key string, s *snapshot) {
			p.persist(key, nil)
			time.Sleep(15 * time.Millisecond)
			p.persist("", s)
		})
	}},
	{"stores-then-marks", "writes the channel, and 15 ms later the id", rulebook.WholeOrNothing, func(c *consumer) {
		c.persists(func(p *process, key string, s *snapshot) {
			p.persist("", s)
			time.Sleep(15 * time.Millisecond)
			p.persist(key, nil)
		})
	}},
	{"seen-in-memory", "keeps the ids that it has seen in memory", rulebook.RememberAcrossRestart, func(c *consumer) {
		c.persists(func(p *process, _ string, s *snapshot) { p.persist("", s) })
	}},
	{"warms-up-with-100", "reads the last 100 ids when it starts", rulebook.RememberAcrossRestart, func(c *consumer) {
		c.restarted = func(p *process) {
			newest := slices.SortedFunc(maps.Keys(p.seen), func(a, b string) int {
				return cmp.Or(p.seen[b].Compare(p.seen[a]), cmp.Compare(a, b))
			})
			for _, key := range newest[min(100, len(newest)):] {
				delete(p.seen, key)
			}
		}
	}},
	{"clears-ids-by-200", "empties its table of ids after each 200 notifications", rulebook.RememberLong, func(c *consumer) {
		var n atomic.Int64
		c.store = func(p *process, e *event) int {
			if n.Add(1)%200 == 0 {
				p.lock.take()
				p.forget()
				p.lock.leave()
			}
			return c.keep(p, e)
		}
	}},
}

// persists is keep with another way to the disk.
func (c *consumer) persists(write func(p *process, key string, s *snapshot)) {
	c.store = func(p *process, e *event) int {
		p.lock.take()
		defer p.lock.leave()
		if key := c.key(e); !p.knows(key) {
			var s *snapshot
			if e.channel != "" {
				s = p.load(c.place(e))
				c.learn(s, e)
			}
			p.write(key, s)
			write(p, key, s)
		}
		return http.StatusNoContent
	}
}

// forget forgets the keys.
func (t *table) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.seen)
}
