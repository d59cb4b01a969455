package mistake

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Seen is all that was seen in an examination, in the order in which it happened. It serves every
// simulation.
type Seen struct {
	all   []*trial.Played
	steps []step
}

// step is a delivery that was answered, a crash, or a question for the state.
type step struct {
	at       time.Time
	played   int
	delivery *trial.Delivery
	answer   *trial.Answer
	crash    bool
	ask      bool
}

// NewSeen puts what was played in order.
func NewSeen(all []*trial.Played) *Seen {
	s := &Seen{all: all}
	for i, p := range all {
		for j := range p.Answers {
			d, a := p.Delivery(j), &p.Answers[j]
			if a.Attempts == 0 {
				continue
			}
			crash := step{at: a.Sent, played: i, crash: true}
			within := d.Crash.When == trial.Within && a.Attempts > 1 // else the answer was quicker than the crash
			if within {
				s.steps = append(s.steps, crash)
			}
			s.steps = append(s.steps, step{at: a.Sent, played: i, delivery: d, answer: a})
			if d.Crash.When != trial.Never && !within {
				s.steps = append(s.steps, crash)
			}
		}
		if !p.Asked.IsZero() {
			s.steps = append(s.steps, step{at: p.Asked, played: i, ask: true})
		}
	}
	slices.SortStableFunc(s.steps, func(a, b step) int { return a.at.Compare(b.at) })
	return s
}

// states is what a simulated consumer tells, for each trial by conversation. What it does not know is absent.
type states []map[string]*trial.State

// play simulates a consumer.
func (s *Seen) play(c *consumer) states {
	told := make(states, len(s.all))
	m := &memory{consumer: c}
	m.clear()
	for i := range s.steps {
		switch st := &s.steps[i]; {
		case st.ask:
			told[st.played] = m.tell(s.all[st.played].Conversations())
		case st.crash:
			m.crash()
		case c.stores(st.delivery, st.answer):
			m.store(st.delivery, st.at)
		}
	}
	return told
}

// memory is what a simulated consumer has stored.
type memory struct {
	*consumer
	seen  map[string]bool
	keys  []string // in the order in which they were seen
	calls map[string]*call
	nth   int
}

type call struct {
	channels []string // in the order in which they became known
	facts    map[string][]fact
	first    map[string]*trial.Note
	counts   map[string]int
}

func (m *memory) clear() {
	m.seen, m.keys, m.calls = map[string]bool{}, nil, map[string]*call{}
}

func (m *memory) crash() {
	switch m.loses {
	case everything:
		m.clear()
	case theKeys:
		m.seen, m.keys = map[string]bool{}, nil
	}
}

// store takes a notification, unless it is a duplicate.
func (m *memory) store(d *trial.Delivery, at time.Time) {
	n := &d.Note
	if m.key != nil {
		key := m.key(n)
		if m.seen[key] {
			return
		}
		m.seen[key] = true
		if m.keys = append(m.keys, key); m.memory > 0 && len(m.keys) > m.memory {
			delete(m.seen, m.keys[0])
			m.keys = m.keys[1:]
		}
	}
	m.nth++
	f, ok := newFact(n, at, m.nth)
	if !ok {
		return
	}
	id := m.conversation(n)
	k := m.calls[id]
	if k == nil {
		k = &call{facts: map[string][]fact{}, first: map[string]*trial.Note{}, counts: map[string]int{}}
		m.calls[id] = k
	}
	ch := m.channel(n)
	if k.first[ch] == nil {
		k.first[ch] = n
		k.channels = append(k.channels, ch)
	}
	k.facts[ch] = append(k.facts[ch], f)
	k.counts[ch]++
}

// tell is the state of the conversations of a trial.
func (m *memory) tell(conversations []string) map[string]*trial.State {
	all := make(map[string]*trial.State, len(conversations))
	for _, id := range conversations {
		if k := m.calls[strings.ToLower(id)]; k != nil {
			all[id] = m.state(k)
		}
	}
	return all
}

func (m *memory) state(k *call) *trial.State {
	s := &trial.State{Channels: map[string]*trial.Channel{}}
	lives := make([]participant, 0, len(k.channels))
	for _, ch := range k.channels {
		n, l, count := k.first[ch], m.live(m.consumer, k.facts[ch]), k.counts[ch]
		interaction, role := m.interaction(n), m.role(n)
		s.Channels[strings.ToLower(n.Channel)] = &trial.Channel{InteractionID: &interaction, AgentID: m.agentID(n), Role: &role,
			Phase: &l.phase, Seconds: l.seconds, Notifications: &count, Stays: l.times()}
		lives = append(lives, participant{role, n.AgentID, l})
	}
	slices.SortStableFunc(lives, func(a, b participant) int { return cmp.Compare(a.begin(), b.begin()) })
	s.Figures = figures(lives)
	return s
}
