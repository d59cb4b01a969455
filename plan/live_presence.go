package plan

import (
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario"
)

// LivePresence makes the notifications of an agent's change to a presence, by its word in
// scenarios: one for each version. There are none for a word, a start or an agent that
// NewLive would refuse. The identifiers follow from the seed, the agent, the moment, and nth,
// which tells apart changes in one millisecond.
func LivePresence(o LiveOptions, agent LiveAgent, presence string, at time.Time, nth uint64) []Notification {
	known := slices.IndexFunc(scenario.Presences(), func(p scenario.Presence) bool { return p.Word == presence })
	p, err := newLivePlan(&o, []scenario.Party{{Name: "customer"}, agent.party()})
	if known < 0 || err != nil || agent.User.AgentID == "" {
		return nil
	}
	l := &Live{wire: p, play: p.livePlay(namePresence)}
	l.moment(at)
	l.play.key = l.play.key.WithText(agent.User.AgentID).With(uint64(l.play.now)).With(nth)
	l.play.plan1(entry{at: l.play.now, channel: outside + 1, kind: event.PresenceChanged, change: uint8(known + 1), op: -1})
	return l.take()
}
