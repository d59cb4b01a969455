package evidence

import (
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
)

// What is known of the events, phases, edges and roles of the vendor's API. Each rule begins with
// the document that says so; without one it is an assumption.

var kindFacts = map[event.Kind]fact{
	event.Alerted: {"", []rule{
		{alertedPage, "It begins alerting. The first channel of an inbound interaction alerts for no time at all, and still raises it."},
		{connectedPage, "Alerting ends at exactly the moment of connected: of that channel, alerted and connected have equal timestamps."},
	}, nil, []string{"alerting"}},
	event.Connected: {"", []rule{{connectedPage, "It ends alerting at exactly the same moment, and begins connected."}}, nil, []string{"connected"}},
	event.ConnectionFailed: {"", []rule{
		{failedPage, "For instance the party rejected the connection, or its device was busy. It ends alerting and begins unexpected; its reason stands behind channel."},
		{activitiesPage, "In the Insights Stats API unexpected is also what follows a phone that is not answered."},
		{none, "The channel is unexpected until ended follows, some seconds later."},
	}, []string{"abandon", "reason", "unexpected-time"}, []string{"unexpected", "data.reason"}},
	event.Held: {"", []rule{
		{channelTypes, "The party that is put on hold raises it: a customer's channel is alerting, connected, held."},
		{heldPage, "It lasts until retrieved."},
		{overviewPage, "Phone calls only, one channel at a time. Alternate swaps who is on hold, so an agent's channel can be held as well."},
		{none, "Apart from that, no other channel raises it, such as that of the agent who put the party on hold."},
	}, []string{"held-channel"}, []string{"held", "channel.retrieved"}},
	event.Retrieved: {"", []rule{
		{retrievedPage, "It ends the held phase; the channel is connected again."},
		{overviewPage, "Retrieving during a consultation makes a conference."},
		{none, "A held channel that ends raises it first."},
	}, []string{"held-channel", "hangup-while-away"}, []string{"channel.held"}},
	event.Parked: {"", []rule{
		{parkedPage, "The agent's own choice; on the agent's and the customer's channel."},
		{activitiesPage, "In the Insights Stats API calls are parked as well."},
	}, nil, []string{"parked", "channel.unparked"}},
	event.Unparked: {"", []rule{
		{unparkedPage, "It ends the parked phase, on the agent's and the customer's channel; they are connected again."},
		{none, "A parked channel that ends raises it first."},
	}, []string{"hangup-while-away"}, []string{"channel.parked"}},
	event.Interrupted: {"", []rule{
		{activitiesPage, "In the Insights Stats API work that is no call is interrupted by a call, and resumed."},
		{resumedPage, "The interrupted phase is that of the agent's and of the customer's channel; the more important interaction is a phone call, the other an email."},
		{none, "It begins when the agent takes the call. Its form follows from that of resumed."},
	}, []string{"interrupt-at"}, []string{"interrupted", "channel.resumed"}},
	event.Resumed: {"", []rule{
		{resumedPage, "The agent has completed the more important interaction. It ends the interrupted phase, on the agent's and the customer's channel."},
		{none, "Completed means that the wrap of the call is over, too. An interrupted channel that ends raises it first."},
	}, []string{"resume-at", "hangup-while-away"}, []string{"channel.interrupted"}},
	event.Disconnected: {"", []rule{
		{wrapPage, "It ends connected; an agent's wrap begins at the same moment."},
		{endedPage, "A channel that goes from connected to its end has ended at the same time."},
		{none, "It has no reason, and a channel that is away returns first."},
	}, []string{"disconnected-reason", "hangup-while-away"}, []string{"connected leave"}},
	event.WrapStarted: {"", []rule{
		{wrapPage, "An agent's channel has entered wrap, at the moment at which connected ends: disconnected comes at the same time."},
	}, []string{"failed-dial-wrap"}, []string{"wrap"}},
	event.Ended: {"", []rule{
		{endedPage, "Nothing follows it on a channel. Its reason stands before channel."},
		{none, "It comes alone where the other side gave up while the channel was alerting, and after connectionfailed."},
	}, []string{"abandon", "unexpected-time", "reason"}, []string{"ended", "data.reason"}},
	event.PresenceChanged: {"", []rule{
		{presencePage, "It is raised when the presence really changes, not when the agent announces an intention, and it ends the previous presence."},
		{interactionLife, "Through an inbound call and its wrap the presence stays Ready: neither is a presence."},
		{callsPage, "Making a call first moves the agent to Ready (Offline)."},
		{none, "Whether a call that an agent makes raises one is not public."},
		{changingPage, "What an agent intends takes effect when the interaction ends."},
		{changingPage, "Who neither changes state nor works on anything for 12 hours is logged out of ContactPad, but appears as before and may still be offered work."},
		{none, "So that raises no event."},
		{none, "After-work belongs to the interaction."},
	}, []string{"presence-on-dial"}, []string{"data.presence", "data.user"}},
}

var phaseFacts = map[lifecycle.Phase]fact{
	lifecycle.New: {"Before the channel exists.", []rule{{channelTypes, "A channel is created whenever a new participant becomes involved."}},
		nil, []string{"channel.alerted"}},
	lifecycle.Alerting: {"The party is offered the interaction, for instance the phone rings.", []rule{
		{alertedPage, "alerted begins it. It has no duration for the first channel of an inbound interaction."},
	}, nil, []string{"channel.alerted"}},
	lifecycle.Connected: {"The party takes part in the interaction.", []rule{
		{connectedPage, "It begins at exactly the moment at which alerting ends."},
		{wrapPage, "disconnected ends it."},
	}, nil, []string{"channel.connected", "channel.disconnected"}},
	lifecycle.Held: {"The party is on hold.", []rule{
		{channelTypes, "It is the party that is put on hold."},
		{retrievedPage, "retrieved ends it, and the channel moves back to connected."},
		{overviewPage, "Phone calls only; one channel is held at a time."},
		{none, "A held channel does not end without being retrieved."},
	}, []string{"held-channel", "hangup-while-away"}, []string{"channel.held"}},
	lifecycle.Parked: {"The agent has put the interaction aside.", []rule{
		{unparkedPage, "The agent's and the customer's channel; unparked ends it, and they move back to connected."},
		{none, "A parked channel does not end without being unparked."},
	}, []string{"hangup-while-away"}, []string{"channel.parked"}},
	lifecycle.Interrupted: {"A more important interaction has taken the agent away.", []rule{
		{resumedPage, "The agent's and the customer's channel; resumed ends it, and connected continues."},
		{none, "It begins when the agent takes the call, and lasts until the wrap of the call is over. An interrupted channel does not end without being resumed."},
	}, []string{"interrupt-at", "resume-at", "hangup-while-away"}, []string{"channel.interrupted"}},
	lifecycle.Unexpected: {"The connection failed.", []rule{
		{failedPage, "connectionfailed begins it."},
		{activitiesPage, "In the Insights Stats API it is a state with a duration."},
		{none, "ended follows it, some seconds later."},
	}, []string{"unexpected-time"}, []string{"channel.connectionfailed"}},
	lifecycle.Wrap: {"An agent's after-work.", []rule{
		{wrapPage, "Agents only. It begins with the end of connected."},
		{endedPage, "It ends when the agent has completed the tasks that follow the interaction."},
	}, nil, []string{"channel.wrapstarted"}},
	lifecycle.Ended: {"The channel is over.", []rule{{endedPage, "Nothing follows on the channel."}}, nil, []string{"channel.ended"}},
}

// verbFact is about the edges of a verb; one with a note is an assumption nevertheless.
type verbFact struct {
	source   source
	is       string
	also     []rule
	switches []string
}

var verbFacts = map[lifecycle.Verb]verbFact{
	lifecycle.Alert:  {alertedPage, "The party is offered the interaction.", nil, nil},
	lifecycle.Answer: {connectedPage, "The party takes the interaction.", nil, nil},
	lifecycle.Fail:   {failedPage, "The party rejects, is busy or does not answer.", nil, nil},
	lifecycle.Close:  {none, "A failed channel ends.", nil, []string{"unexpected-time"}},
	lifecycle.GiveUp: {none, "The other side gives up while this channel alerts.", nil, []string{"abandon"}},
	lifecycle.Hold: {heldPage, "A party of a phone call is put on hold.",
		[]rule{{overviewPage, "One channel is held at a time, and Alternate swaps which: that of an agent, too."}, {none, "Only the channel of that party is held."}}, []string{"held-channel"}},
	lifecycle.Retrieve: {retrievedPage, "The party is taken back from hold.", nil, []string{"held-channel"}},
	lifecycle.Park:     {parkedPage, "The agent puts the interaction aside.", nil, nil},
	lifecycle.Unpark:   {unparkedPage, "The agent takes the parked interaction up again.", nil, nil},
	lifecycle.Interrupt: {resumedPage, "A more important interaction takes the agent away.",
		[]rule{{none, "That is when the agent takes the call."}}, []string{"interrupt-at"}},
	lifecycle.Resume: {resumedPage, "The agent returns to the interrupted interaction.",
		[]rule{{none, "That is when the wrap of the call is over."}}, []string{"resume-at"}},
	lifecycle.Leave: {endedPage, "The party leaves or is left; an agent goes to wrap.",
		[]rule{{wrapPage, "An agent's wrap begins at the moment at which connected ends."}}, nil},
	lifecycle.LeaveUnwrapped: {endedPage, "An agent leaves who has no after-work.", nil, nil},
	lifecycle.Finish:         {endedPage, "The after-work is over.", nil, nil},
}

var roleFacts = map[event.Role]fact{
	event.External: {"An outside party, such as a customer.", []rule{
		{alertedPage, "agentId is for agents and monitors."}, {none, "It has neither agentId nor userId."},
	}, []string{"absent-ids"}, nil},
	event.Agent: {"An agent of the contact centre.", []rule{{alertedPage, "It has an agentId and a userId."}}, nil, []string{"wrap"}},
	event.Monitor: {"A supervisor who listens in.", []rule{
		{alertedPage, "It has an agentId."},
		{monitoringPage, "A monitor may coach, heard by the agent only, or join, heard by all."},
		{none, "It has a userId as agents have. The role after joining is not public."},
	}, []string{"joined-role"}, nil},
	event.Voicemail: {"A voicemail box.", []rule{
		{alertedPage, "agentId is for agents and monitors."}, {none, "It has neither agentId nor userId."},
	}, []string{"absent-ids"}, nil},
}
