// Package profile reads what a consumer claims to do.
//
// YAML text comes in; the versions and types that are sent to it, and the aspects of its state that are compared,
// go out, or every problem with its place. It promises that a claim which nothing could meet is a problem. It sends
// nothing.
package profile

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
)

var keys = []string{"versions", "types", "stores"}

// aspects are what a state may tell.
var aspects = []trial.Aspect{trial.Phase, trial.Seconds, trial.Notifications, trial.InteractionID, trial.AgentID, trial.Role, trial.Figures}

// Read reads a profile. The error is source.Problems.
func Read(name string, text []byte) (p dimension.Profile, err error) {
	f, root := source.Open(name, text)
	if root == nil {
		return p, f.Err()
	}
	for _, e := range f.Entries("a profile", root) {
		switch e.Key.Value {
		case "versions":
			each(f, e, func(n *source.Node, text string) { p.Versions = append(p.Versions, version(f, n, text)) })
		case "types":
			each(f, e, func(n *source.Node, text string) {
				checkType(f, n, text)
				p.Types = append(p.Types, text)
			})
		case "stores":
			each(f, e, func(n *source.Node, text string) { p.Aspects |= aspect(f, n, text) })
		default:
			f.UnknownKey("a profile", e.Key, keys)
		}
	}
	if f.Err() == nil && !slices.ContainsFunc(event.Types(), func(t event.Type) bool { return claimed(&p, t) }) {
		f.Errorf(source.Of(root), "no type of event is of these versions and matches these types: there would be nothing to send").Hint =
			"leave versions out, or write patterns without .v0 and .v1, such as channel.*"
	}
	return p, f.Err()
}

// claimed reports whether a consumer with the profile takes a type.
func claimed(p *dimension.Profile, t event.Type) bool {
	return (len(p.Versions) == 0 || slices.Contains(p.Versions, t.Version)) &&
		(len(p.Types) == 0 || slices.ContainsFunc(p.Types, func(pattern string) bool { return event.Match(pattern, t.String()) }))
}

// each goes through a list of texts, of which there must be one at least. A single text is a list of one.
func each(f *source.File, e source.Entry, take func(*source.Node, string)) {
	what := e.Key.Value
	items := []*source.Node{e.Value}
	if source.IsList(e.Value) {
		items = f.List(what, e.Value)
	}
	if len(items) == 0 {
		f.Errorf(source.Of(e.Value), "%s is an empty list, so nothing would be examined", what).Hint = "leave it out to claim everything"
	}
	seen := map[string]bool{}
	for _, n := range items {
		text, ok := f.Text("an item of "+what, n)
		switch {
		case !ok:
		case seen[text]:
			f.Errorf(source.Of(n), "%s has %q twice", what, text)
		default:
			seen[text] = true
			take(n, text)
		}
	}
}

func version(f *source.File, n *source.Node, text string) event.Version {
	switch text {
	case "v0", "0":
		return event.V0
	case "v1", "1":
		return event.V1
	}
	f.Errorf(source.Of(n), "%q is no version of events; want v0 or v1", text)
	return event.V0
}

// checkType finds a pattern that selects no type.
func checkType(f *source.File, n *source.Node, pattern string) {
	if err := nearest.EventType(pattern); err != nil {
		f.Errorf(source.Of(n), "%v", err).Hint = "* stands for any run of characters, as in channel.* or channel.held.v1"
	}
}

// aspect is what a word stands for, as members of states are called.
func aspect(f *source.File, n *source.Node, text string) trial.Aspect {
	i := slices.IndexFunc(aspects, func(a trial.Aspect) bool { return a.String() == text })
	if i < 0 {
		known := nearest.Names(aspects, trial.Aspect.String)
		f.Errorf(source.Of(n), "%q is nothing that a state tells%s", text, nearest.DidYouMean(text, known)).Hint = "want some of " + strings.Join(known, ", ")
		return 0
	}
	return aspects[i]
}
