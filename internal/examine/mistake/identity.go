package mistake

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// identityMistakes are about which notifications are the same, and what they are about.
var identityMistakes = []Mistake{
	{"refused-but-stored", rulebook.RefuseWithoutStoring, "stores what it refuses",
		[]change{func(c *consumer) { c.stores = func(d *trial.Delivery, _ *trial.Answer) bool { return d.Usable } }}},
	{"some-refused-but-stored", rulebook.RefuseWithoutStoring, "stores some of what it refuses before it has checked all of the token", storedBefore(
		[]rulebook.ID{rulebook.CompareHash}, []rulebook.ID{rulebook.RefuseExpired, rulebook.RequireExp}, []rulebook.ID{rulebook.CompareHash, rulebook.RefuseExpired, rulebook.RequireExp},
		[]rulebook.ID{rulebook.RequireToken}, []rulebook.ID{rulebook.VerifySignature, rulebook.OnlyHS256},
		[]rulebook.ID{rulebook.VerifySignature, rulebook.OnlyHS256, rulebook.CompareHash, rulebook.RefuseExpired, rulebook.RequireExp})},
	{"no-duplicates-known", rulebook.CountOnce, "counts every delivery, duplicates too",
		[]change{func(c *consumer) { c.blind = true }}},
	{"key-of-connection", rulebook.CountOnce, "knows a duplicate only if it comes over the same connection",
		[]change{func(c *consumer) { c.each = true }}},
	{"key-is-id", rulebook.KeyIsSourceAndID, "takes id alone for the key of duplicates",
		[]change{keyed(id), keyed(ofChannels(id)), keyed(func(n *trial.Note) string { return n.ID + n.Type })}},
	{"key-in-lower-case", rulebook.IDsAreCaseSensitive, "compares ids without regard to case",
		[]change{keyed(func(n *trial.Note) string { return n.Source + strings.ToLower(n.ID) }),
			keyed(lowerID), keyed(ofChannels(lowerID))}},
	{"key-is-content", rulebook.NewIDIsNew, "takes what says the same of the same channel for a duplicate",
		[]change{keyed(func(n *trial.Note) string { return n.Type + n.Channel + n.Timestamp }),
			keyed(func(n *trial.Note) string { return n.Type + n.Subject + n.Timestamp + n.Time }),
			keyed(func(n *trial.Note) string { kind, _ := kindOf(n.Type); return kind + n.Channel + n.Timestamp }),
			keyed(func(n *trial.Note) string { return n.Type + n.Channel + second(n) })}},
	{"key-is-channel-and-type", rulebook.SumPhases, "takes a second event of the same type on the same channel for a duplicate",
		[]change{keyed(func(n *trial.Note) string { return n.Type + n.Channel })}},
	{"key-is-channel-and-timestamp", rulebook.NewIDIsNew, "takes events of one channel at the same instant for duplicates",
		[]change{keyed(func(n *trial.Note) string { return n.Channel + n.Timestamp }), keyed(func(n *trial.Note) string { return n.Channel + n.Time }),
			keyed(func(n *trial.Note) string { return n.Channel + n.Timestamp + n.Type[max(0, len(n.Type)-2):] }),
			keyed(func(n *trial.Note) string { return n.Channel + second(n) }),
			keyed(func(n *trial.Note) string { return n.Channel + n.Timestamp + reasoned(n) })}},
	{"short-memory", rulebook.RememberLong, "forgets ids after a number of others", slices.Concat(remembering(1, 2, 5, 10, 16, 20, 32, 50, 64, 100,
		128, 200, 250, 256, 300, 500, 512, 1000, 1024, 2000, 2048, 4096, 5000, 8192, 10000), rereading(100, 500, 512, 1000, 1024, 2000, 2048, 4096, 5000, 8192, 10000))},
	{"short-time-memory", rulebook.RememberLong, "forgets ids after a time", remembersFor(time.Second, 2*time.Second, 5*time.Second, 10*time.Second, 20*time.Second, 30*time.Second, time.Minute)},
	{"short-memory-of-channel", rulebook.RememberLong, "remembers only the last ids of each channel or conversation", slices.Concat(
		apartly(func(n *trial.Note) string { return n.Channel }, 1, 2, 3, 5), apartly(func(n *trial.Note) string { return n.Conversation }, 1, 5, 10))},
	{"key-is-part-of-id", rulebook.KeyIsSourceAndID, "takes the beginning of id for the key of duplicates", beginning(5, 6, 8, 10, 12, 15, 16, 20, 24, 25, 26)},
	{"seen-before-verified", rulebook.RefuseWithoutStoring, "marks a notification as seen before it has verified it, and loses what comes after a forgery",
		[]change{func(c *consumer) { c.marks = markedUnknown }}},
	{"seen-while-read", rulebook.RecoverFromCutOff, "marks a notification as seen while it is still reading it, and loses it if the connection is cut",
		[]change{func(c *consumer) { c.marks = markedUnread }, func(c *consumer) {
			keyed(func(n *trial.Note) string { return n.ID })(c)
			c.marks = markedUnread
		}}},
	{"seen-before-stored", rulebook.RetryIsNoDuplicate, "marks a notification as seen before it has stored it", []change{func(c *consumer) { c.failed = theKey }, func(c *consumer) { c.failed, c.fleeting = theKey, true }}},
	{"stored-before-seen", rulebook.WholeOrNothing, "stores a notification before it marks it as seen", []change{func(c *consumer) { c.failed = theFact }, func(c *consumer) { c.failed = theCount }}},
	{"counted-apart", rulebook.WholeOrNothing, "counts a notification apart from storing it: one that a crash interrupts is stored, and not counted", []change{func(c *consumer) { c.failed = theUncounted }}},
	{"torn", rulebook.WholeOrNothing, "goes on behind the half of a notification that a crash left: what it stores there cannot be read",
		[]change{func(c *consumer) { c.failed = theTear }, func(c *consumer) { c.failed = theHalf }}},
	{"memory-lost", rulebook.RememberAcrossRestart, "forgets in a restart which ids it has seen",
		[]change{func(c *consumer) { c.loses = theKeys }}},
	{"memory-cut", rulebook.RememberAcrossRestart, "knows after a restart only the ids that it has seen last",
		[]change{func(c *consumer) { c.loses, c.warm = theKeys, 100 }}},
	{"all-lost", rulebook.StoreBeforeAnswer, "forgets everything in a restart",
		[]change{func(c *consumer) { c.loses = everything }}},
	{"counts-anew", rulebook.StoreBeforeAnswer, "forgets in a restart how many notifications it has accepted",
		[]change{func(c *consumer) { c.counts = true }}},
	{"latest-kept", rulebook.StoreBeforeAnswer, "knows after a restart only what it has accepted last", lastKept(100, 10, 20, 50, 200, 250, 256, 300, 400, 500, 512, 1000, 1024, 2000)},
	{"latest-lost", rulebook.StoreBeforeAnswer, "loses in a restart what it has accepted last",
		[]change{func(c *consumer) { c.loses = theLatest }}},

	{"interaction-is-subject", rulebook.InteractionFromData, "takes subject for the interaction",
		[]change{func(c *consumer) { c.interaction = func(_ *call, p *part) string { return p.first.Subject } }}},
	{"interaction-is-first", rulebook.InteractionFromData, "takes the first interaction of a conversation for that of all channels",
		[]change{func(c *consumer) {
			c.interaction = func(k *call, _ *part) string { return k.channels[0].first.Interaction }
		}}},
	{"interaction-is-last", rulebook.InteractionFromData, "takes the last interaction of a conversation for that of all channels",
		[]change{func(c *consumer) {
			c.interaction = func(k *call, _ *part) string { return k.channels[len(k.channels)-1].first.Interaction }
		}}},
	{"interaction-is-conversation", rulebook.InteractionFromData, "takes the conversation for the interaction",
		[]change{func(c *consumer) { c.interaction = func(_ *call, p *part) string { return p.first.Conversation } }}},
	{"agent-id-is-a-number", rulebook.AgentIDIsText, "makes a number of agentId",
		[]change{agentID(func(n float64) any { return n }),
			agentID(func(n float64) any { return strconv.FormatFloat(n, 'f', -1, 64) })}},
	{"null-is-text", rulebook.AcceptNullIDs, "tells a text for an agentId that is null", texts(func(n *trial.Note) bool { return n.NullAgentID })},
	{"nobody-is-text", rulebook.AcceptExternal, "tells a text for an agentId that is not there", slices.Concat(
		texts(func(n *trial.Note) bool { return n.AgentID == nil }), texts(func(n *trial.Note) bool { return n.AgentID == nil && !n.NullAgentID }))},
	{"user-is-the-agent", rulebook.AgentIDIsText, "tells userId for agentId", []change{userID(true), userID(false)}},
	{"monitor-is-an-agent", rulebook.RolesApart, "takes a monitor for an agent", []change{role("monitor", "agent")}},
	{"voicemail-is-external", rulebook.RolesApart, "takes voicemail for the customer", []change{role("voicemail", "external")}},
	{"agent-is-external", rulebook.RolesApart, "takes every agent for the customer", []change{role("agent", "external")}},

	{"voicemail-is-an-agent", rulebook.RolesApart, "takes voicemail for an agent", []change{role("voicemail", "agent"), func(c *consumer) {
		role("voicemail", "agent")(c)
		figure(nobodyCounts)(c)
	}}},
	{"others-are-agents", rulebook.RolesApart, "takes everybody but the customer for an agent", []change{func(c *consumer) {
		role("voicemail", "agent")(c)
		role("monitor", "agent")(c)
	}}},
	{"role-by-agent-id", rulebook.RolesApart, "takes whoever has an agentId for an agent, and everybody else for the customer", []change{func(c *consumer) {
		role("voicemail", "external")(c)
		role("monitor", "agent")(c)
	}}},
	{"monitors-ignored", rulebook.RolesApart, "ignores monitors", []change{without("monitor")}},
	{"voicemail-ignored", rulebook.RolesApart, "ignores voicemail", []change{without("voicemail")}},
	{"customers-ignored", rulebook.AcceptExternal, "ignores parties without agentId", []change{without("external", "voicemail"), without("external")}},
	{"v0-ignored", rulebook.AcceptVersions, "ignores v0", []change{unless(func(n *trial.Note) bool { return strings.HasSuffix(n.Type, ".v0") })}},
	{"v1-ignored", rulebook.AcceptVersions, "ignores v1", []change{unless(func(n *trial.Note) bool { return strings.HasSuffix(n.Type, ".v1") })}},

	{"conversation-ends-with-channel", rulebook.ChannelsApart, "takes the end of one channel for the end of the conversation",
		[]change{dropping(func(k *call, _ *step) bool { return k.any(func(f *fact) bool { return f.kind == "channel.ended" }) }),
			dropping(func(k *call, st *step) bool {
				return k.any(func(f *fact) bool { return f.kind == "channel.ended" && f.note.Role == "external" })
			}),
			dropping(func(k *call, st *step) bool { return k.left() && st.fact.kind != "channel.ended" })}},
	{"one-conversation", rulebook.ConversationsApart, "keeps one conversation: when another one begins, it forgets what it knew",
		[]change{func(c *consumer) { c.lone = true }}},
	{"conversation-of-the-agent", rulebook.ConversationsApart, "takes what is about an agent for a part of the agent's last conversation",
		[]change{func(c *consumer) { c.byAgent = "channel.alerted" }, func(c *consumer) { c.byAgent = "channel.connected" }}},
	{"first-interaction-only", rulebook.ChannelsApart, "keeps the first interaction of a conversation only",
		[]change{dropping(func(k *call, st *step) bool {
			return len(k.channels) > 0 && k.channels[0].first.Interaction != st.delivery.Interaction
		})}},
	{"hold-is-of-all", rulebook.ChannelsApart, "takes hold for a state of all channels of the interaction",
		[]change{func(c *consumer) {
			c.shared = func(p, other *part, f *fact) bool {
				return other.first.Interaction == p.first.Interaction && (f.kind == "channel.held" || f.kind == "channel.retrieved")
			}
		}, holdOfKnown, func(c *consumer) {
			holdOfKnown(c)
			c.strict = true
		}}},
	{"channel-is-agent", rulebook.ChannelsApart, "takes all channels of an agent in a conversation for one",
		slices.Concat(merging(func(n *trial.Note) (string, bool) { id, ok := n.AgentID.(string); return id, ok }),
			merging(func(n *trial.Note) (string, bool) { id, ok := n.AgentID.(string); return n.Role + " " + id, ok }),
			merging(func(n *trial.Note) (string, bool) { id, ok := n.AgentID.(string); return n.Interaction + " " + id, ok }))},
	{"channel-is-role", rulebook.ChannelsApart, "takes all channels of one role in a conversation for one",
		slices.Concat(merging(func(n *trial.Note) (string, bool) { return n.Role, true }),
			merging(func(n *trial.Note) (string, bool) { id, _ := n.AgentID.(string); return n.Role + " " + id, true }))},
	{"channel-is-interaction", rulebook.ChannelsApart, "takes all channels of an interaction for one",
		slices.Concat(merging(func(n *trial.Note) (string, bool) { return n.Interaction, true }),
			merging(func(n *trial.Note) (string, bool) { return n.Interaction + n.Role, true }))},
}

func id(n *trial.Note) string      { return n.ID }
func lowerID(n *trial.Note) string { return strings.ToLower(n.ID) }

// ofChannels is the key of those that store nothing of an agent's presence: its ids are in nobody's way.
func ofChannels(key func(*trial.Note) string) func(*trial.Note) string {
	return func(n *trial.Note) string {
		if n.Channel == "" {
			return byID.key(n)
		}
		return key(n)
	}
}

// holdOfKnown takes hold for a state of all channels that are known by then.
func holdOfKnown(c *consumer) {
	c.shared = func(p, _ *part, f *fact) bool {
		return p.facts[0].nth < f.nth && (f.kind == "channel.held" || f.kind == "channel.retrieved")
	}
}

// beginning takes so many letters of the id for the key.
func beginning(lengths ...int) (all []change) {
	for _, l := range lengths {
		all = append(all, keyed(func(n *trial.Note) string { return n.Source + n.ID[:min(l, len(n.ID))] }))
	}
	return all
}

// second is the second of the timestamp.
func second(n *trial.Note) string {
	return n.Timestamp[:min(len("2006-01-02T15:04:05"), len(n.Timestamp))]
}

// reasoned is the type of those whose data have a reason: what is the same without the type is not the same then.
func reasoned(n *trial.Note) string {
	if kind, _ := kindOf(n.Type); kind == "channel.ended" || kind == "channel.connectionfailed" {
		return kind
	}
	return ""
}

func keyed(key func(*trial.Note) string) change { return func(c *consumer) { c.key = key } }

func remembering(sizes ...int) (all []change) {
	for _, n := range sizes {
		all = append(all, func(c *consumer) { c.memory = n })
	}
	return all
}

// rereading knows all again after a start that it has stored before, and forgets only what comes then.
func rereading(sizes ...int) (all []change) {
	for _, n := range sizes {
		all = append(all, func(c *consumer) { c.memory, c.rereads = n, true })
	}
	return all
}

// apartly remembers so many keys of each of what notifications are about.
func apartly(of func(*trial.Note) string, sizes ...int) (all []change) {
	for _, n := range sizes {
		all = append(all, func(c *consumer) { c.memory, c.memoryOf = n, of })
	}
	return all
}

// lastKept knows only so many of the last notifications after a crash.
func lastKept(sizes ...int) (all []change) {
	for _, n := range sizes {
		all = append(all, func(c *consumer) { c.loses, c.warm = theOldest, n })
	}
	return all
}

func remembersFor(spans ...time.Duration) (all []change) {
	for _, d := range spans {
		all = append(all, func(c *consumer) { c.span = d })
	}
	return all
}

// storedBefore stores what is refused for what some rules forbid: it finds out about these when it has stored it.
func storedBefore(found ...[]rulebook.ID) (all []change) {
	for _, rules := range found {
		all = append(all, func(c *consumer) {
			right := c.stores
			c.stores = func(d *trial.Delivery, a *trial.Answer) bool {
				return right(d, a) || d.Usable && slices.Contains(rules, d.Token.Rule())
			}
		})
	}
	return all
}

// unless stores nothing of some notifications, which it accepts.
func unless(ignored func(*trial.Note) bool) change {
	return func(c *consumer) {
		right := c.stores
		c.stores = func(d *trial.Delivery, a *trial.Answer) bool { return right(d, a) && !ignored(&d.Note) }
	}
}

// without ignores roles.
func without(roles ...string) change {
	return unless(func(n *trial.Note) bool { return n.Channel != "" && slices.Contains(roles, n.Role) })
}

func dropping(drops func(*call, *step) bool) change { return func(c *consumer) { c.drops = drops } }

// any reports whether something happened in a conversation.
func (k *call) any(happened func(*fact) bool) bool {
	for _, p := range k.channels {
		for i := range p.facts {
			if happened(&p.facts[i]) {
				return true
			}
		}
	}
	return false
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

// texts are what languages make of nothing, told for the agentId of some notifications.
func texts(of func(*trial.Note) bool) (all []change) {
	for _, text := range []any{"null", "None", "undefined", "nil", "<nil>", "NULL", "none", "unknown", "0", 0.0} {
		all = append(all, func(c *consumer) {
			c.agentID = func(n *trial.Note) any {
				if of(n) {
					return text
				}
				return n.AgentID
			}
		})
	}
	return all
}

// userID tells userId for agentId: where there is one, or wherever.
func userID(either bool) change {
	return func(c *consumer) {
		c.agentID = func(n *trial.Note) any {
			if n.UserID == nil && either {
				return n.AgentID
			}
			return n.UserID
		}
	}
}

// role takes one role for another.
func role(from, to string) change {
	return func(c *consumer) {
		right := c.role
		c.role = func(n *trial.Note) string {
			if n.Role == from {
				return to
			}
			if right != nil {
				return right(n)
			}
			return strings.ToLower(n.Channel)
		}
	}
}

// merging has something else for the key of channels, and tells the first or the last identifier, and what is about the first or the newest.
func merging(key func(*trial.Note) (string, bool)) []change {
	newest := func(_ *call, p *part) string {
		if len(p.facts) == 0 {
			return p.first.Interaction
		}
		last := slices.MaxFunc(p.facts, func(a, b fact) int { return cmp.Or(a.at.Compare(b.at), a.nth-b.nth) })
		return last.note.Interaction
	}
	return onwards(channel(key), func(c *consumer) {
		channel(key)(c)
		c.latest = true
	}, func(c *consumer) {
		channel(key)(c)
		c.interaction = newest
	})
}

// channel takes something else for the key of channels, where there is such a thing.
func channel(key func(*trial.Note) (string, bool)) change {
	return func(c *consumer) {
		right := c.channel
		c.channel = func(n *trial.Note) string {
			if k, ok := key(n); ok {
				return k
			}
			if right != nil {
				return right(n)
			}
			return strings.ToLower(n.Channel)
		}
	}
}
