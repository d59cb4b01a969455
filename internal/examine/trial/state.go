package trial

import "strings"

// State is what a consumer tells of a conversation. Whatever it leaves out is not compared.
type State struct {
	Channels map[string]*Channel // by identifier, in lower case
	Figures  map[Figure]float64  // of the whole conversation
	Unknown  []string            // members that are none of a state's, as they are written

	// Missed are aspects that are not told, or in part only, since there is something else in their place: what it is. Strange are values
	// of phase and role that are none; they count as not told.
	Missed  map[Aspect]string
	Strange map[Aspect][]string
}

// Channel is what a consumer tells of a channel.
type Channel struct {
	InteractionID *string
	AgentID       any // as told: a text, a number, or nil if it is not told
	Role          *string
	Phase         *string
	Seconds       map[string]float64 // by phase; nil if none is told, NaN if that one is not
	Notifications *int               // different ones: by source and id

	// Of simulated consumers only:
	Stays  map[string]int // how often it was in each phase
	Merged int            // Notifications, if both versions of an event count as one
	Others int            // notifications of unknown types, which may count as well
}

// Told lists what is told of the channel.
func (c *Channel) Told() (told Aspect) {
	for aspect, is := range map[Aspect]bool{InteractionID: c.InteractionID != nil, AgentID: c.AgentID != nil, Role: c.Role != nil,
		Phase: c.Phase != nil, Seconds: c.Seconds != nil, Notifications: c.Notifications != nil} {
		if is {
			told |= aspect
		}
	}
	return told
}

// Figure is a figure about a whole conversation. All follow from the lives of its channels: when each was
// in which phase, by data.timestamp. A channel has the role that its notifications tell.
type Figure string

// The figures. A channel is left when wrap begins or, without wrap, when it ends. Two channels meet if
// there is a time, longer than a moment, in which both are in phase connected.
const (
	// Answered is 1 if a channel of an agent met another one, of a customer (external) or of an agent, and 0
	// otherwise. Customers who call are connected from the beginning, also in the queue; whom an agent
	// calls is when he answers.
	Answered Figure = "answered"

	// Abandoned is 1 if a channel of a customer was connected, all channels of customers have
	// ended, the conversation was not answered, and no customer met a voicemail box; and 0 otherwise.
	Abandoned Figure = "abandoned"

	// SecondsToAnswer is from the first event of any channel to the moment from which the conversation is
	// answered: the first one at which two such channels meet. There is none if it is not answered.
	SecondsToAnswer Figure = "seconds_to_answer"

	// Talk is the seconds in phase connected of all channels of agents, added up. It counts both of two
	// agents who talk to each other, and the time in which an agent waits for a customer to answer.
	Talk Figure = "talk"

	// Hold is the seconds in phase held of all channels of customers, added up.
	Hold Figure = "hold"

	// Wrap is the seconds in phase wrap of all channels of agents, added up.
	Wrap Figure = "wrap"

	// Agents is how many different agents, by agentId, had a channel in phase connected.
	Agents Figure = "agents"

	// Transfers is how many channels of agents took over from others: another agent's channel of the same
	// interaction was connected before, and all of those are left before this one is left. A colleague who is
	// asked and leaves first is no transfer, nor are two who leave in the same moment.
	Transfers Figure = "transfers"
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

// Extent is how much a state tells: 1 for a conversation that is known, and 1 for each channel and each notification.
func (s *State) Extent() (all int) {
	if s == nil {
		return 0
	}
	for _, c := range s.Channels {
		if all++; c.Notifications != nil {
			all += *c.Notifications
		}
	}
	return 1 + all
}
