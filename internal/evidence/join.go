package evidence

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/judge"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// What the other packages' tables list gets the facts of this one. A subject without a fact has an
// empty one, which the tests refuse.

// quoted is a word that somebody typed, in quotes, cut if it is long.
func quoted(word string) string { return strconv.Quote(show.Clip(word, 80)) }

// switches are assumptions with their values, as users write them.
func switches(names []string) []string {
	all := []string{}
	for _, row := range assume.Rows() {
		if slices.Contains(names, row.Name) {
			all = append(all, row.Name+"="+strings.Join(row.Values(), "|"))
		}
	}
	return all
}

func eventTypes() (all []Entry) {
	for _, k := range event.Kinds() {
		e := kindFacts[k].entry(EventType, k.String(), event.Type{Kind: k}.Description())
		_, short, _ := strings.Cut(k.String(), ".")
		e.aliases = []string{short}
		all = append(all, e)
	}
	return all
}

// versioned explains a full type name: that of its kind, and what its version says of time.
func versioned(name string) []Entry {
	t, err := event.ParseType(name)
	if err != nil {
		return nil
	}
	e := kindFacts[t.Kind].entry(EventType, t.Kind.String(), t.Description())
	e.Subject = t.String()
	e.mark = string(EventType) + " " + t.Kind.String()
	moment := Rule{"time is the moment of the event.", Documented, sources[laterPage].title}
	if t.Version == event.V0 {
		moment = Rule{"time is the moment of sending; v0 is the beta.", Documented, sources[alertedPage].title}
	}
	e.add(moment)
	return []Entry{e}
}

func members() (all []Entry) {
	says := map[string]string{}
	for _, t := range event.Types() {
		describe(says, "", event.EnvelopeSchema(t))
	}
	for _, path := range slices.Sorted(maps.Keys(says)) {
		e := memberFacts[path].entry(Member, path, says[path])
		if i := strings.LastIndexByte(path, '.'); i > 0 {
			e.aliases = []string{path[i+1:], strings.TrimPrefix(path, "data."), strings.TrimPrefix(path, "data.channel.")}
		}
		all = append(all, e)
	}
	return all
}

// describe collects the descriptions of all members of a schema, by path.
func describe(says map[string]string, path string, schema []byte) {
	var s struct {
		Description string
		Properties  map[string]json.RawMessage
	}
	if json.Unmarshal(schema, &s) != nil {
		return
	}
	if path != "" && says[path] == "" {
		says[path] = s.Description
	}
	for name, inner := range s.Properties {
		describe(says, strings.TrimPrefix(path+"."+name, "."), inner)
	}
}

func requestParts() []Entry {
	all := entriesOf(Request, requestFacts)
	for i := range all {
		all[i].mark = markOf(all[i].See...)
	}
	return all
}

// markOf is the mark of the first subject that scenarios can show, or "". What is checked, or part
// of a request, is shown by the fault that is about it.
func markOf(subjects ...string) string {
	for _, s := range subjects {
		if _, err := fault.Parse(s); err == nil {
			return string(Fault) + " " + s
		}
	}
	for _, s := range subjects {
		switch {
		case slices.ContainsFunc(event.Kinds(), func(k event.Kind) bool { return k.String() == s }):
			return string(EventType) + " " + s
		case slices.ContainsFunc(assume.Rows(), func(row assume.Row) bool { return row.Name == s }):
			return string(Assumption) + " " + s
		}
		if _, ok := memberFacts[s]; ok {
			return string(Member) + " " + s
		}
	}
	return ""
}

func phases() (all []Entry) {
	for _, p := range allPhases() {
		all = append(all, phaseFacts[p].entry(Phase, p.String(), ""))
	}
	return all
}

// allPhases lists the phases in the order in which the table of edges mentions them.
func allPhases() (all []lifecycle.Phase) {
	for _, e := range lifecycle.Edges() {
		for _, p := range []lifecycle.Phase{e.From, e.To} {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	slices.Sort(all)
	return all
}

// edgeSubject names an edge; those of different roles share it.
func edgeSubject(e lifecycle.Edge) string { return e.From.String() + " " + e.Verb.String() }

func edges() (all []Entry) {
	for _, edge := range lifecycle.Edges() {
		e := edgeFact(edge).entry(Edge, edgeSubject(edge), "")
		e.aliases = []string{edge.From.String() + " " + edge.To.String(), edge.Verb.String()}
		if i := slices.IndexFunc(all, func(other Entry) bool { return other.Subject == e.Subject }); i >= 0 {
			for _, r := range e.Rules {
				if !slices.Contains(all[i].Rules, r) {
					all[i].add(r)
				}
			}
			all[i].aliases = append(all[i].aliases, e.aliases...)
			continue
		}
		all = append(all, e)
	}
	return all
}

// edgeFact is what an edge rests on. One with a note is an assumption, whatever its verb is.
func edgeFact(e lifecycle.Edge) fact {
	v := verbFacts[e.Verb]
	names := nearest.Names(e.Events, event.Kind.String)
	f := fact{is: v.is, switches: v.switches, see: names}
	way := rule{v.source, fmt.Sprintf("From %s to %s, for %s: %s.", e.From, e.To, who(e.Roles), strings.Join(names, ", "))}
	if e.Note == "" {
		f.rules = append([]rule{way}, v.also...)
		return f
	}
	way.source = none
	f.rules = []rule{way, {none, "It rests on an assumption: " + assumed(e) + "."}}
	for _, row := range assume.Rows() {
		if strings.HasPrefix(e.Note, "assumption "+row.Name) && !slices.Contains(f.switches, row.Name) {
			f.switches = append(slices.Clone(f.switches), row.Name)
		}
	}
	return f
}

// assumed is the assumption that an edge rests on, without saying that it is one.
func assumed(e lifecycle.Edge) string {
	return strings.TrimPrefix(strings.TrimPrefix(e.Note, "assumption "), "assumed: ")
}

// who lists the roles of a set for people.
func who(roles lifecycle.Roles) string {
	var in []string
	for _, r := range event.Roles() {
		if roles.Has(r) {
			in = append(in, r.String())
		}
	}
	if len(in) == len(event.Roles()) {
		return "everybody"
	}
	return strings.Join(in, ", ")
}

func roles() (all []Entry) {
	for _, r := range event.Roles() {
		all = append(all, roleFacts[r].entry(Role, r.String(), ""))
	}
	return all
}

func operations() []Entry       { return entriesOf(Operation, operationFacts) }
func apiHeaders() []Entry       { return entriesOf(Header, headerFacts) }
func bodyMembers() []Entry      { return entriesOf(Body, bodyFacts) }
func managementErrors() []Entry { return entriesOf(Management, errorFacts) }

// entriesOf makes entries of facts that have their own names.
func entriesOf(group Group, facts []namedFact) (all []Entry) {
	for _, f := range facts {
		all = append(all, f.entry(group, f.name, ""))
	}
	return all
}

func assumptions() (all []Entry) {
	for n, row := range assume.Rows() {
		f := fact{is: sentence(row.Doc), rules: assumptionFacts[assume.Name(n)], switches: []string{row.Name}}
		e := f.entry(Assumption, row.Name, "")
		if len(e.Rules) > 0 {
			e.add(Rule{"ringback assumes " + row.Default + ".", Assumed, ""})
		}
		all = append(all, e)
	}
	return all
}

func faults() (all []Entry) {
	for _, k := range fault.Kinds() {
		row := k.Row()
		all = append(all, faultFacts[k].entry(Fault, row.Name, sentence(row.Doc)+" "+answer(row.Want)))
	}
	return all
}

func checks() (all []Entry) {
	for _, c := range judge.Checks() {
		f := checkFacts[c.Name]
		e := f.entry(Check, c.Name, "A correct consumer "+c.Want+".")
		e.mark = markOf(slices.Concat([]string{c.Name}, f.see, f.switches)...)
		all = append(all, e)
	}
	return all
}

// answer says what a correct consumer answers a fault with.
func answer(want fault.Want) string {
	if want == fault.Nothing {
		return "The consumer is never asked."
	}
	return "A correct consumer must " + want.String() + "."
}

// sentence makes a sentence of a phrase of a table.
func sentence(phrase string) string {
	if phrase == "" {
		return ""
	}
	return strings.ToUpper(phrase[:1]) + strings.TrimSuffix(phrase[1:], ".") + "."
}
