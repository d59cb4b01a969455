package dimension

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/plan"
)

// identityRecipes are about which notifications are the same, and what they are about.
func identityRecipes(*Planner) []recipe {
	counts := trial.Notifications | trial.Seconds | trial.Figures // the aspects that tell of duplicates
	rules := func(all ...rulebook.ID) []rulebook.ID { return all }
	all := []recipe{
		{"duplicates/at-once", "Each notification comes twice.", rules(rulebook.CountOnce), counts, func(m *maker) { m.again(m.agentCall(how{}), 0) }},
		{"duplicates/other-connection", "Each notification comes again over a connection of its own.", rules(rulebook.CountOnce), counts, otherConnection},
		{"duplicates/after-one", "Each notification comes again behind the next one.", rules(rulebook.CountOnce), counts, func(m *maker) { m.again(m.agentCall(how{}), 1) }},
		{"duplicates/after-all", "The whole call comes again.", rules(rulebook.CountOnce, rulebook.NeverReopen), 0, func(m *maker) { m.again(m.play("call-with-hold", how{}), 11) }},
		{"id-of-presence", "A presence change and a notification of a channel have one id: their sources differ.", rules(rulebook.KeyIsSourceAndID), 0, idOfPresence},
		{"presence-in-each-phase", "An agent's presence changes in each phase of the agent's channel.", rules(rulebook.PresenceApart), 0, presenceInPhases},
		{"id-of-other-source", "Two notifications of a channel have one id, and different sources.", rules(rulebook.KeyIsSourceAndID), 0, otherSource},
		{"id-of-other-source/of-a-type", "Notifications of one type, of two channels, have one id, and different sources.", rules(rulebook.KeyIsSourceAndID), 0, otherSourceOfAType},
		{"ids-in-case", "The ids of two notifications differ in case only.", rules(rulebook.IDsAreCaseSensitive), 0, idsInCase},
		{"ids-alike", "The ids of two notifications differ in their last letter only.", rules(rulebook.KeyIsSourceAndID), 0, idsAlike},
		{"new-ids", "Each notification comes again under a new id.", rules(rulebook.NewIDIsNew), trial.Notifications, func(m *maker) {
			all := m.agentCall(how{})
			m.send(slices.Concat(all, m.renewed(all))...)
		}},
		{"versions/v0-first", "Each event comes in v0 and in v1.", rules(rulebook.AcceptVersions, rulebook.CountOnce), 0, func(m *maker) { m.send(m.agentCall(how{versions: plan.Both})...) }},
		{"versions/v1-first", "Each event comes in v1 and in v0, the last event first.", rules(rulebook.AcceptVersions, rulebook.OrderByTimestamp), 0, func(m *maker) {
			all := m.agentCall(how{versions: plan.Both})
			slices.Reverse(all)
			m.send(all...)
		}},
		{"versions/duplicates", "Each event comes twice in v0 and twice in v1.", rules(rulebook.CountOnce), counts, func(m *maker) { m.again(m.agentCall(how{versions: plan.Both}), 3) }},
		{"interleaved", "Three calls come by turns.", rules(rulebook.ConversationsApart), 0, interleaved},
	}
	for _, at := range []struct {
		phase  string
		events int
	}{{"connected", 2}, {"held", 3}, {"wrap", 6}} {
		all = append(all, recipe{"presence-in-mid-call/" + at.phase, "An agent's presence changes while the agent's channel is " + at.phase + ", and nothing follows.",
			rules(rulebook.PresenceApart), 0, func(m *maker) { m.presencesBehind(at.events, m.inCalls()) }},
			recipe{"presence-in-mid-call/" + at.phase + "/away", "An agent is not ready any more while the agent's channel is " + at.phase + ", and nothing follows.",
				rules(rulebook.PresenceApart), 0, func(m *maker) {
					presences := m.inCalls()
					m.presencesBehind(at.events, presences[:max(0, len(presences)-1)]) // the last one is ready again
				}})
	}
	return append(all,
		recipe{"duplicates/after-300", "A call comes again after 300 other notifications.", rules(rulebook.RememberLong, rulebook.CountOnce), counts, func(m *maker) { m.late(300, 1) }},
		recipe{"duplicates/after-a-minute", "A call comes again at the end of the examination.", rules(rulebook.RememberLong, rulebook.CountOnce), counts, func(m *maker) {
			all := m.agentCall(how{})
			m.send(all...)
			for i := range all {
				m.Later = append(m.Later, all[i].Delivery)
			}
		}},
		recipe{"news/after-a-minute", "The hold of a call that has ended is told at the end of the examination.", rules(rulebook.NeverReopen), 0, func(m *maker) {
			rest, hold := m.apart("call-with-hold")
			m.send(rest...)
			for _, n := range hold {
				m.Later = append(m.Later, n.Delivery)
			}
		}},
	)
}

// apart plays a story, and takes its hold out of it.
func (m *maker) apart(name string) (rest, hold []note) {
	for _, n := range m.play(name, how{}) {
		if k := n.event.Type.Kind; k == event.Held || k == event.Retrieved {
			hold = append(hold, n)
		} else {
			rest = append(rest, n)
		}
	}
	return rest, hold
}

// again sends each notification again behind so many others.
func (m *maker) again(all []note, behind int) {
	for i := range len(all) + behind {
		if i < len(all) {
			m.send(all[i])
		}
		if i >= behind {
			m.send(all[i-behind])
		}
	}
}

// otherConnection sends each notification again over a connection of its own.
func otherConnection(m *maker) {
	for _, n := range m.agentCall(how{}) {
		m.send(n)
		n.Wire.Way = trial.NewClose
		m.send(n)
	}
}

// idOfPresence gives each notification of a channel the id of a presence change that comes before it.
func idOfPresence(m *maker) {
	presences := slices.DeleteFunc(m.play("presences", how{}), func(n note) bool { return n.event.Type.Kind != event.PresenceChanged })
	for i, n := range m.agentCall(how{}) {
		if i < len(presences) {
			m.send(presences[i])
			n.edit(func(e *event.Event) { e.ID = presences[i].event.ID })
		}
		m.send(n)
	}
}

// inCalls plays changes of an agent's presence. Agents do not log out in a call.
func (m *maker) inCalls() (presences []note) {
	for _, n := range m.play("presences", how{}) {
		if n.event.Type.Kind == event.PresenceChanged && !bytes.Contains(n.Body, []byte("loggedOut")) {
			presences = append(presences, n)
		}
	}
	return presences
}

// presencesBehind sends so many events of a channel, and then changes of the agent's presence, half a second apart.
func (m *maker) presencesBehind(events int, presences []note) {
	all := m.agentCall(how{})
	all = all[:min(events, len(all))]
	m.send(all...)
	for i, n := range presences {
		if len(all) > 0 {
			n.edit(func(e *event.Event) {
				e.Timestamp.Time = all[len(all)-1].event.Timestamp.Add(time.Duration(i+1) * 500 * time.Millisecond)
			})
		}
		m.send(n)
	}
}

// presenceInPhases changes the agent's presence half a second behind each event of a channel.
func presenceInPhases(m *maker) {
	var presences []note
	for range 3 {
		presences = append(presences, m.inCalls()...)
	}
	for i, n := range m.agentCall(how{}) {
		m.send(n)
		if i < len(presences) {
			presences[i].edit(func(e *event.Event) { e.Timestamp.Time = n.event.Timestamp.Add(500 * time.Millisecond) })
			m.send(presences[i])
		}
	}
}

// otherSource gives neighbours one id, and the second one a source that is not documented. The first such source stands
// beside an id of its own, and shows whether the consumer ignores what has another source.
func otherSource(m *maker) {
	all := m.agentCall(how{})
	for i := 1; i < len(all); i += 2 {
		if i > 1 {
			all[i].edit(func(e *event.Event) { e.ID = all[i-1].event.ID })
		}
		all[i].write(bytes.Replace(all[i].Body, []byte(`"source":"/channel"`), []byte(`"source":"/channel/2"`), 1))
		all[i].Odd = true
	}
	m.send(all...)
}

// otherSourceOfAType does so with notifications of one type, of two channels.
func otherSourceOfAType(m *maker) {
	all := m.call("short-call", how{})
	used := map[int]bool{}
	for i := range all {
		for j := range i {
			if used[j] || all[j].Type != all[i].Type || all[j].Channel == all[i].Channel {
				continue
			}
			if len(used) > 0 {
				all[i].edit(func(e *event.Event) { e.ID = all[j].event.ID })
			}
			used[i], used[j] = true, true
			all[i].write(bytes.Replace(all[i].Body, []byte(`"source":"/channel"`), []byte(`"source":"/channel/2"`), 1))
			all[i].Odd = true
			break
		}
	}
	m.send(all...)
}

// idsInCase gives two neighbours ids that differ in case only.
func idsInCase(m *maker) {
	all := m.agentCall(how{})
	for i := 1; i < len(all); i += 2 {
		all[i].edit(func(e *event.Event) { copy(e.ID[:], inOtherCase(all[i-1].event.ID.String())) })
	}
	m.send(all...)
}

// idsAlike gives two neighbours ids that differ in their last letter.
func idsAlike(m *maker) {
	all := m.agentCall(how{})
	for i := 1; i < len(all); i += 2 {
		all[i].edit(func(e *event.Event) {
			e.ID = all[i-1].event.ID
			if last := &e.ID[len(e.ID)-1]; *last == '0' {
				*last = '1'
			} else {
				*last = '0'
			}
		})
	}
	m.send(all...)
}

// inOtherCase changes the case of the last letters of an id; the first ones hold the time.
func inOtherCase(id string) string {
	return id[:10] + strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, id[10:])
}

// interleaved sends several calls by turns.
func interleaved(m *maker) {
	var calls [3][]note
	for i := range calls {
		calls[i] = m.play("call-with-hold", how{})
	}
	for i := range calls[0] {
		for _, c := range calls {
			m.send(c[i])
		}
	}
}

// late sends a call again after so many notifications of others, which are released several at a time.
func (m *maker) late(others, together int) {
	all := m.agentCall(how{})
	m.send(all...)
	if len(all) > 0 {
		m.Ask = []string{all[0].Conversation}
	}
	m.others(others, together)
	m.send(all...)
}
