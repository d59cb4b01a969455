package story

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
)

// Refusal is why an operation is not possible.
type Refusal struct {
	Text, Hint string
	cause      cause
}

// cause groups problems that follow from one mistake, so that only the first of them on a
// path is told.
type cause uint8

const (
	causeOwn     cause = iota // a mistake of its own
	causeNobody               // no agent takes part
	causeNothing              // nothing is going on
)

func problem(format string, args ...any) *Refusal {
	return &Refusal{Text: fmt.Sprintf(format, args...)}
}

func (p *Refusal) hint(format string, args ...any) *Refusal {
	p.Hint = fmt.Sprintf(format, args...)
	return p
}

// nothing explains that no interaction is going on.
func (s *State) nothing(word string, step *Step) *Refusal {
	p := problem("%s: nothing is going on here", word).hint(`begin something first, for example "call: customer"`)
	if word == "callback" {
		p.hint(`somebody asks for it, for example "call: {from: customer, callback: true}"`)
	}
	if s.ended.begun != nil {
		p.Text = fmt.Sprintf("%s: the %s of line %d ended at line %d", word, s.ended.medium(), s.ended.begun.Pos.Line, s.ended.over.Pos.Line)
		p.Hint = "begin another one, or move this step up"
		over := s.ended.over
		if over == step {
			p.Hint = "put it behind the repeat, so that it happens once"
		}
		if over == s.ended.begun && over.Failing() {
			p.Text = fmt.Sprintf("%s: the %s of line %d connected nobody", word, s.ended.medium(), over.Pos.Line)
			p.Hint = fmt.Sprintf("leave out %q there, or begin another one", over.failure())
		}
	}
	p.cause = causeNothing
	return p
}

// nobody is the refusal of a step that needs an agent where none is connected.
func (s *State) nobody(word string, i *interaction) *Refusal {
	p := problem("%s: no agent is connected yet (%s)", word, state(i)).
		hint(`offer it first, for example "ring: {agent: alice, for: 5s}"`)
	if i.waits() {
		p.Hint = `call back first, for example "callback: {agent: alice, ring: 8s}"`
	}
	if n := s.outsiders(i); len(n) > 1 {
		p = problem("%s: no agent is connected any more; %s talk to one another", word, strings.Join(n, " and ")).
			hint("hangup: %s", n[0])
	}
	p.cause = causeNobody
	return p
}

func state(i *interaction) string {
	if i.since != nil {
		return fmt.Sprintf("the %s is queueing since line %d", i.medium(), i.since.Pos.Line)
	}
	return fmt.Sprintf("the %s began at line %d", i.medium(), i.begun.Pos.Line)
}

// forbids says why an operation is not possible now, or nil.
func (s *State) forbids(op *Op) *Refusal {
	word, cur := op.Step.Word, s.current()
	switch op.Code {
	case Begin, Dial:
		return s.forbidsBegin(op, cur)
	case SetPresence:
		return s.forbidsPresence(op)
	case SendBody:
		return s.forbidsSend(op)
	case WrapUp:
		return s.forbidsWrap(word)
	case Wait:
		if word != "talk" && word != "work" && word != "queue" {
			return nil // wait, and the time inside other steps
		}
	case Choose, Jump, LoopBegin, LoopEnd, Answer, Fail, DialFail, Requeue:
		return nil // these follow from operations before them
	case Retrieve, ParkEnd, InterruptEnd, MeanwhileEnd:
		return s.forbidsBlockEnd(op)
	}
	if cur == nil {
		return s.nothing(word, op.Step)
	}
	switch op.Code {
	case ToVoicemail:
		return s.forbidsVoicemail(cur)
	case Leave:
		return s.forbidsLeave(op, cur)
	case LeaveFirst:
		return nil
	case Call:
		return s.forbidsCall(op, cur)
	case End:
		return s.forbidsEnd(op, cur)
	}
	if p := s.forbidsAway(word, cur); p != nil {
		return p
	}
	switch op.Code {
	case Alert:
		return s.forbidsAlert(op, cur)
	case Join:
		return s.forbidsJoin(op, cur)
	case Coach, JoinIn:
		return s.forbidsSpeaking(op, cur)
	case Wait:
		return s.forbidsWait(word, cur)
	case Alternate:
		return s.forbidsAlternate(op, cur)
	}
	return s.forbidsBlock(op, cur)
}

func (s *State) forbidsBegin(op *Op, cur *interaction) *Refusal {
	word := op.Step.Word
	if cur != nil && s.blockOver(cur.ordinal) == nil && !cur.waits() {
		return problem("%s: the %s of line %d is still going on", word, cur.medium(), cur.begun.Pos.Line).
			hint("end it first, or put this into its hold, park, interrupt or meanwhile steps")
	}
	if op.Step.Same && s.conversations == 0 {
		return problem("%s: there is no conversation before this that it could belong to", word).
			hint(`leave out "conversation: same"`)
	}
	if op.Code == Dial {
		return s.forbidsAgent(word, op.Party, nil)
	}
	return nil
}

// forbidsAway refuses what cannot happen while an interaction is parked or interrupted.
func (s *State) forbidsAway(word string, cur *interaction) *Refusal {
	b := s.blockOver(cur.ordinal)
	if b == nil || b.code == Hold {
		return nil
	}
	what := map[Code]string{ParkBegin: "parked", InterruptBegin: "interrupted", AwaitInterrupt: "being interrupted", MeanwhileBegin: "going on beside these steps"}[b.code]
	return problem("%s: the %s of line %d is %s since line %d", word, cur.medium(), cur.begun.Pos.Line, what, b.step.Pos.Line).
		hint(`begin another interaction here, for example "call: caller", or move this step behind the %s`, b.step.Word)
}

// forbidsAgent refuses an agent who cannot take part in what the step wants.
func (s *State) forbidsAgent(word string, party int, cur *interaction) *Refusal {
	name := s.prog.Parties[party].Name
	if cur != nil && s.find(cur.ordinal, party) != nil {
		return problem("%s: %s takes part in this %s already", word, name, cur.medium())
	}
	medium := "call"
	if cur != nil {
		medium = cur.medium()
	}
	if c, full := s.obstacle(party, medium); c != nil {
		return s.busy(word, c, medium, full)
	}
	does := word
	if cur == nil { // begins it, by dial or internal
		does = "dial"
	}
	if at := s.parties[party].presence; at > 0 && !presences[at-1].Allows(does) {
		return problem("%s: %s %s; the presence is %q", word, name, presences[at-1].Lack(), presences[at-1].Description).
			hint(`change it first, for example "presence: {agent: %s, to: ready}"`, name)
	}
	return nil
}

// busy refuses an agent whom a channel keeps from an interaction of a medium.
func (s *State) busy(word string, c *Channel, medium string, full bool) *Refusal {
	name, other := s.prog.Parties[c.Party].Name, s.interaction(c.Interaction)
	p := problem("%s: %s is busy with the %s of line %d", word, name, other.medium(), other.begun.Pos.Line)
	switch {
	case full:
		p.Text += ", and does no more of them at once than at-once says"
		return p.hint(`raise the limit, for example "%s", or end one of them first`, s.raised(c.Party, map[string]int{medium: s.limits(c.Party).of(medium) + 1}))
	case s.isHeld(c) && c.Role == event.Agent && !c.joined:
		p.Text += ", which is on hold"
		return p.hint(`an agent stays connected to a call on hold; park it for another one, "park: [...]", or call somebody in, "consult: {number: NAME, ring: 6s, talk: 30s}"`)
	case medium == "call" && s.isBeside(c) && c.medium != "call":
		return p.hint("a call interrupts other work: put it into interrupt steps")
	case medium != "call" && s.isBeside(c) && c.medium != "call":
		return p.hint(`let the agent do both: "%s"`, s.raised(c.Party, map[string]int{c.medium: 2, medium: 2}))
	}
	return p.hint("an agent does one thing at a time; let %s leave it first", name)
}

// isHeld reports whether a channel belongs to a call that is on hold.
func (s *State) isHeld(c *Channel) bool {
	b := s.blockOver(c.Interaction)
	return b != nil && b.code == Hold
}

// occupies reports whether a channel keeps its agent from anything else. All interactions
// but the current one are on hold, parked or interrupted, since nothing begins beside one
// that is not. That frees the agents of what is parked and interrupted, but not of a call on hold: the
// agent is connected all the time. Nor does it free who listens in.
func (s *State) occupies(c *Channel) bool {
	if c.Phase == lifecycle.Wrap || c.Phase == lifecycle.Unexpected { // these are waited for
		return false
	}
	if s.isBeside(c) {
		return !s.isInterrupted(c)
	}
	return c.Role == event.Monitor || c.joined || s.isHeld(c)
}

func (s *State) interaction(ordinal int) *interaction {
	if i := slices.IndexFunc(s.interactions, func(x interaction) bool { return x.ordinal == ordinal }); i >= 0 {
		return &s.interactions[i]
	}
	return &s.ended
}

func (s *State) forbidsAlert(op *Op, cur *interaction) *Refusal {
	word := op.Step.Word
	b := s.blockOver(cur.ordinal)
	switch agents := s.count(cur.ordinal, present); {
	case word == "callback" && !cur.waits():
		return problem("callback: nobody waits to be called back (%s)", state(cur)).
			hint(`begin with "call: {from: customer, callback: true}"`)
	case word == "ring" && cur.waits():
		return problem("ring: %s waits to be called back (line %d), and is not on the line", s.prog.Parties[cur.asker-1].Name, cur.begun.Pos.Line).
			hint(`call back, for example "callback: {agent: alice, ring: 8s}"`)
	case word == "ring" && b != nil && !s.holdsOutside(b):
		return problem("ring: no outside party is on hold any more (%s)", state(cur)).
			hint("end the hold first, or alternate back")
	case word == "ring" && agents > 0 && b == nil && s.talkers(cur.ordinal) > 1:
		return problem("ring: an agent is connected already (%s)", state(cur)).
			hint("use transfer, conference or consult to bring in a colleague")
	case word == "ring" && agents == 0 && s.count(cur.ordinal, talksOutside) > 1:
		return s.nobody(word, cur)
	case word == "ring" && agents == 0 && s.count(cur.ordinal, func(c *Channel) bool { return c.Role == event.Voicemail }) > 0:
		return problem("ring: the call is with voicemail")
	}
	return s.forbidsAgent(word, op.Party, cur)
}

// forbidsCall refuses to dial an outside party for a call that goes on.
func (s *State) forbidsCall(op *Op, cur *interaction) *Refusal {
	if s.find(cur.ordinal, op.Party) != nil && op.Step.Word != "dial" {
		return problem("%s: %s takes part in this call already", op.Step.Word, s.prog.Parties[op.Party].Name)
	}
	return nil
}

func (s *State) forbidsJoin(op *Op, cur *interaction) *Refusal {
	switch {
	case cur.medium() != "call":
		return problem("monitor: %s cannot be monitored; only calls can", cur.article())
	case s.count(cur.ordinal, present) == 0:
		return s.nobody(op.Step.Word, cur)
	}
	return s.forbidsAgent(op.Step.Word, op.Party, cur)
}

// forbidsSpeaking refuses to coach or join who does not listen in, or speaks already.
func (s *State) forbidsSpeaking(op *Op, cur *interaction) *Refusal {
	word, name := op.Step.Word, s.prog.Parties[op.Party].Name
	switch c := s.find(cur.ordinal, op.Party); {
	case s.prog.Parties[op.Party].Agent == nil:
		return problem("%s: %q is an outside party; want a supervisor who monitors", word, name)
	case c != nil && present(c):
		return problem("%s: %s is an agent of this %s; want a supervisor who monitors it", word, name, cur.medium())
	case c == nil:
		return problem("%s: %s does not monitor this %s (%s)", word, name, cur.medium(), state(cur)).
			hint(`listen in first: "monitor: {agent: %s}"`, name)
	case c.joined:
		return problem("%s: %s has joined already, and is heard by all", word, name)
	case c.coaches && op.Code == Coach:
		return problem("coach: %s coaches already", name).hint(`"join: %s" lets everybody hear`, name)
	}
	return nil
}

func (s *State) forbidsVoicemail(cur *interaction) *Refusal {
	switch {
	case cur.medium() != "call":
		return problem("voicemail: %s has no voicemail; only calls have", cur.article())
	case cur.waits():
		return problem("voicemail: %s waits to be called back (line %d), and is not on the line", s.prog.Parties[cur.asker-1].Name, cur.begun.Pos.Line)
	case cur.answered:
		return problem("voicemail: the call was answered already (%s)", state(cur))
	}
	return nil
}
