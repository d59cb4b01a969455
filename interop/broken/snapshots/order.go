package snapshots

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// order are mistakes in what happened before what.
var order = []Row{
	{"phase-by-arrival", "takes the phase from what came last, and durations from the timestamps", rulebook.OrderByTimestamp, func(c *consumer) {
		learn, tell := c.learn, c.tell
		c.learn = func(s *snapshot, e *event) {
			learn(s, e)
			if phase := c.phase(e); phase != "" {
				s.note = phase
			}
		}
		c.tell = func(s *snapshot) map[string]any {
			m := tell(s)
			if s.note != "" {
				m["phase"] = s.note
			}
			return m
		}
	}},
	{"pairs-as-they-come", "adds a phase up when its end comes after its beginning, and forgets it otherwise", rulebook.OrderByTimestamp, func(c *consumer) {
		c.insert = func(s *snapshot, m mark) {
			if n := len(s.marks); n > 0 && m.at.Before(s.marks[n-1].at) {
				s.marks = append(s.marks, m) // the phase that lasted is over, and nobody knows how long it was
				return
			} else if n > 0 {
				s.spent[s.marks[n-1].phase] += c.span(s.marks[n-1], m)
			}
			s.marks = append(s.marks, m)
		}
	}},
	{"older-is-ignored", "counts what is older than the newest, and takes nothing else from it", rulebook.OrderByTimestamp, func(c *consumer) {
		insert := c.insert
		c.insert = func(s *snapshot, m mark) {
			if n := len(s.marks); n == 0 || c.compare(s.marks[n-1], m) <= 0 {
				insert(s, m)
			}
		}
	}},
	{"highest-phase", "has numbers for phases, and tells the highest one that was reached", rulebook.OrderByTimestamp, func(c *consumer) {
		tell := c.tell
		c.tell = func(s *snapshot) map[string]any {
			m, highest := tell(s), 0
			for _, have := range s.marks {
				if have.rank > highest {
					highest, m["phase"] = have.rank, have.phase
				}
			}
			return m
		}
	}},
	{"orders-by-time", "orders by time, the moment of sending in v0", rulebook.OrderNotByTime, func(c *consumer) {
		c.ties = false
		c.compare = func(a, b mark) int { return cmp.Or(strings.Compare(a.sent, b.sent), cmp.Compare(a.rank, b.rank)) }
	}},
	{"orders-by-id", "orders by id, since KSUIDs begin with a time", rulebook.OrderNotByTime, func(c *consumer) {
		c.ties = false
		c.compare = func(a, b mark) int { return strings.Compare(a.id, b.id) }
	}},
	{"newest-time-wins", "takes the phase from the notification with the newest time", rulebook.OrderNotByTime, func(c *consumer) {
		tell := c.tell
		c.tell = func(s *snapshot) map[string]any {
			m, newest := tell(s), mark{}
			for _, have := range s.marks {
				if cmp.Or(strings.Compare(have.sent, newest.sent), cmp.Compare(have.rank, newest.rank)) > 0 {
					newest, m["phase"] = have, have.phase
				}
			}
			return m
		}
	}},
	{"ties-by-id", "orders by id where timestamps are equal", rulebook.OrderSameInstant, func(c *consumer) {
		c.ties = false
		c.compare = func(a, b mark) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id, b.id)) }
	}},
	{"ties-by-name", "orders by the type's name where timestamps are equal", rulebook.OrderSameInstant, func(c *consumer) {
		c.ties = false
		c.compare = func(a, b mark) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.kind, b.kind)) }
	}},
	{"ties-by-rank", "orders types by a fixed list where timestamps are equal: a hold that follows a hold at once is over", rulebook.OrderSameInstant, func(c *consumer) {
		c.ties = false
	}},
	{"strictly-newer", "takes only what is strictly newer than what it has, in its place", rulebook.OrderSameInstant, func(c *consumer) {
		insert := c.insert
		c.insert = func(s *snapshot, m mark) {
			if !slices.ContainsFunc(s.marks, func(have mark) bool { return have.at.Equal(m.at) }) {
				insert(s, m)
			}
		}
	}},
	{"later-wins-ties", "puts what comes later behind what has the same timestamp", rulebook.OrderSameInstant, func(c *consumer) {
		c.ties = false
		c.compare = func(a, b mark) int { return a.at.Compare(b.at) }
	}},
	{"stamps-are-texts", "compares timestamps as texts", rulebook.CompareInstants, func(c *consumer) {
		c.ties = false
		c.compare = func(a, b mark) int { return cmp.Or(strings.Compare(a.stamp, b.stamp), cmp.Compare(a.rank, b.rank)) }
	}},
	{"dates-of-javascript", "orders by milliseconds, all that a Date of JavaScript holds", rulebook.CompareInstants, func(c *consumer) {
		c.ties = false
		c.compare = func(a, b mark) int {
			return cmp.Or(a.at.Truncate(time.Millisecond).Compare(b.at.Truncate(time.Millisecond)), cmp.Compare(a.rank, b.rank))
		}
	}},
	{"update-without-row", "updates the row that alerted has made, and does not see that there is none", rulebook.StoreBeforeAlerted, func(c *consumer) {
		c.without(http.StatusNoContent)
	}},
	{"not-found-until-alerted", "answers 404 to what comes before alerted", rulebook.StoreBeforeAlerted, func(c *consumer) {
		c.without(http.StatusNotFound)
	}},
	{"alerted-replaces", "makes the row anew on alerted, with INSERT OR REPLACE", rulebook.StoreBeforeAlerted, func(c *consumer) {
		learn := c.learn
		c.learn = func(s *snapshot, e *event) {
			if e.kind == "channel.alerted" {
				*s = snapshot{place: s.place, spent: map[string]time.Duration{}}
			}
			learn(s, e)
		}
	}},
	{"ended-is-final", "drops all that comes after ended, however late", rulebook.NeverReopen, func(c *consumer) {
		c.afterEnded(func(p *process, e *event) int { return http.StatusNoContent })
	}},
	{"ended-is-archived", "archives a channel that has ended; what comes later begins it anew", rulebook.NeverReopen, func(c *consumer) {
		c.afterEnded(func(p *process, e *event) int {
			p.lock.take()
			s := p.load(c.place(e))
			s.count, s.marks, s.spent = 0, nil, map[string]time.Duration{}
			p.commit("", s)
			p.lock.leave()
			return c.keep(p, e)
		})
	}},
	{"reopens", "clears the ended flag with whatever comes after it", rulebook.NeverReopen, func(c *consumer) {
		learn, tell := c.learn, c.tell
		c.learn = func(s *snapshot, e *event) {
			learn(s, e)
			if s.state() == "ended" {
				s.note = c.phase(e)
			}
		}
		c.tell = func(s *snapshot) map[string]any {
			m := tell(s)
			if s.note != "" {
				m["phase"] = s.note
			}
			return m
		}
	}},
}

// without answers what comes before the channel's row is there.
func (c *consumer) without(status int) {
	c.refuseKept(status, func(p *process, e *event) bool {
		return e.channel != "" && e.kind != "channel.alerted" && !p.has(c.place(e))
	})
}

// refuseKept is refuse for what depends on what is kept.
func (c *consumer) refuseKept(status int, some func(*process, *event) bool) {
	store := c.store
	c.store = func(p *process, e *event) int {
		if some(p, e) {
			return status
		}
		return store(p, e)
	}
}

// afterEnded does something else with new events of a channel of which ended has come.
func (c *consumer) afterEnded(f func(p *process, e *event) int) {
	c.store = func(p *process, e *event) int {
		if e.channel != "" && !p.knows(c.key(e)) && p.load(c.place(e)).state() == "ended" {
			return f(p, e)
		}
		return c.keep(p, e)
	}
}
