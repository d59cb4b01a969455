package snapshots

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"time"
)

// place is where a snapshot is kept.
type place struct{ conversation, channel string }

// snapshot is what is known of a channel.
type snapshot struct {
	place
	interaction, role string
	agent             any
	marks             []mark                   // the changes of its phase, in order
	spent             map[string]time.Duration // in phases that are over
	count             int
	known             bool   // something was learned of it
	note              string // what single mistakes remember
}

// mark is a change of the phase.
type mark struct {
	at              time.Time
	rank            int
	kind, phase     string
	sent, id, stamp string
	arrived         time.Time
}

func (s *snapshot) clone() *snapshot {
	c := *s
	c.marks, c.spent = slices.Clone(s.marks), maps.Clone(s.spent)
	return &c
}

// state is the phase it is in.
func (s *snapshot) state() string {
	if len(s.marks) == 0 {
		return ""
	}
	return s.marks[len(s.marks)-1].phase
}

// follow brings a snapshot up to date.
func (c *consumer) follow(s *snapshot, e *event) {
	s.introduce(e)
	s.count++
	if c.phase(e) != "" {
		c.insert(s, c.mark(e))
	}
}

// introduce notes whose channel it is.
func (s *snapshot) introduce(e *event) {
	if !s.known {
		s.known, s.interaction, s.role, s.agent = true, e.interaction, e.role, e.agent
	}
}

func (c *consumer) marked(e *event) mark {
	return mark{at: e.at, rank: ranks[e.kind], kind: e.kind, phase: c.phase(e), sent: e.sent, id: e.id, stamp: e.stamp, arrived: e.arrived}
}

func byMoment(a, b mark) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.rank, b.rank)) }

// put puts a mark into its place. What lay across it is parted there.
func (c *consumer) put(s *snapshot, m mark) {
	i := sort.Search(len(s.marks), func(i int) bool { return c.compare(s.marks[i], m) > 0 })
	before, after := i > 0, i < len(s.marks)
	if before && after {
		s.spent[s.marks[i-1].phase] -= c.span(s.marks[i-1], s.marks[i])
	}
	if before {
		s.spent[s.marks[i-1].phase] += c.span(s.marks[i-1], m)
	}
	if after {
		s.spent[m.phase] += c.span(m, s.marks[i])
	}
	s.marks = slices.Insert(s.marks, i, m)
}

// told is a channel as it is told.
func told(s *snapshot) map[string]any {
	seconds := map[string]float64{}
	for phase, d := range s.spent {
		if phase != "ended" {
			seconds[phase] = d.Seconds()
		}
	}
	return map[string]any{"channelId": s.channel, "interactionId": s.interaction, "role": s.role, "agentId": s.agent,
		"phase": s.state(), "seconds": seconds, "notifications": s.count}
}
