package mistake

import (
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Seen is all that was seen in an examination. It serves every simulation.
type Seen struct {
	all   []*trial.Played
	steps []step  // in the order in which they happened
	of    [][]int // the steps of each trial, without those about conversations that are not asked for
	again []bool  // trials in which a notification comes more than once

	crashes []int // among the steps

	// What is used again for each simulation.
	scratch []step // of a trial
	epochs  []int
	times   []time.Time
	links   []int
	noted   []int
	facts   []fact // of the channels of a trial

	conversations int // how many there are

	roles []string // whose agentId was told, when the trials were put in order

	// Until is when Explain ends its search for mistakes; zero: when it is through. What is not explained by then, it tells as such.
	Until time.Time

	// Habit is that of the consumer, as Explain found it.
	Habit Habit

	// Controls is how many of the trials, the last ones, only show beside the others what the consumer does well: no Cause has one of them.
	Controls int
}

// step is a delivery that was answered, a crash, or a question for the state.
type step struct {
	at           time.Time
	played       int
	delivery     *trial.Delivery
	answer       *trial.Answer
	key          int // number of source and id
	conversation int // number of the one that it is about

	conversationID, channelID string // in small letters

	fact    fact
	known   bool // it is about a channel, and of a known type
	crash   bool
	ask     bool
	attempt bool // in simulations of chance: an earlier attempt, which failed and was stored all the same
}

// NewSeen puts what was played in order.
func NewSeen(all []*trial.Played) *Seen {
	s := &Seen{all: all, of: make([][]int, len(all)), again: make([]bool, len(all))}
	s.roles = s.identified()
	var numbers, conversations keys
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
			f, known := newFact(&d.Note, a.Sent)
			st := step{at: a.Sent, played: i, delivery: d, answer: a, fact: f, known: known,
				conversationID: strings.ToLower(d.Note.Conversation), channelID: strings.ToLower(d.Note.Channel)}
			st.key = numbers.number(byID, &st)
			st.conversation = conversations.number(byConversation, &st)
			s.steps = append(s.steps, st)
			if d.Crash.When != trial.Never && !within {
				s.steps = append(s.steps, crash)
			}
		}
		if !p.Asked.IsZero() {
			s.steps = append(s.steps, step{at: p.Asked, played: i, ask: true})
		}
	}
	s.conversations = len(conversations)
	slices.SortStableFunc(s.steps, func(a, b step) int { return a.at.Compare(b.at) })
	for k := range s.steps {
		st := &s.steps[k]
		of, p := &s.of[st.played], all[st.played]
		if st.crash {
			s.crashes = append(s.crashes, k)
		}
		if st.delivery != nil && p.Ask != nil && !slices.Contains(p.Ask, st.delivery.Conversation) {
			continue
		}
		s.again[st.played] = s.again[st.played] || st.delivery != nil && slices.ContainsFunc(*of, func(before int) bool {
			return s.steps[before].delivery != nil && s.steps[before].key == st.key
		})
		*of = append(*of, k)
	}
	return s
}

// byID has the right key of duplicates.
var byID = &consumer{key: func(n *trial.Note) string { return n.Source + "\n" + n.ID }}

// byConversation has that of the conversation in its place.
var byConversation = &consumer{key: func(n *trial.Note) string { return strings.ToLower(n.Conversation) }}

// failed reports whether an earlier attempt may have been stored: it was whole, and its answer was a failure, or did not come.
func (st *step) failed() bool {
	if st.delivery == nil {
		return false
	}
	whole := st.answer.Attempts
	if st.delivery.Wire.Way == trial.CutOff || st.delivery.Crash.When == trial.Within {
		whole-- // the first one failed for another reason
	}
	return whole > 1
}

// simulation is a simulated consumer, and what is known of it so far.
type simulation struct {
	*Seen
	*consumer
	held []bool    // by step: still stored when its trial's state is asked for; nil: not needed so far
	offs []members // by trial, with compared where they are known
}

// Hurried reports whether there was no time to compare all known mistakes.
func (s *Seen) Hurried() bool { return !s.Until.IsZero() && time.Now().After(s.Until) }

// simulate makes a consumer with changes to the correct one.
func (s *Seen) simulate(changes ...change) *simulation {
	c := correct()
	for _, change := range changes {
		if c.figured != nil {
			change(c.figured)
		}
		change(c)
	}
	return &simulation{Seen: s, consumer: c, offs: make([]members, len(s.all))}
}

// tell is what the consumer tells in a trial, by conversation. What it does not know is absent.
func (m *simulation) tell(i int) map[string]*trial.State {
	if m.loses == theLatest {
		return m.losing(i, 1)
	}
	forgets := m.loses != nothing || m.lone || m.calls > 0 || (m.memory > 0 || m.span > 0) && m.again[i] // then what came of other trials matters
	if forgets && m.held == nil {
		m.hold()
	}
	steps := m.scratch[:0]
	last := -1
	for _, k := range m.of[i] {
		if (m.fleeting || m.counts) && last >= 0 && slices.ContainsFunc(m.crashes, func(at int) bool { return last < at && at < k }) {
			steps = append(steps, step{crash: true}) // in another trial
		}
		last = k
		if !forgets || m.held[k] || m.steps[k].ask {
			steps = append(steps, m.steps[k])
		}
	}
	m.scratch = steps
	return m.replay(i, steps, !forgets)
}

// replay is what the consumer tells after steps of one trial; checked says that it looks for duplicates.
func (m *simulation) replay(i int, steps []step, checked bool) map[string]*trial.State {
	p := newMemory(m.consumer)
	p.seen, p.room = make([]int, 0, len(steps)), room(&m.facts, usually*len(steps))
	for k := range steps {
		switch st := &steps[k]; {
		case st.ask:
			return p.tell(m.all[i].Conversations())
		case st.crash && checked:
			p.crash()
		case st.crash:
		default:
			if m.marked(st.delivery) {
				p.leave(st, theKey)
			}
			if !m.stores(st.delivery, st.answer) {
				continue
			}
			if st.attempt || m.failed != nothingLeft && st.failed() {
				p.leave(st, m.failed)
			}
			if !st.attempt {
				p.store(st, checked)
			}
		}
	}
	return p.tell(m.all[i].Conversations())
}

// lost is the epoch of what is not there any more.
const lost = -1

// hold goes through everything that happened, for consumers that forget.
func (m *simulation) hold() {
	m.held = make([]bool, len(m.steps))
	epoch, epochs := 0, emptied(&m.epochs, len(m.steps)) // how often everything was lost
	var stored []int                                     // in their order
	var numbers keys
	seen := m.remember()
	conversation := "" // that is kept, of consumers that keep one
	kept := m.crowd()
	for k := range m.steps {
		st := &m.steps[k]
		switch epochs[k] = epoch; {
		case st.crash && m.loses == everything:
			epoch++
			seen.forget()
		case st.crash && m.loses == theKeys:
			seen.cool(m.warm)
		case st.crash && m.rereads:
			for _, old := range stored {
				seen.note(numbers.number(m.consumer, &m.steps[old]), st.at)
			}
			clear(seen.orders)
		case st.crash && m.loses == theOldest:
			n := max(0, len(stored)-m.warm)
			m.drop(stored[:n], true, epochs, seen, &numbers)
			stored = slices.Clone(stored[n:])
		case st.ask:
			kept.asked(m, m.of[st.played])
			for _, before := range m.of[st.played] {
				m.held[before] = m.held[before] && epochs[before] == epoch
			}
		case st.crash, !m.stores(st.delivery, st.answer):
		case m.blind:
			m.held[k] = true
		default:
			if c := st.delivery.Conversation; m.lone && c != "" && c != conversation {
				epoch, conversation = epoch+1, c
				epochs[k] = epoch
				seen.forget()
			}
			key := numbers.number(m.consumer, st)
			if last := seen.at[key]; !last.IsZero() && (m.span == 0 || st.at.Sub(last) <= m.span) {
				break
			}
			m.held[k] = true
			seen.note(key, st.at)
			if m.rereads || m.loses == theOldest {
				stored = append(stored, k)
			}
			m.drop(kept.take(st, k), m.wholly, epochs, seen, &numbers)
			if m.memory > 0 || m.loses == theKeys {
				m.learnt(seen, key, &st.delivery.Note)
			}
		}
	}
}

// drop loses steps, with their keys or without.
func (m *simulation) drop(steps []int, wholly bool, epochs []int, seen *remembered, numbers *keys) {
	for _, old := range steps {
		if epochs[old] = lost; wholly {
			seen.at[numbers.number(m.consumer, &m.steps[old])] = time.Time{}
		}
	}
}

// fit reports whether the consumer tells what was told in a trial.
func (m *simulation) fit(i int) bool { return m.off(i) == 0 }

// near reports whether the consumer tells what was told in a trial, or other times, if it measures them: a timer may run in many ways.
func (m *simulation) near(i int) bool {
	off := m.off(i)
	return off == 0 || m.slack > 0 && off&^times == 0
}

// off is which members were told in a trial otherwise than this consumer tells them.
func (m *simulation) off(i int) members {
	if m.offs[i]&compared == 0 {
		if m.offs[i] = m.Seen.off(i, m.tell(i), m.slack) | compared; m.offs[i] != compared && m.fitsLosing(i) {
			m.offs[i] = compared
		}
	}
	return m.offs[i] &^ compared
}

// off is which members were told in a trial otherwise than a simulated consumer tells them.
func (s *Seen) off(i int, told map[string]*trial.State, slack float64) (off members) {
	p := s.all[i]
	for _, id := range p.Conversations() {
		c := &comparison{roles: s.roles, slack: slack, brief: true}
		c.conversation(p.Told[id], told[id])
		off |= c.off
	}
	return off
}
