package mistake

import (
	"strconv"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// identityMistakes are about which notifications are the same, and what they are about.
var identityMistakes = []Mistake{
	{"refused-but-stored", rulebook.RefuseWithoutStoring, "stores what it refuses",
		[]change{func(c *consumer) { c.stores = func(d *trial.Delivery, _ *trial.Answer) bool { return d.Usable } }}},
	{"no-duplicates-known", rulebook.CountOnce, "counts every delivery, duplicates too",
		[]change{func(c *consumer) { c.blind = true }}},
	{"key-is-id", rulebook.KeyIsSourceAndID, "takes id alone for the key of duplicates",
		[]change{keyed(func(n *trial.Note) string { return n.ID })}},
	{"key-in-lower-case", rulebook.IDsAreCaseSensitive, "compares ids without regard to case",
		[]change{keyed(func(n *trial.Note) string { return n.Source + strings.ToLower(n.ID) }),
			keyed(func(n *trial.Note) string { return strings.ToLower(n.ID) })}},
	{"key-is-content", rulebook.NewIDIsNew, "takes what says the same of the same channel for a duplicate",
		[]change{keyed(func(n *trial.Note) string { return n.Type + n.Channel + n.Timestamp }),
			keyed(func(n *trial.Note) string { return n.Type + n.Subject + n.Timestamp + n.Time })}},
	{"key-is-channel-and-type", rulebook.SumPhases, "takes a second event of the same type on the same channel for a duplicate",
		[]change{keyed(func(n *trial.Note) string { return n.Type + n.Channel })}},
	{"key-is-channel-and-timestamp", rulebook.OrderSameInstant, "takes events of one channel at the same instant for duplicates",
		[]change{keyed(func(n *trial.Note) string { return n.Channel + n.Timestamp })}},
	{"short-memory", rulebook.RememberLong, "forgets ids after a number of others", remembering(1, 2, 5, 10, 16, 20, 32, 50, 64, 100,
		128, 200, 250, 256, 300, 500, 512, 1000, 1024, 2000, 2048, 4096, 5000, 8192, 10000)},
	{"memory-lost", rulebook.RememberAcrossRestart, "forgets in a restart which ids it has seen",
		[]change{func(c *consumer) { c.loses = theKeys }}},
	{"all-lost", rulebook.StoreBeforeAnswer, "forgets everything in a restart",
		[]change{func(c *consumer) { c.loses = everything }}},

	{"interaction-is-subject", rulebook.InteractionFromData, "takes subject for the interaction",
		[]change{func(c *consumer) { c.interaction = func(_ *call, p *part) string { return p.first.Subject } }}},
	{"interaction-is-conversation", rulebook.InteractionFromData, "takes the conversation for the interaction",
		[]change{func(c *consumer) { c.interaction = func(_ *call, p *part) string { return p.first.Conversation } }}},
	{"agent-id-is-a-number", rulebook.AgentIDIsText, "makes a number of agentId",
		[]change{agentID(func(n float64) any { return n }),
			agentID(func(n float64) any { return strconv.FormatFloat(n, 'f', -1, 64) })}},
	{"monitor-is-an-agent", rulebook.RolesApart, "takes a monitor for an agent", []change{role("monitor", "agent")}},
	{"voicemail-is-external", rulebook.RolesApart, "takes voicemail for the customer", []change{role("voicemail", "external")}},
	{"agent-is-external", rulebook.RolesApart, "takes every agent for the customer", []change{role("agent", "external")}},

	{"channel-is-agent", rulebook.ChannelsApart, "takes all channels of an agent in a conversation for one",
		[]change{channel(func(n *trial.Note) (string, bool) { id, ok := n.AgentID.(string); return id, ok })}},
	{"channel-is-role", rulebook.ChannelsApart, "takes all channels of one role in a conversation for one",
		[]change{channel(func(n *trial.Note) (string, bool) { return n.Role, true })}},
	{"channel-is-interaction", rulebook.ChannelsApart, "takes all channels of an interaction for one",
		[]change{channel(func(n *trial.Note) (string, bool) { return n.Interaction, true }),
			channel(func(n *trial.Note) (string, bool) { return n.Interaction + n.Role, true })}},
}

func keyed(key func(*trial.Note) string) change { return func(c *consumer) { c.key = key } }

func remembering(sizes ...int) (all []change) {
	for _, n := range sizes {
		all = append(all, func(c *consumer) { c.memory = n })
	}
	return all
}

// agentID changes identifiers of agents that can be read as a number.
func agentID(as func(float64) any) change {
	return func(c *consumer) {
		c.agentID = func(n *trial.Note) any {
			text, _ := n.AgentID.(string)
			number, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return n.AgentID
			}
			return as(number)
		}
	}
}

// role takes one role for another.
func role(from, to string) change {
	return func(c *consumer) {
		c.role = func(n *trial.Note) string {
			if n.Role == from {
				return to
			}
			return n.Role
		}
	}
}

// channel takes something else for the key of channels, where there is such a thing.
func channel(key func(*trial.Note) (string, bool)) change {
	return func(c *consumer) {
		right := c.channel
		c.channel = func(n *trial.Note) string {
			if k, ok := key(n); ok {
				return k
			}
			return right(n)
		}
	}
}
