package dimension

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// form is a lawful way to write or send the notifications of an agent's channel, or of another party's.
type form struct {
	id, story string
	rules     []rulebook.ID
	how       how // party "" is alice
	change    func(n *note, i int)
}

// bytesRecipes are about lawful requests that differ from the usual ones.
func bytesRecipes(*Planner) []recipe {
	var all []recipe
	for _, f := range slices.Concat(partyForms(), jsonForms(), sizeForms(), wireForms(), splitForms(), valueForms()) {
		all = append(all, recipe{id: f.id, story: f.story, rules: f.rules, make: f.make})
	}
	all = append(all,
		recipe{id: "presence", rules: []rulebook.ID{rulebook.AcceptPresence}, make: func(m *maker) { m.presences(func(*event.Event) {}) }},
		recipe{id: "long-description", rules: []rulebook.ID{rulebook.ReadLargeBodies, rulebook.AcceptPresence}, make: func(m *maker) {
			m.presences(func(e *event.Event) { e.Presence.Description = strings.Repeat("At the desk. ", 1260) })
		}},
		recipe{id: "unknown-types", story: "Between the notifications of a call stand some of types that are not known.",
			rules: []rulebook.ID{rulebook.IgnoreUnknownTypes}, make: unknownTypes})
	return slices.Concat(all, unusableRecipes(), []recipe{{id: "keep-answering",
		story: "Between the notifications of a call stand forgeries, bodies that cannot be used, and connections that are cut.",
		rules: []rulebook.ID{rulebook.KeepAnswering, rulebook.RecoverFromCutOff}, make: keepAnswering}})
}

func (f *form) make(m *maker) { m.send(f.notes(m)...) }

// notes are the notifications of a call in this form.
func (f *form) notes(m *maker) []note {
	h := f.how
	if h.party == "" {
		h.party = "alice"
	}
	all := m.call("short-call", h)
	for i := range all {
		if f.change != nil {
			f.change(&all[i], i)
		}
	}
	return all
}

func partyForms() []form {
	return []form{
		{id: "plain", story: "A customer is answered and hangs up; only the agent's channel is told.", rules: []rulebook.ID{rulebook.AcceptValid, rulebook.DecodeSecret, rulebook.TokenWithoutPrefix, rulebook.AnswerInTime}},
		{id: "external", story: "A customer is answered and hangs up; only the customer's channel is told.", rules: []rulebook.ID{rulebook.AcceptExternal}, how: how{party: "customer"}},
		{id: "null-ids", story: "The customer's agentId and userId are null.", rules: []rulebook.ID{rulebook.AcceptNullIDs}, how: how{party: "customer", assume: []string{"absent-ids=null"}}},
		{id: "v1", story: "Each event is sent in v1.", rules: []rulebook.ID{rulebook.AcceptVersions}, how: how{versions: plan.OnlyV1}},
		{id: "both-versions", story: "Each event is sent in v0 and in v1.", rules: []rulebook.ID{rulebook.AcceptVersions}, how: how{versions: plan.Both}},
		{id: "guids-of-no-version", story: "Identifiers are GUIDs of no version.", rules: []rulebook.ID{rulebook.GUIDsOfAnyForm}, how: how{assume: []string{"id-form=any"}}},
		{id: "channel-is-interaction", story: "The customer's channel has the identifier of the interaction.", rules: []rulebook.ID{rulebook.GUIDsOfAnyForm}, how: how{party: "customer", assume: []string{"id-form=channel-is-interaction"}}},
	}
}

func jsonForms() (all []form) {
	for s, name := range jsontext.Styles() {
		if style := jsontext.Style(s); style != jsontext.Compact {
			all = append(all, form{id: "json/" + name, story: "The JSON of the bodies is written in the style " + name + ".",
				rules: []rulebook.ID{rulebook.HashRawBody, rulebook.ReadAnyJSON}, how: how{assume: []string{"reason=released"}},
				change: func(n *note, _ int) { n.write(jsontext.AppendStyled(nil, n.Body, style)) }})
		}
	}
	raw := []rulebook.ID{rulebook.HashRawBody, rulebook.ReadAnyJSON, rulebook.IgnoreUnknownMembers}
	return append(all,
		form{id: "json/line-breaks", story: "Bodies are of several lines, which end with CR and LF.", rules: raw[:2],
			change: func(n *note, _ int) {
				var lines bytes.Buffer
				if json.Indent(&lines, n.Body, "", "\t") == nil {
					n.write(bytes.ReplaceAll(lines.Bytes(), []byte("\n"), []byte("\r\n")))
				}
			}},
		form{id: "json/blank-first", story: "A line break and a blank stand before the first brace.", rules: raw[:2],
			change: func(n *note, _ int) { n.write(append([]byte("\n "), n.Body...)) }},
		form{id: "json/reasons", story: "Reasons hold characters that HTML knows.", rules: raw[:2],
			change: func(n *note, _ int) { n.edit(func(e *event.Event) { e.Reason = `<released> & "gone" 'é'` }) }},
		form{id: "json/html", story: "A text holds characters that HTML knows.", rules: raw,
			change: member(`"note":"<b>Tom & Jerry's</b> \"1/2\" \u2028é"`)},
		form{id: "json/numbers", story: "Numbers are written as 1.0, 1E+2 and with twenty digits.", rules: raw,
			change: member(`"weights":[1.0,1E+2,0.10,-0,12345678901234567890]`)},
		form{id: "unknown-members", story: "Bodies have members that are not known, at the top, in data, and in what it holds.", rules: []rulebook.ID{rulebook.IgnoreUnknownMembers},
			change: func(n *note, i int) {
				for _, object := range []string{`"data":{`, `"party":{`, `"channel":{`, `"user":{`, `"presence":{`} {
					n.write(bytes.Replace(n.Body, []byte(object), []byte(object+`"rota":{"name":"early","weeks":[1,2]},`), 1))
				}
				member(`"dataschema":"https://example.com/schema","traceparent":null`)(n, i)
			}},
	)
}

// member adds members to the end of a body.
func member(text string) func(*note, int) {
	return func(n *note, _ int) {
		n.write(append(bytes.TrimSuffix(bytes.TrimSpace(n.Body), []byte("}")), ","+text+"}"...))
	}
}

func sizeForms() (all []form) {
	for _, kib := range []int{16, 256} {
		all = append(all, form{id: fmt.Sprintf("%d-kib", kib), story: fmt.Sprintf("Bodies are of %d KiB.", kib),
			rules: []rulebook.ID{rulebook.ReadLargeBodies, rulebook.IgnoreUnknownMembers},
			change: func(n *note, i int) {
				member(`"padding":"`+strings.Repeat("x", kib<<10-len(n.Body)-13)+`"`)(n, i)
			}})
	}
	return all
}

func valueForms() (all []form) {
	for _, d := range []int{0, 1, 2, 4, 5, 6, 7} {
		all = append(all, form{id: fmt.Sprintf("timestamp-digits/%d", d), story: "Timestamps have " + show.Counted(uint64(d), "fractional digit") + ".",
			rules: []rulebook.ID{rulebook.TimestampsOfAnyLength}, how: how{assume: []string{fmt.Sprintf("timestamp-digits=%d", d)}}})
	}
	for _, d := range []int{0, 3} {
		all = append(all, form{id: fmt.Sprintf("time-digits/%d", d), story: fmt.Sprintf("time has %d fractional digits.", d),
			rules: []rulebook.ID{rulebook.TimestampsOfAnyLength}, how: how{assume: []string{fmt.Sprintf("time-digits=%d", d)}}})
	}
	return all
}

// presences sends the notifications about an agent's presence alone.
func (m *maker) presences(change func(*event.Event)) {
	for _, n := range m.play("presences", how{}) {
		if n.event.Type.Kind == event.PresenceChanged {
			n.edit(change)
			m.send(n)
		}
	}
}

// unknownTypes sends copies under types that nobody knows, or whose form is not public.
func unknownTypes(m *maker) {
	all := m.agentCall(how{})
	var names []string // the first one says what was said already, so that it changes nothing for whoever takes it for v0
	for _, version := range []string{"v2", "v0", "v1"} {
		for _, name := range []string{"channel.alerted.", "channel.translated.", "interaction.detailrecord.", "channel.activityrecord."} {
			if (name == "channel.alerted.") == (version == "v2") && m.Profile.takesUnknown(name+version) {
				names = append(names, name+version)
			}
		}
	}
	if len(names) == 0 {
		return
	}
	for i, copied := range m.renewed(all) {
		m.send(all[i])
		if i < len(names) {
			copied.write(bytes.Replace(copied.Body, []byte(copied.Type), []byte(names[i]), 1))
			m.send(copied)
		}
	}
}

// keepAnswering sends what a consumer must get over, and a call between it.
func keepAnswering(m *maker) {
	for i, n := range m.agentCall(how{}) {
		forged, useless := n, n
		forged.Token = trial.Forged()[i]
		useless.Body, useless.Note = []byte(`{"specversion":`), trial.Note{}
		n.Wire = trial.Wire{Way: trial.CutOff, At: len(n.Body) / 2}
		m.send(forged, useless, forged, useless, n)
	}
}
