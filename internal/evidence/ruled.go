package evidence

import (
	"fmt"

	"github.com/ringback/ringback/receiver"
)

// ruleFacts say when a rule of verify is broken, and what it rests on.
var ruleFacts = map[receiver.Rule]fact{
	receiver.V0TimeEarly: {"in v0 time is before data.timestamp", []rule{{alertedPage, "time is the moment the notification was sent, and timestamp that of the event."}}, nil, []string{"time"}},
	receiver.V1TimeDiffers: {"in v1 time is not data.timestamp; found once for each channel", []rule{
		{laterPage, "In v1 time is the moment of the event, though the example has it half a second behind data.timestamp."},
	}, nil, []string{"time"}},
	receiver.IDSecond: {"in v0 the second in the ID is not that of time, or in v1 it is before data.timestamp; found once for each channel", []rule{
		{none, "An ID is made when the notification is sent."},
		{alertedPage, "In the example it is a year or more away."},
	}, nil, []string{"id"}},
	receiver.IDReused: {"two different notifications have one source and ID", []rule{{alertedPage, "id and source together are a unique identifier."}}, nil, []string{"id"}},
	receiver.IDShared: {"both versions of one event have the same ID", []rule{{none, "They are two notifications."}}, nil, []string{"id", "event-versions"}},
	receiver.IdentityChanged: {"a channel's role, user, interaction or conversation changes", []rule{
		{channelTypes, "An interaction has one channel for each participant."},
	}, nil, []string{"data.channel.channelId"}},
	receiver.InteractionMove: {"an interaction is in two conversations", []rule{{webhooksPages, "A conversation holds its interactions."}}, nil, []string{"data.channel.interactionId"}},
	receiver.AgentAmbiguous:  {"an agent ID has two user IDs, or the other way round", []rule{{alertedPage, "agentId and userId identify the agent."}}, nil, []string{"data.channel.party.agentId"}},
	receiver.IllegalTransition: {"an event comes in a phase that does not know it", []rule{
		{channelTypes, "The lifecycle of channels is documented."},
	}, []string{"hangup-while-away"}, []string{"order"}},
	receiver.AssumedTransition: {"disconnected comes while the channel is alerting or unexpected", []rule{
		{none, "What was never connected ends without it."},
	}, []string{"abandon", "unexpected-time"}, []string{"alerting give up", "unexpected close"}},
	receiver.AfterEnded:        {"anything follows ended", []rule{{endedPage, "Nothing follows ended on a channel."}}, nil, []string{"channel.ended"}},
	receiver.MissingAlerted:    {"a channel begins otherwise than with alerted", []rule{{alertedPage, "alerted comes when alerting starts, for an inbound interaction with no duration."}}, nil, []string{"channel.alerted"}},
	receiver.DisconnectedAlone: {"neither wrapstarted nor ended has the timestamp of disconnected", []rule{{wrapPage, "Connected ends as wrap begins."}, {endedPage, "Or it ends as the channel does."}}, nil, []string{"channel.disconnected"}},
	receiver.WrapNotAgent:      {"a channel that is not an agent's has wrapstarted", []rule{{wrapPage, "Agents only have after-work."}}, nil, []string{"wrap"}},
	receiver.PresenceRepeated:  {"an agent changes to the presence that the agent was in", []rule{{presencePage, "The event comes when the presence really changes."}}, nil, []string{"agent.presencechanged"}},
}

func ruled() (all []Entry) {
	for _, r := range receiver.Rules() {
		class, _ := r.About()
		f := ruleFacts[r]
		if f.is != "" {
			f.is = fmt.Sprintf("A %s found by verify: %s.", class, f.is)
		}
		all = append(all, f.entry(VerifyRule, string(r), ""))
	}
	return all
}
