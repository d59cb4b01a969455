package story

import (
	"cmp"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/scenario/assume"
)

// State is what is true in one story at one moment: who is in which interaction, in
// which phase. The checker and the planner apply operations to it; what it refuses is
// refused with a reason before anything runs.
type State struct {
	prog  *Program
	rules *Rules

	channels     []Channel     // those that have not ended, in the order of their creation
	interactions []interaction // those that have not ended; the last one is current
	blocks       []block       // holds, parks and interruptions around this moment
	parties      []partyState
	ended        interaction // the one that ended last, for explanations; none if its begun is nil

	excused bool // who dialled in vain has no wrap, so that a wrap step here takes no time

	conversations, interactionsMade, channelsMade int
}

// Channel is one party's part in one interaction.
type Channel struct {
	Ordinal      int // counts the channels of the story from 0
	Interaction  int // counts its interactions from 0
	Conversation int // counts its conversations from 0
	Party        int
	Role         event.Role
	Phase        lifecycle.Phase
	Scheduled    bool // the end of the wrap, or of a failed channel, is planned and needs no further step

	medium  string // of its interaction
	spoken  bool   // a wrap step has just spoken for it
	coaches bool   // a monitor speaks to the agent
	joined  bool   // a monitor has joined; what is possible then is the same in either role
}

type interaction struct {
	ordinal, conversation int
	answered              bool  // an agent or voicemail has been connected
	asker                 int   // the party who asked to be called back + 1; 0: none did
	begun, since, over    *Step // since: the queue step it waits in, if it does
}

// medium is the step word that the interaction began with; dialled ones are calls.
func (i *interaction) medium() string {
	if i.begun.Word == "dial" || i.internal() {
		return "call"
	}
	return i.begun.Word
}

// internal reports whether an agent has called another one.
func (i *interaction) internal() bool { return i.begun.Word == "internal" }

// waits reports whether somebody waits to be called back, who is not on the line.
func (i *interaction) waits() bool { return i.asker > 0 && !i.answered }

// article is the medium with its indefinite article.
func (i *interaction) article() string {
	if i.medium() == "email" {
		return "an email"
	}
	return "a " + i.medium()
}

// block is a hold, park or interruption around the steps that run meanwhile.
type block struct {
	code        Code
	step        *Step
	interaction int
	held        int // of a hold: the party on hold; nobody where a call has none
}

// nobody is a party that no channel has.
const nobody = -1

type partyState struct {
	presence    int  // index into Presences from 1; 0: not known yet
	intended    int  // what it becomes when the agent's last channel ends; 0: nothing
	shown       int  // what the latest event said; 0: there was none
	fresh       bool // that event is still to be told
	lastChannel int  // ordinal + 1; 0: none yet
	noAnswer    bool // missed an offer, and is not back yet
}

// Rules are the assumptions that decide which channels an operation moves.
type Rules struct {
	HoldAgent, HoldCustomer bool
	HangupDirect            bool
	InterruptAtAlert        bool
	ResumeAtDisconnect      bool
	AbandonFails            bool
	AgentAtOnce             bool   // who dials is connected at once
	DialOffline             bool   // who dials is in Ready (Offline) until it is over
	DialUnwrapped           bool   // who dialled in vain has no wrap
	Unexpected              Span   // how long a failed channel lasts where the story does not say
	JoinedAgent             bool   // a supervisor who joins gets an agent's channel
	Workspace               string // "": contactpad
}

// RulesOf reads the rules from the assumptions.
func RulesOf(s assume.Set) Rules {
	held := s.Get(assume.HeldChannel)
	unexpected, _ := ParseSpan(cmp.Or(s.Get(assume.UnexpectedTime), assume.Rows()[assume.UnexpectedTime].Default))
	return Rules{
		HoldAgent:          held == "agent" || held == "both",
		HoldCustomer:       held != "agent",
		HangupDirect:       s.Is(assume.HangupWhileAway, "direct"),
		InterruptAtAlert:   s.Is(assume.InterruptAt, "alerted"),
		ResumeAtDisconnect: s.Is(assume.ResumeAt, "disconnected"),
		AbandonFails:       s.Is(assume.Abandon, "connectionfailed"),
		Unexpected:         unexpected,
		AgentAtOnce:        s.Is(assume.AgentLeg, "answered"),
		JoinedAgent:        s.Is(assume.JoinedRole, "agent"),
		DialOffline:        s.Is(assume.PresenceOnDial, "ready-offline"),
		DialUnwrapped:      s.Is(assume.FailedDialWrap, "none"),
		Workspace:          s.Get(assume.Workspace),
	}
}

// May reports whether agents may do what a word says with a medium.
func (r Rules) May(word, medium string) bool {
	switch {
	case medium == "call":
		return true
	case word == "conference" || r.Workspace == "calls-only":
		return false
	}
	return word == "consult" || medium != "chat" || r.Workspace == "any"
}

// Reset makes s the situation before the first operation, and keeps its memory. It refers to the rules.
func (s *State) Reset(p *Program, r *Rules) {
	*s = State{prog: p, rules: r,
		channels: s.channels[:0], interactions: s.interactions[:0], blocks: s.blocks[:0], parties: s.parties[:0]}
	for range p.Parties {
		s.parties = append(s.parties, partyState{})
	}
}

// Enter adds a party whom the program has got since Reset.
func (s *State) Enter() { s.parties = append(s.parties, partyState{}) }

// Move is called when a channel goes along an edge of the lifecycle. The channel is valid
// during the call only.
type Move func(c *Channel, e *lifecycle.Edge)

// move walks one channel along the table. The operations only ask for what the table has;
// the exhaustive test of the checker holds them to it.
func (s *State) move(c *Channel, v lifecycle.Verb, to Move) {
	e, ok := lifecycle.Next(c.Phase, v, c.Role)
	if !ok {
		panic("scenario: the lifecycle has no " + v.String() + " from " + c.Phase.String() + " for " + c.Role.String())
	}
	if c.Phase = e.To; e.To == lifecycle.Ended {
		s.ending(c.Party)
	}
	to(c, e)
}

// first is the first channel that passes a test, or nil.
func (s *State) first(pass func(*Channel) bool) *Channel {
	for i := range s.channels {
		if c := &s.channels[i]; pass(c) {
			return c
		}
	}
	return nil
}

// each calls do for the channels of an interaction that pass a test, in their order.
func (s *State) each(ordinal int, pass func(*Channel) bool, do func(*Channel)) {
	for i := range s.channels {
		if c := &s.channels[i]; c.Interaction == ordinal && pass(c) {
			do(c)
		}
	}
}

func (s *State) count(ordinal int, pass func(*Channel) bool) int {
	n := 0
	s.each(ordinal, pass, func(*Channel) { n++ })
	return n
}

// find is the channel of a party in an interaction, or nil.
func (s *State) find(ordinal, party int) *Channel {
	return s.first(func(c *Channel) bool {
		return c.Interaction == ordinal && c.Party == party && c.Phase != lifecycle.Ended && c.Phase != lifecycle.Wrap && c.Phase != lifecycle.Unexpected
	})
}

// firstAgent is the channel of the agent who has taken part in an interaction for the
// longest, or nil.
func (s *State) firstAgent(ordinal int) *Channel {
	return s.first(func(c *Channel) bool { return c.Interaction == ordinal && present(c) })
}

func isOutside(c *Channel) bool { return c.Role == event.External }

// present reports whether an agent takes part: connected, or away for a while.
func present(c *Channel) bool {
	switch c.Phase {
	case lifecycle.Connected, lifecycle.Held, lifecycle.Parked, lifecycle.Interrupted:
		return c.Role == event.Agent && !c.joined
	}
	return false
}

func connected(c *Channel) bool {
	return c.Phase == lifecycle.Connected && (c.Role == event.Agent && !c.joined || c.Role == event.External)
}

// talks reports whether a channel belongs to an agent or an outside party who takes part.
func talks(c *Channel) bool {
	return present(c) || isOutside(c) && c.Phase >= lifecycle.Connected && c.Phase <= lifecycle.Interrupted
}

func talksOutside(c *Channel) bool { return isOutside(c) && talks(c) }

// talkers counts those of an interaction who take part and are not on hold.
func (s *State) talkers(ordinal int) int {
	held := nobody
	if b := s.blockOver(ordinal); b != nil {
		held = b.held
	}
	return s.count(ordinal, func(c *Channel) bool { return talks(c) && c.Party != held })
}

// unsettled reports whether a wrap step may still say how long the wrap of a channel is.
func unsettled(c *Channel) bool { return c.Phase == lifecycle.Wrap && !c.Scheduled }

func in(p lifecycle.Phase) func(*Channel) bool {
	return func(c *Channel) bool { return c.Phase == p }
}

// current is the interaction that steps are about, or nil.
func (s *State) current() *interaction {
	if len(s.interactions) == 0 {
		return nil
	}
	return &s.interactions[len(s.interactions)-1]
}

// Current is the interaction that steps are about, and its conversation, both counted from
// 0. It is false while there is no interaction.
func (s *State) Current() (interaction, conversation int, ok bool) {
	if i := s.current(); i != nil {
		return i.ordinal, i.conversation, true
	}
	return 0, 0, false
}

// Unhurried reports whether the outside party of the current interaction waits as long as it takes: who
// has written does not wait on a line.
func (s *State) Unhurried() bool {
	i := s.current()
	return i != nil && written(i.medium())
}

// written reports whether nobody is there who could hang up.
func written(medium string) bool { return medium == "email" || medium == "case" }

// blockOver is the block directly around an interaction, or nil.
func (s *State) blockOver(ordinal int) *block {
	for i := len(s.blocks) - 1; i >= 0; i-- {
		if s.blocks[i].interaction == ordinal {
			return &s.blocks[i]
		}
	}
	return nil
}

// add opens a channel in the current interaction.
func (s *State) add(i *interaction, party int, role event.Role, to Move) *Channel {
	s.channels = append(s.channels, Channel{Ordinal: s.channelsMade, Interaction: i.ordinal,
		Conversation: i.conversation, Party: party, Role: role, medium: i.medium()})
	s.channelsMade++
	s.parties[party].lastChannel = s.channelsMade
	c := &s.channels[len(s.channels)-1]
	s.move(c, lifecycle.Alert, to)
	return c
}

// prune forgets what has ended.
func (s *State) prune() {
	kept := 0
	for i := range s.channels {
		if s.channels[i].Phase == lifecycle.Ended {
			continue
		}
		if kept < i {
			s.channels[kept] = s.channels[i]
		}
		kept++
	}
	s.channels = s.channels[:kept]
}
