package evidence

import (
	"encoding/json"
	"hash/maphash"
	"slices"
	"strings"
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
// the switch changes. Each plan that this needs is walked once, and those that nobody asks for never.
func Shown(entries []Entry) []Entry {
	for i := range entries {
		e := &entries[i]
		e.Scenarios = []string{}
		for _, s := range scenes() {
			if s.marks[e.mark] {
				e.Scenarios = append(e.Scenarios, s.name)
			}
		}
		if len(e.Scenarios) == 0 || e.Group == Assumption {
			e.Scenarios = append(e.Scenarios, bySwitch(e)...)
		}
	}
	return entries
}

// bySwitch lists the scenarios that show an entry only with one of its switches.
func bySwitch(e *Entry) (all []string) {
	if e.mark == "" {
		return nil
	}
	for _, s := range scenes() {
		if s.Workload != nil || s.marks[e.mark] {
			continue // the scenarios of a workload are ready-made, too
		}
		for n, row := range assume.Rows() {
			if !slices.ContainsFunc(e.Switches, func(text string) bool { return strings.HasPrefix(text, row.Name+"=") }) {
				continue
			}
			if u := s.under(assume.Name(n)); u.value != "" && (e.mark == string(Assumption)+" "+row.Name || u.marks()[e.mark]) {
				all = append(all, s.name+" with "+row.Name+"="+u.value)
			}
		}
	}
	return all
}

// scene is a ready-made scenario or workload as it is played.
type scene struct {
	*settings.Traffic
	walk
	name  string
	mutex sync.Mutex
	known map[assume.Name]*switched
}

// switched is the first value of an assumption that changes the bodies of a scenario, "" where none
// does, and what the scenario shows with it.
type switched struct {
	value string
	marks func() map[string]bool
}

// scenes are all ready-made scenarios.
var scenes = sync.OnceValue(func() (all []*scene) {
	for _, entry := range scenarios.List() {
		t, err := settings.Loader{}.Load([]string{entry.Name})
		if err != nil {
			continue // cannot be: the tests load every one
		}
		s := &scene{Traffic: t, walk: walked(t, assume.Set{}, true), name: entry.Name, known: map[assume.Name]*switched{}}
		written(s.marks, entry.Name)
		for n, row := range assume.Rows() {
			for _, sc := range t.Scenarios {
				if _, chosen := sc.Assume.Chosen(assume.Name(n)); chosen && !entry.Workload {
					s.marks[string(Assumption)+" "+row.Name] = true
				}
			}
		}
		all = append(all, s)
	}
	return all
})

// under plans a scenario with the values of an assumption, until one changes something.
func (s *scene) under(n assume.Name) *switched {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.known[n] == nil {
		s.known[n] = &switched{}
		for _, value := range others(assume.Rows()[n]) {
			var set assume.Set
			if set.Change(n.String(), value) != nil {
				continue
			}
			// A value may also forbid the story: then there are no bodies.
			if w := walked(s.Traffic, set, false); w.bodies > 0 && w.sum != s.sum {
				s.known[n] = &switched{value, sync.OnceValue(func() map[string]bool { return walked(s.Traffic, set, true).marks })}
				break
			}
		}
	}
	return s.known[n]
}

// others are the values of an assumption that are tried.
func others(row assume.Row) []string {
	if row.AnyText {
		return append(slices.Clone(row.Others), "other")
	}
	return row.Others
}

// walk is what the notifications of a plan show.
type walk struct {
	marks  map[string]bool
	bodies int
	sum    uint64 // of all bodies
}

var hashSeed = maphash.MakeSeed()

// walked plans a scenario, and notes what its notifications show if marks are wanted.
func walked(t *settings.Traffic, set assume.Set, marks bool) walk {
	w := walk{marks: map[string]bool{}}
	o := plan.Options{Seed: 1, Start: start, Assume: set}
	if t.Workload != nil {
		o = o.With(t.Workload)
	}
	p, err := plan.NewMix(t.Scenarios, o)
	if err != nil {
		return w
	}
	var sum maphash.Hash
	sum.SetSeed(hashSeed)
	var body []byte
	seen := map[likeness]bool{}
	for n := range p.Notifications() {
		if w.bodies++; w.bodies > mostWalked {
			break
		}
		body = n.AppendBody(body[:0])
		sum.Write(body)
		if k := likenessOf(&n); marks && (n.Raw != nil || n.Extra || !seen[k]) {
			seen[k] = true
			noted(w.marks, &n, body)
		}
	}
	w.sum = sum.Sum64()
	return w
}

// likeness is what decides which marks a notification of a plan leaves, unless it is written by hand.
type likeness struct {
	kind        event.Kind
	role        event.Role
	left, phase lifecycle.Phase
	fault       fault.Kind
}

func likenessOf(n *plan.Notification) likeness {
	k := likeness{kind: n.Event.Type.Kind, left: n.Left, phase: n.Phase, fault: n.Fault}
	if !k.kind.Agent() {
		k.role = n.Event.Channel.Party.Role
	}
	return k
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
