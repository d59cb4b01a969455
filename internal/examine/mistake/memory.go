package mistake

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// memory is what a simulated consumer has stored of a trial.
type memory struct {
	*consumer
	seen []int // keys
	left []int // of these, what failed attempts left
	torn bool  // half of something is stored, and nothing behind it

	spoilt []spoilt // what was stored behind such halves

	ended  map[string]time.Time // when something did whose keys are forgotten later
	scopes map[int]string       // what keys are forgotten with, of consumers that forget them with something
	keys   keys
	calls  map[string]*call
	last   map[any]string // conversation of an agent
	nth    int

	room []fact // for the facts of channels that become known
}

// spoilt is what is gone after the next start.
type spoilt struct{ key, nth int }

// call is a conversation.
type call struct {
	channels []*part // in the order in which they became known
}

// part is what is stored of a channel.
type part struct {
	key    string
	first  *trial.Note
	last   *trial.Note
	facts  []fact
	others int // notifications of unknown types
	empty  int // notifications that are counted, of which nothing else is left
}

func newMemory(c *consumer) *memory {
	return &memory{consumer: c, calls: map[string]*call{}}
}

// keys numbers the keys of notifications.
type keys map[string]int

// number is that of a step's key.
func (k *keys) number(c *consumer, st *step) int {
	if c.key == nil && !c.each {
		return st.key
	}
	of := c.key
	if of == nil {
		of = byID.key
	}
	key := of(&st.delivery.Note)
	if c.each {
		key += "\n" + strconv.Itoa(st.answer.Connection)
	}
	n, known := (*k)[key]
	if !known {
		if *k == nil {
			*k = keys{}
		}
		n = len(*k)
		(*k)[key] = n
	}
	return n
}

func (m *memory) crash() {
	for _, s := range m.spoilt {
		m.lose(s)
	}
	m.spoilt = nil
	switch m.loses {
	case everything:
		m.seen = nil
		clear(m.calls)
	case theKeys:
		m.seen = nil
	}
	if m.tidies {
		m.tidy()
	}
	if m.counts {
		m.countAnew()
	}
	if m.fleeting {
		m.seen = slices.DeleteFunc(m.seen, func(key int) bool { return slices.Contains(m.left, key) })
	}
}

// countAnew forgets how many notifications there were, and nothing else of them.
func (m *memory) countAnew() {
	for _, k := range m.calls {
		for _, p := range k.channels {
			p.others, p.empty = 0, 0
			for i := range p.facts {
				p.facts[i].missed = true
			}
		}
	}
}

// lose forgets something altogether.
func (m *memory) lose(s spoilt) {
	m.seen = slices.DeleteFunc(m.seen, func(key int) bool { return key == s.key })
	for _, k := range m.calls {
		for _, p := range k.channels {
			p.facts = slices.DeleteFunc(p.facts, func(f fact) bool { return f.nth == s.nth })
		}
		k.channels = slices.DeleteFunc(k.channels, func(p *part) bool { return len(p.facts) == 0 && p.others == 0 && p.empty == 0 })
	}
}

// leave is what an attempt leaves behind that was not answered.
func (m *memory) leave(st *step, left leftover) {
	switch left {
	case theKey:
		if key := m.keys.number(m.consumer, st); !slices.Contains(m.seen, key) {
			m.seen, m.left = append(m.seen, key), append(m.left, key)
		}
	case theFact:
		m.keep(st)
	case theCount:
		m.keep(st)
		if p := m.partOf(st); p != nil {
			p.facts, p.empty = p.facts[:len(p.facts)-1], p.empty+1
		}
	case theUncounted:
		m.store(st, true)
		if p := m.partOf(st); p != nil && st.attempt {
			p.facts[len(p.facts)-1].missed = true
		}
	case theTear, theHalf:
		m.torn = st.attempt
	default:
		m.store(st, true)
	}
}

// store takes a notification, unless it is a duplicate, which checked has it find out.
func (m *memory) store(st *step, checked bool) {
	if m.torn && m.failed == theHalf {
		m.torn = false
		return
	}
	if checked && !m.blind {
		m.outlive(st.at)
		key := m.keys.number(m.consumer, st)
		if slices.Contains(m.seen, key) {
			return
		}
		m.seen = append(m.seen, key)
		if m.torn {
			m.torn, m.spoilt = false, append(m.spoilt, spoilt{key, m.nth + 1})
		}
		if m.keysOf != nil {
			if m.scopes == nil {
				m.scopes = map[int]string{}
			}
			m.scopes[key] = m.keysOf(&st.delivery.Note)
		}
	}
	m.keep(st)
	if m.keysOf != nil && st.fact.kind == "channel.ended" {
		m.end(m.keysOf(&st.delivery.Note), st.at)
	}
}

// usually is how much happens to a channel at the most.
const usually = 8

// keep takes a notification.
func (m *memory) keep(st *step) {
	n := &st.delivery.Note
	if n.Channel == "" {
		return
	}
	id := m.conversationOf(st)
	if m.byAgent != "" && n.AgentID != nil {
		id = m.ofAgent(n, st.fact.kind, id)
	}
	k := m.calls[id]
	if !st.known && k == nil {
		return
	}
	if k == nil {
		k = &call{}
		m.calls[id] = k
	}
	if m.drops != nil && m.drops(k, st) {
		return
	}
	ch := m.channelOf(st)
	at := slices.IndexFunc(k.channels, func(p *part) bool { return p.key == ch })
	switch {
	case at >= 0:
	case !st.known:
		return
	default:
		at = len(k.channels)
		k.channels = append(k.channels, &part{key: ch, first: n, facts: m.emptyFacts()})
	}
	p := k.channels[at]
	if !st.known {
		p.others++
		return
	}
	m.nth++
	f := st.fact
	f.nth = m.nth
	p.facts = append(p.facts, f)
	p.last = n
}

// emptyFacts have room for what usually happens to a channel. More goes elsewhere.
func (m *memory) emptyFacts() []fact {
	if cap(m.room) < usually {
		return nil
	}
	room := m.room[:0:usually]
	m.room = m.room[usually:usually]
	return room
}

// partOf is the channel whose last fact is that of a step; nil if there is none.
func (m *memory) partOf(st *step) *part {
	k := m.calls[m.conversationOf(st)]
	if k == nil || !st.known {
		return nil
	}
	for _, p := range k.channels {
		if n := len(p.facts); n > 0 && p.facts[n-1].note == &st.delivery.Note {
			return p
		}
	}
	return nil
}

// ofAgent is the conversation that an agent had last, which an event of a kind begins.
func (m *memory) ofAgent(n *trial.Note, kind, id string) string {
	if m.last == nil {
		m.last = map[any]string{}
	}
	if _, known := m.last[n.AgentID]; !known || kind == m.byAgent {
		m.last[n.AgentID] = id
	}
	return m.last[n.AgentID]
}

// tell is the state of the conversations of a trial.
func (m *memory) tell(conversations []string) map[string]*trial.State {
	all := make(map[string]*trial.State, len(conversations))
	for _, id := range conversations {
		if k := m.calls[strings.ToLower(id)]; k != nil {
			if m.shows != nil {
				k = m.shows(k)
			}
			all[id] = m.state(k)
		}
	}
	return all
}

func (m *memory) state(k *call) *trial.State {
	s := &trial.State{Channels: make(map[string]*trial.Channel, len(k.channels))}
	lives, figures := make([]participant, 0, len(k.channels)), cmp.Or(m.figured, m.consumer)
	for _, p := range k.channels {
		n := p.first
		l := m.live(m.with(k, p))
		heard := p.facts
		if slices.ContainsFunc(heard, unheard) {
			heard = slices.DeleteFunc(slices.Clone(heard), unheard)
		}
		interaction, role, count := m.interaction(k, p), m.role(n), len(heard)+p.empty
		id := n.Channel
		if m.latest {
			id = p.last.Channel
		}
		s.Channels[strings.ToLower(id)] = &trial.Channel{InteractionID: &interaction, AgentID: m.agentID(n), Role: &role,
			Phase: &l.phase, Seconds: l.seconds, Notifications: &count, Stays: l.times(), Merged: merged(heard) + p.empty, Others: p.others}
		if figures != m.consumer {
			l, role = figures.live(m.with(k, p)), figures.role(n)
		}
		lives = append(lives, participant{role, n.AgentID, n.Interaction, l})
	}
	slices.SortStableFunc(lives, func(a, b participant) int { return cmp.Compare(a.begin(), b.begin()) })
	s.Figures = agreed(lives)
	if figures.figure != nil {
		figures.figure(lives, s.Figures)
	}
	return s
}

// unheard reports whether a fact is none that a notification told and that was counted.
func unheard(f fact) bool { return f.made || f.missed }

// with is what happened to a channel, and what the consumer takes for it.
func (m *memory) with(k *call, p *part) []fact {
	if m.shared == nil || len(p.facts) == 0 {
		return p.facts
	}
	all := slices.Clone(p.facts)
	for _, other := range k.channels {
		for _, f := range other.facts {
			if other != p && m.shared(p, other, &f) {
				f.foreign = true
				all = append(all, f)
			}
		}
	}
	return all
}

// merged is how many notifications there are if two versions of one event count as one.
func merged(facts []fact) int {
	count := len(facts)
	for i := range facts {
		if f := &facts[i]; strings.HasSuffix(f.note.Type, ".v1") && pairs(facts, f) {
			count--
		}
	}
	return count
}

// pairs reports whether a notification in v1 has one in v0 that no earlier one in v1 has.
func pairs(facts []fact, f *fact) bool {
	spare := 0
	for i := range facts {
		g := &facts[i]
		if g.rank != f.rank || !g.at.Equal(f.at) {
			continue
		}
		if strings.HasSuffix(g.note.Type, ".v0") {
			spare++
		} else if g.nth < f.nth {
			spare--
		}
	}
	return spare > 0
}
