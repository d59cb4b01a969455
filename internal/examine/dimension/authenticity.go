package dimension

import (
	"slices"

	"github.com/ringback/ringback/event"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/plan"
)

// authenticityRecipes are about tokens. A hold is signed in the way that is tried, and the rest of the call rightly: so the
// state shows whether the hold was stored, whatever was answered.
func authenticityRecipes(p *Planner) []recipe {
	all := []recipe{
		{id: "forged-before-true", story: "Each notification of a call is forged first, and then sent rightly.",
			rules: []rulebook.ID{rulebook.RefuseWithoutStoring, rulebook.VerifySignature}, make: forgedFirst},
		{id: "forged-after-true", story: "Each notification of a call is sent rightly, and then forged.",
			rules: []rulebook.ID{rulebook.RefuseWithoutStoring, rulebook.VerifySignature}, make: forgedAfter},
		signed(trial.Future, rulebook.TolerateEarlyIat),
		{id: "spent", story: "A call comes again with its own tokens, which have expired.", rules: []rulebook.ID{rulebook.RefuseExpired}, make: func(m *maker) {
			for _, n := range m.agentCall(how{}) {
				n.Token = trial.Short
				m.send(n)
				n.Token = trial.Spent
				m.Later = append(m.Later, n.Delivery)
			}
		}},
	}
	for _, t := range []trial.Token{trial.OtherKey, trial.Absent} {
		all = append(all, recipe{id: "presence/" + t.String(), story: "Presence changes come with " + t.Text() + ".", rules: []rulebook.ID{t.Rule()}, make: func(m *maker) {
			m.presences(func(*event.Event) {})
			for i := range m.Deliveries {
				m.Deliveries[i].Token = t
			}
		}})
	}
	for _, t := range []trial.Token{trial.OtherKey, trial.Absent} {
		all = append(all, recipe{id: "unknown-types/" + t.String(), story: "Notifications of types that are not known come with " + t.Text() + ".", rules: []rulebook.ID{t.Rule()},
			make: func(m *maker) {
				unknownTypes(m)
				for i := range m.Deliveries {
					if d := &m.Deliveries[i]; !isKnown(d.Type) {
						d.Token = t
					}
				}
			}})
	}
	for _, t := range []trial.Token{trial.OtherKey, trial.OtherBody} {
		all = append(all, recipe{id: "all-forms/" + t.String(), story: "A notification in each lawful form comes with " + t.Text() + ".", rules: []rulebook.ID{t.Rule()},
			make: func(m *maker) { m.forgedForms(t) }})
		all = append(all, recipe{id: "all-types/" + t.String(), story: "A notification of each type comes with " + t.Text() + ".", rules: []rulebook.ID{t.Rule()},
			make: func(m *maker) { m.forgedTypes(t) }})
	}
	for _, t := range []trial.Token{trial.OtherKey, trial.OtherBody} {
		all = append(all, recipe{id: "chunked/" + t.String(), story: "A call comes in chunks, with " + t.Text() + ".", rules: []rulebook.ID{t.Rule()}, make: func(m *maker) {
			all := m.agentCall(how{})
			for i := range all {
				all[i].Token, all[i].Wire = t, trial.Wire{Way: trial.Chunked}
			}
			m.send(all...)
		}})
	}
	if p.Profile.NextSecret {
		all = append(all, signed(trial.Next, rulebook.AcceptNextSecret))
	}
	for _, t := range trial.Forged() {
		all = append(all, signed(t, t.Rule(), rulebook.RefuseWithoutStoring))
	}
	return append(all, signed(trial.UpperHash, rulebook.RefuseWithoutStoring), signed(trial.JustExpired, rulebook.RefuseWithoutStoring, rulebook.RefuseExpired), signed(trial.Twice, rulebook.RefuseWithoutStoring))
}

func signed(t trial.Token, rules ...rulebook.ID) recipe {
	return recipe{id: t.String(), story: "A hold is signed with " + t.Text() + ", the rest of the call rightly.", rules: rules,
		make: func(m *maker) {
			all := m.agentCall(how{})
			if len(all) == 0 { // no channel is claimed
				all = m.inCalls()
			}
			tried := false
			for i := range all {
				if kind := all[i].event.Type.Kind; kind == event.Held || kind == event.Retrieved {
					all[i].Token, tried = t, true
				}
			}
			if n := len(all); n > 0 && !tried { // no hold is claimed
				all[n-1].Token = t
			}
			m.send(all...)
		}}
}

// agentCall is a call with a hold, of which only what is about the agent's channel is sent, so that it
// shows nothing about parties without identifiers. It has seven notifications in each version.
func (m *maker) agentCall(h how) []note {
	h.party = "alice"
	return m.call("call-with-hold", h)
}

// forgedForms sends a forged notification in each lawful form, but for those that take long.
func (m *maker) forgedForms(t trial.Token) {
	for i, f := range slices.Concat(partyForms(), jsonForms(), sizeForms(), wireForms(), valueForms()) {
		all := f.notes(m)
		if len(all) == 0 {
			continue
		}
		n := all[i%len(all)]
		if n.Wire.Way == trial.Slow || n.Wire.Way == trial.CutOff {
			continue
		}
		n.Token = t
		m.send(n)
	}
}

// forgedTypes sends a forged notification of each type, in each version.
func (m *maker) forgedTypes(t trial.Token) {
	seen := map[string]bool{}
	for _, story := range everyType {
		for _, n := range m.play(story, how{versions: plan.Both}) {
			if seen[n.Type] {
				continue
			}
			seen[n.Type] = true
			n.Token = t
			m.send(n)
		}
	}
}

// forgedAfter sends a forged copy of each notification behind it.
func forgedAfter(m *maker) {
	for _, n := range m.agentCall(how{}) {
		forged := n
		forged.Token = trial.OtherKey
		m.send(n, forged)
	}
}

// forgedFirst sends a forged copy of each notification before it.
func forgedFirst(m *maker) {
	for _, n := range m.agentCall(how{}) {
		forged := n
		forged.Token = trial.OtherKey
		m.send(forged, n)
	}
}

func isKnown(name string) bool {
	_, err := event.ParseType(name)
	return err == nil
}
