package evidence

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/scenarios"
)

// mostWalked bounds how many notifications of a scenario are looked at.
const mostWalked = 2000

// start is the moment at which scenarios are planned; it changes no mark.
var start = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

// Shown fills in which ready-made scenarios show each entry: with seed 1, or, where none does,
// with a switch of the entry; of an assumption, those that choose a value, and then those that
// the switch changes. The first call plans all of them, which takes some 200 ms.
func Shown(entries []Entry) []Entry {
	for i := range entries {
		e := &entries[i]
		byDefault, bySwitch := []string{}, []string{}
		for _, s := range survey() {
			switch {
			case s.marks[e.mark] && s.assumed == "":
				byDefault = append(byDefault, s.name)
			case s.marks[e.mark] && !slices.Contains(byDefault, s.name):
				bySwitch = append(bySwitch, s.name+" with "+s.assumed)
			}
		}
		if e.Scenarios = byDefault; len(byDefault) == 0 || e.Group == Assumption {
			e.Scenarios = append(byDefault, bySwitch...)
		}
	}
	return entries
}

// shows is what a scenario shows under an assumption.
type shows struct {
	name, assumed string
	marks         map[string]bool
}

// survey plans every ready-made scenario, as it is and with one value of each assumption.
var survey = sync.OnceValue(func() (all []shows) {
	for _, entry := range scenarios.List() {
		t, err := settings.Loader{}.Load([]string{entry.Name})
		if err != nil {
			continue // cannot be: the tests load every one
		}
		base, bodies := walked(t, assume.Set{})
		for n, row := range assume.Rows() {
			for _, sc := range t.Scenarios {
				if _, chosen := sc.Assume.Chosen(assume.Name(n)); chosen && !entry.Workload {
					base[string(Assumption)+" "+row.Name] = true
				}
			}
		}
		all = append(all, shows{entry.Name, "", base})
		if entry.Workload {
			continue // its scenarios are ready-made, too
		}
		for _, row := range assume.Rows() {
			for _, value := range others(row) {
				var set assume.Set
				if set.Change(row.Name, value) != nil {
					continue
				}
				marks, changed := walked(t, set)
				if len(changed) == 0 || slices.Equal(changed, bodies) {
					continue // also where the value forbids the story
				}
				marks[string(Assumption)+" "+row.Name] = true
				all = append(all, shows{entry.Name, row.Name + "=" + value, marks})
				break
			}
		}
	}
	return all
})

// others are the values of an assumption that are tried.
func others(row assume.Row) []string {
	if row.AnyText {
		return append(slices.Clone(row.Others), "other")
	}
	return row.Others
}

// walked plans a scenario and notes what its notifications show, and their bodies.
func walked(t *settings.Traffic, set assume.Set) (marks map[string]bool, bodies []byte) {
	marks = map[string]bool{}
	o := plan.Options{Seed: 1, Start: start, Assume: set}
	if t.Workload != nil {
		o = o.With(t.Workload)
	}
	p, err := plan.NewMix(t.Scenarios, o)
	if err != nil {
		return marks, nil
	}
	n := 0
	for note := range p.Notifications() {
		if n++; n > mostWalked {
			break
		}
		at := len(bodies)
		bodies = note.AppendBody(bodies)
		noted(marks, &note, bodies[at:])
	}
	return marks, bodies
}

// noted notes what a notification shows.
func noted(marks map[string]bool, n *plan.Notification, body []byte) {
	mark := func(g Group, subject string) { marks[string(g)+" "+subject] = true }
	if n.Fault != fault.None {
		mark(Fault, n.Fault.String())
	}
	var members map[string]any
	if json.Unmarshal(body, &members) == nil {
		paths(members, "", func(path string) {
			if _, known := memberFacts[path]; known {
				mark(Member, path)
			} else {
				mark(Fault, fault.UnknownMember.String())
			}
		})
	}
	if n.Raw != nil || n.Extra {
		if _, err := event.ParseType(n.Type()); n.Type() != "" && err != nil {
			mark(Fault, fault.UnknownType.String())
		}
		return
	}
	mark(EventType, n.Event.Type.Kind.String())
	if n.Event.Type.Kind.Agent() {
		return
	}
	mark(Role, n.Role())
	mark(Phase, n.Left.String())
	mark(Phase, n.Phase.String())
	for _, e := range lifecycle.Edges() {
		if e.From == n.Left && e.To == n.Phase && e.Roles.Has(n.Event.Channel.Party.Role) && slices.Contains(e.Events, n.Event.Type.Kind) {
			mark(Edge, edgeSubject(e))
		}
	}
}

// paths visits the paths of all members of an object.
func paths(object map[string]any, parent string, visit func(string)) {
	for name, value := range object {
		visit(parent + name)
		if inner, ok := value.(map[string]any); ok {
			paths(inner, parent+name+".", visit)
		}
	}
}
