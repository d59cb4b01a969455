package dimension

import (
	"fmt"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/rulebook"
)

// wireForms are ways on which a request travels, and its headers.
func wireForms() []form {
	way := func(w trial.Way, at int) func(*note, int) {
		return func(n *note, _ int) { n.Wire = trial.Wire{Way: w, At: at} }
	}
	media := func(text string) func(*note, int) { return func(n *note, _ int) { n.Media = text } }
	return []form{
		{id: "wire/chunked", story: "Bodies come in chunks.", rules: []rulebook.ID{rulebook.ReadWholeBody}, change: way(trial.Chunked, 0)},
		{id: "wire/slow", story: "Bodies come slowly.", rules: []rulebook.ID{rulebook.ReadWholeBody}, change: func(n *note, i int) {
			if i == 1 { // each takes 400 ms
				n.Wire.Way = trial.Slow
			}
		}},
		{id: "wire/lower-case", story: "The names of headers are in lower case.", rules: []rulebook.ID{rulebook.HeaderNamesInAnyCase}, change: way(trial.LowerCase, 0)},
		{id: "wire/charset", story: "Content-Type has a charset.", rules: []rulebook.ID{rulebook.IgnoreMediaParameters}, change: media("application/cloudevents+json; charset=utf-8")},
		{id: "wire/charset-close", story: "Content-Type has a charset without a blank before it.", rules: []rulebook.ID{rulebook.IgnoreMediaParameters}, change: media("application/cloudevents+json;charset=UTF-8")},
		{id: "wire/charset-quoted", story: "Content-Type has a charset in quotes.", rules: []rulebook.ID{rulebook.IgnoreMediaParameters}, change: media(`application/cloudevents+json; charset="utf-8"`)},
		{id: "wire/connections", story: "Each request has a connection of its own.", rules: []rulebook.ID{rulebook.AcceptValid}, change: way(trial.NewClose, 0)},
		{id: "wire/cut-off-head", story: "The connection is cut behind the headers, and a whole attempt follows.", rules: []rulebook.ID{rulebook.RecoverFromCutOff}, change: way(trial.CutOff, -1)},
		{id: "wire/cut-off", story: "The connection is cut within the body, and a whole attempt follows.", rules: []rulebook.ID{rulebook.RecoverFromCutOff, rulebook.RetryIsNoDuplicate},
			change: func(n *note, _ int) { n.Wire = trial.Wire{Way: trial.CutOff, At: len(n.Body) / 2} }},
		{id: "wire/cut-off-end", story: "The connection is cut before the last byte, and a whole attempt follows.", rules: []rulebook.ID{rulebook.RecoverFromCutOff, rulebook.RetryIsNoDuplicate},
			change: func(n *note, _ int) { n.Wire = trial.Wire{Way: trial.CutOff, At: len(n.Body) - 1} }},
	}
}

// splitRounds is how many trials split bodies at a member: each of their notifications at another one.
const splitRounds = 3

// splitForms send bodies in two pieces, split between head and body, at members, and within a character.
func splitForms() []form {
	rules := []rulebook.ID{rulebook.ReadWholeBody}
	all := []form{{id: "split/head", story: "The body comes in a packet of its own.", rules: rules, change: func(n *note, _ int) { n.Wire = trial.Wire{Way: trial.Split, At: -1} }}}
	for round := range splitRounds {
		all = append(all, form{id: fmt.Sprintf("split/members-%d", round+1), story: "Bodies come in two pieces, split between two members.", rules: rules,
			change: func(n *note, i int) {
				at := boundaries(n.Body)
				n.Wire = trial.Wire{Way: trial.Split, At: at[(i*splitRounds+round)*len(at)/(5*splitRounds)%len(at)]}
			}})
	}
	return append(all, form{id: "split/character", story: "Bodies come in two pieces, split within a character.", rules: append(rules, rulebook.ReadAnyJSON),
		change: func(n *note, i int) {
			member(`"note":"📞📞"`)(n, i)
			n.write(jsontext.AppendStyled(nil, n.Body, jsontext.Compact))
			n.Wire = trial.Wire{Way: trial.Split, At: len(n.Body) - 8}
		}})
}

// boundaries are the places behind the commas and opening braces of a body, texts left out.
func boundaries(body []byte) (at []int) {
	text := false
	for i, b := range body {
		switch {
		case b == '"' && (i == 0 || body[i-1] != '\\'):
			text = !text
		case !text && (b == ',' || b == '{'):
			at = append(at, i+1)
		}
	}
	return at
}
