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
	if c.ties {
		c.settle(s, m.at)
	}
}

// settle puts the marks of each instant, from one on, into an order in which each may follow the one
// before, if there is one: a channel that was held can be retrieved and held again within an instant,
// and one that was connected can be held and retrieved.
func (c *consumer) settle(s *snapshot, at time.Time) {
	was := slices.Clone(s.marks)
	for from := slices.IndexFunc(s.marks, func(m mark) bool { return m.at.Equal(at) }); from < len(s.marks); {
		to := from
		for to < len(s.marks) && s.marks[to].at.Equal(s.marks[from].at) {
			to++
		}
		s.arrange(from, to)
		from = to
	}
	if !slices.Equal(was, s.marks) {
		clear(s.spent)
		for i := range len(s.marks) - 1 {
			s.spent[s.marks[i].phase] += c.span(s.marks[i], s.marks[i+1])
		}
	}
}

// arrange orders the marks of one instant.
func (s *snapshot) arrange(from, to int) {
	if from == 0 || to-from < 2 {
		return
	}
	group, kinds := s.marks[from:to], []string(nil)
	slices.SortStableFunc(group, byMoment)
	for _, m := range group {
		if !slices.Contains(kinds, m.kind) { // v0 and v1 of one event stay together
			kinds = append(kinds, m.kind)
		}
	}
	if order := lawful(kinds, s.marks[from-1].phase); order != nil {
		slices.SortStableFunc(group, func(a, b mark) int { return slices.Index(order, a.kind) - slices.Index(order, b.kind) })
	}
}

// lawful puts kinds into an order that is possible from a phase on; nil if there is none.
func lawful(kinds []string, phase string) []string {
	if len(kinds) == 0 {
		return []string{}
	}
	for i, kind := range kinds {
		if slices.Contains(follows[phase], kind) {
			rest := slices.Delete(slices.Clone(kinds), i, i+1)
			if tail := lawful(rest, phases[kind]); tail != nil {
				return append([]string{kind}, tail...)
			}
		}
	}
	return nil
}

// follows are the kinds that may come in a phase.
var follows = map[string][]string{
	"alerting":    {"channel.connected", "channel.connectionfailed", "channel.ended"},
	"connected":   {"channel.held", "channel.parked", "channel.interrupted", "channel.wrapstarted", "channel.ended"},
	"held":        {"channel.retrieved", "channel.wrapstarted", "channel.ended"},
	"parked":      {"channel.unparked", "channel.wrapstarted", "channel.ended"},
	"interrupted": {"channel.resumed", "channel.wrapstarted", "channel.ended"},
	"unexpected":  {"channel.ended"},
	"wrap":        {"channel.ended"},
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
