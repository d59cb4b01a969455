package trial

import "strings"

// State is what a consumer tells of a conversation. Whatever it leaves out is not compared.
type State struct {
	Channels map[string]*Channel // by identifier, in lower case
	Figures  map[Figure]float64  // of the whole conversation
	Unknown  []string            // members that are none of a state's, as they are written
}

// Channel is what a consumer tells of a channel.
type Channel struct {
	InteractionID *string
	AgentID       any // as told: a text, a number, or nil if it is not told
	Role          *string
	Phase         *string
	Seconds       map[string]float64 // by phase; nil if it is not told
	Notifications *int               // different ones: by source and id

	// Of simulated consumers only:
	Stays  map[string]int // how often it was in each phase
	Merged int            // Notifications, if both versions of an event count as one
	Others int            // notifications of unknown types, which may count as well
}

// Figure is a figure about a whole conversation.
type Figure string

// The figures. Those that count nothing are in seconds, or 1 for yes and 0 for no.
const (
	Answered        Figure = "answered"  // 1 if an agent was connected to the customer
	Abandoned       Figure = "abandoned" // 1 if the customer left before
	SecondsToAnswer Figure = "seconds_to_answer"
	Talk            Figure = "talk"      // agents' time in phase connected, added up
	Hold            Figure = "hold"      // the customers' time in phase held, added up
	Wrap            Figure = "wrap"      // agents' time in phase wrap, added up
	Agents          Figure = "agents"    // different ones that were connected
	Transfers       Figure = "transfers" // agents that were connected after the first one and stayed without him
)

// Aspect is what a state is compared on: a member of a channel, or all figures.
type Aspect uint8

// The aspects.
const (
	Phase Aspect = 1 << iota
	Seconds
	Notifications
	InteractionID
	AgentID
	Role
	Figures
)

// Aspects are those that the state tells of any channel, or of the conversation.
func (s *State) Aspects() (all Aspect) {
	if len(s.Figures) > 0 {
		all |= Figures
	}
	for _, c := range s.Channels {
		for _, told := range []struct {
			is     bool
			aspect Aspect
		}{{c.Phase != nil, Phase}, {c.Seconds != nil, Seconds}, {c.Notifications != nil, Notifications},
			{c.InteractionID != nil, InteractionID}, {c.AgentID != nil, AgentID}, {c.Role != nil, Role}} {
			if told.is {
				all |= told.aspect
			}
		}
	}
	return all
}

// aspects are the names of the aspects, as members of a state.
var aspects = [...]struct {
	aspect Aspect
	name   string
}{{Phase, "phase"}, {Seconds, "seconds"}, {Notifications, "notifications"}, {InteractionID, "interactionId"}, {AgentID, "agentId"}, {Role, "role"}, {Figures, "figures"}}

// String lists the aspects, as in "phase or seconds".
func (a Aspect) String() string {
	var names []string
	for _, x := range aspects {
		if a&x.aspect != 0 {
			names = append(names, x.name)
		}
	}
	return strings.Join(names, " or ")
}
