package snapshots

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// identity are mistakes in what is the same and what is not.
var identity = []Row{
	{"counter-before-check", "counts before it looks whether it has seen the notification", rulebook.CountOnce, func(c *consumer) {
		c.store = func(p *process, e *event) int {
			p.lock.take()
			if e.channel != "" && p.knows(c.key(e)) && p.has(c.place(e)) {
				s := p.load(c.place(e))
				s.count++
				p.commit("", s)
			}
			p.lock.leave()
			return c.keep(p, e)
		}
	}},
	{"ids-without-source", "has a set of ids, without their source", rulebook.KeyIsSourceAndID, func(c *consumer) {
		c.key = func(e *event) string { return e.id }
	}},
	{"lower-case-ids", "keeps ids in lower case", rulebook.IDsAreCaseSensitive, func(c *consumer) {
		c.key = func(e *event) string { return e.source + " " + strings.ToLower(e.id) }
	}},
	{"key-is-the-content", "takes type and data for the key of duplicates", rulebook.NewIDIsNew, func(c *consumer) {
		c.key = func(e *event) string {
			data, _ := json.Marshal(e.data) // it came from JSON
			sum := sha256.Sum256(data)
			return e.kind + e.version + hex.EncodeToString(sum[:])
		}
	}},
	{"key-is-channel-and-moment", "takes channel and timestamp for the key of duplicates: of two events in one instant it knows one", rulebook.NewIDIsNew, func(c *consumer) {
		c.key = func(e *event) string { return e.subject + e.stamp + e.version }
	}},
	{"bloom-filter", "keeps ids in a Bloom filter of 4,096 bits, which takes new ones for old ones by and by", rulebook.NewIDIsNew, func(c *consumer) {
		c.bloom(4096)
	}},
	{"last-id-only", "compares with the last notification of the channel only", rulebook.RememberLong, func(c *consumer) {
		c.forgets(func(since int, _ time.Time) bool { return since == 0 }, func(e *event) string { return e.subject })
	}},
	{"lru-of-1000", "remembers the last 1,000 ids", rulebook.RememberLong, func(c *consumer) {
		c.forgets(func(since int, _ time.Time) bool { return since < 1000 }, func(*event) string { return "" })
	}},
	{"seen-for-30s", "remembers ids for 30 s", rulebook.RememberLong, func(c *consumer) {
		c.forgets(func(_ int, at time.Time) bool { return time.Since(at) < 30*time.Second }, func(*event) string { return "" })
	}},
	{"conversation-is-interaction", "takes the conversation for the interaction", rulebook.InteractionFromData, func(c *consumer) {
		c.change(func(e *event) { e.interaction = e.conversation })
	}},
	{"one-interaction", "gives all channels of a conversation the interaction of the first one that came", rulebook.InteractionFromData, func(c *consumer) {
		c.whole(func(all []*snapshot, s *snapshot) {
			if len(all) > 0 {
				s.interaction = all[0].interaction
			}
		})
	}},
	{"agent-is-a-number", "tells agentId as a number", rulebook.AgentIDIsText, func(c *consumer) {
		c.agents(func(id string) any {
			v, err := strconv.ParseFloat(id, 64)
			if err != nil {
				return nil // NaN becomes null
			}
			return v
		})
	}},
	{"octal-agents", "reads agentId from YAML 1.1: 0150 becomes 104", rulebook.AgentIDIsText, func(c *consumer) {
		c.agents(func(id string) any {
			if v, err := strconv.ParseInt(id, 8, 64); err == nil && id[0] == '0' {
				return strconv.FormatInt(v, 10)
			}
			return id
		})
	}},
	{"channel-of-the-agent", "keeps one channel for each agent of a conversation: one that is offered it again keeps the old one", rulebook.ChannelsApart, func(c *consumer) {
		c.merges(func(s *snapshot, e *event) bool { return s.agent != nil && s.agent == e.agent })
	}},
	{"channel-of-the-role", "keeps one channel for each role of an interaction", rulebook.ChannelsApart, func(c *consumer) {
		c.merges(func(s *snapshot, e *event) bool { return s.role == e.role && s.interaction == e.interaction })
	}},
	{"call-of-the-agent", "takes what comes about an agent for a part of the call that he had last", rulebook.ConversationsApart, func(c *consumer) {
		current := map[any]string{} // used under the lock
		c.place = func(e *event) place {
			if e.kind == "channel.alerted" || current[e.agent] == "" {
				current[e.agent] = e.conversation
			}
			if e.agent == nil {
				return place{e.conversation, e.channel}
			}
			return place{current[e.agent], e.channel}
		}
	}},
}

// forgets knows a key again only while it is recent: by how many keys of its group came since, or
// by when it came.
func (c *consumer) forgets(recent func(since int, at time.Time) bool, group func(*event) string) {
	type entry struct {
		nth int
		at  time.Time
	}
	seen, counts := map[string]entry{}, map[string]int{} // used under the lock
	c.store = func(p *process, e *event) int {
		p.lock.take()
		defer p.lock.leave()
		g, key := group(e), c.key(e)
		if have, is := seen[key]; is && recent(counts[g]-have.nth, have.at) {
			return http.StatusNoContent
		}
		var s *snapshot
		if e.channel != "" {
			s = p.load(c.place(e))
			c.learn(s, e)
		}
		if p.commit(key, s) {
			counts[g]++
			seen[key] = entry{counts[g], time.Now()}
		}
		return http.StatusNoContent
	}
}

// bloom keeps keys in a filter.
func (c *consumer) bloom(bits uint32) {
	filter := map[uint32]bool{}
	c.store = func(p *process, e *event) int {
		p.lock.take()
		defer p.lock.leave()
		seen := true
		for i := range byte(3) {
			h := fnv.New32a()
			_, _ = h.Write(append([]byte{i}, c.key(e)...)) // it never fails
			seen = seen && filter[h.Sum32()%bits]
			filter[h.Sum32()%bits] = true
		}
		if !seen && e.channel != "" {
			s := p.load(c.place(e))
			c.learn(s, e)
			p.commit(c.key(e), s)
		}
		return http.StatusNoContent
	}
}

// whole lets a new snapshot see those of its conversation.
func (c *consumer) whole(f func(all []*snapshot, s *snapshot)) {
	learn := c.learn
	c.learn = func(s *snapshot, e *event) {
		fresh := !s.known
		learn(s, e)
		if fresh {
			f(c.now.Load().conversation(e.conversation), s)
		}
	}
}

// agents changes how agentId is told.
func (c *consumer) agents(f func(id string) any) {
	tell := c.tell
	c.tell = func(s *snapshot) map[string]any {
		m := tell(s)
		if id, is := s.agent.(string); is {
			m["agentId"] = f(id)
		}
		return m
	}
}

// merges keeps an event in the first snapshot of the conversation that is taken for its own.
func (c *consumer) merges(same func(*snapshot, *event) bool) {
	c.place = func(e *event) place {
		for _, s := range c.now.Load().conversation(e.conversation) {
			if same(s, e) {
				return s.place
			}
		}
		return place{e.conversation, e.channel}
	}
}
