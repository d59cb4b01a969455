// Package evidence says what each part of the API is, how sure that is, and where it is documented.
//
// A word comes in, such as channel.held, agentId or wrong-key; what it is, the rule, its source,
// the switches that change it and the ready-made scenarios that show it come out. It joins the
// tables of the other packages with those of its own, and promises that what has no source is
// marked as an assumption. It never decides what happens: those other packages do.
package evidence

import (
	"slices"
	"strings"
	"sync"

	"github.com/ringback/ringback/internal/nearest"
)

// Sure is how sure a fact is.
type Sure string

// The degrees.
const (
	Documented Sure = "documented"     // on a public page of the vendor
	Sample     Sure = "sample"         // taken from the vendor's public code
	Partly     Sure = "partly assumed" // some rules have a source, and some have none
	Assumed    Sure = "assumption"     // no public page says
	Own        Sure = "ringback"       // of ringback itself, and documented with it
)

// rule is what holds, and the document that says so. One without a source is an assumption.
type rule struct {
	source source
	text   string
}

// fact is what a table of this package says of a subject.
type fact struct {
	is       string // what it is; "": another package's table says
	rules    []rule
	switches []string // assumptions that change it
	see      []string // other subjects
}

// Group is what sort of thing a subject is.
type Group string

// The groups, in the order in which they are listed.
const (
	EventType  Group = "event type"
	Member     Group = "member"
	Request    Group = "part of the request"
	Phase      Group = "phase"
	Edge       Group = "edge of the lifecycle"
	Role       Group = "role"
	Operation  Group = "operation of the management API"
	Header     Group = "header of the management API"
	Body       Group = "member of the management API"
	Management Group = "error of the management API"
	Assumption Group = "assumption"
	Fault      Group = "fault"
	Check      Group = "check of examine"
	VerifyRule Group = "rule of verify"
	Class      Group = "class of finding"
	StepWord   Group = "step of scenarios"
	KeyWord    Group = "key of scenarios"
	GateFigure Group = "figure of gates"
	ExitStatus Group = "exit status"
)

// Rule is a sentence that holds, how sure it is, and the title of the document that says it.
type Rule struct {
	Text   string `json:"text"`
	Sure   Sure   `json:"sure"`
	Source string `json:"source"` // "" for an assumption
}

// Entry is all about one subject.
type Entry struct {
	Subject   string   `json:"subject"`
	Group     Group    `json:"group"`
	Is        string   `json:"is"`
	Sure      Sure     `json:"sure"` // of all rules together: the weakest, or that some are assumed
	Rules     []Rule   `json:"rules"`
	Switches  []string `json:"switches"`  // as NAME=VALUE|VALUE, for --assume
	See       []string `json:"see"`       // other subjects
	Scenarios []string `json:"scenarios"` // ready-made ones that show it; filled by Shown

	aliases []string
	mark    string // what a scenario that shows it is marked with
}

// entry makes an entry of a fact.
func (f fact) entry(group Group, subject, is string) Entry {
	if f.is != "" {
		is = f.is
	}
	e := Entry{Subject: subject, Group: group, Is: is, Switches: switches(f.switches), See: append([]string{}, f.see...),
		Rules: []Rule{}, Scenarios: []string{}, mark: string(group) + " " + subject}
	for _, r := range f.rules {
		from := sources[r.source]
		e.add(Rule{r.text, from.sure, from.title})
	}
	return e
}

// add adds a rule. What is ringback's own makes nothing else less sure.
func (e *Entry) add(r Rule) {
	switch {
	case len(e.Rules) == 0 || e.Sure == Own || e.Sure == Documented && r.Sure == Sample:
		e.Sure = r.Sure
	case r.Sure == Own:
	case (e.Sure == Assumed) != (r.Sure == Assumed):
		e.Sure = Partly
	}
	e.Rules = append(e.Rules, r)
}

// All lists the entries of all subjects by group, without scenarios.
func All() []Entry { return slices.Clone(joined()) }

// joined is the table, made once: the members are read from the schemas of all types.
var joined = sync.OnceValue(func() []Entry {
	return slices.Concat(eventTypes(), members(), requestParts(), phases(), edges(), roles(),
		operations(), apiHeaders(), bodyMembers(), managementErrors(), assumptions(), faults(), checks(), ruled(), classes(), stepWords(), keyWords(), figures(), exitStatuses())
})

// InGroup lists the entries of a group by its name, in the plural as well, and none if there is
// no such group.
func InGroup(name string) (in []Entry) {
	for _, e := range All() {
		if singular(string(e.Group)) == singular(name) {
			in = append(in, e)
		}
	}
	return in
}

// singular is a text as it is compared, without what the plural adds at the end of any word.
func singular(text string) string {
	words := strings.Fields(normal(text))
	for i, w := range words {
		words[i] = strings.TrimRight(w, "es")
	}
	return strings.Join(words, " ")
}

// Subjects lists what can be explained, each word once.
func Subjects() []string {
	names := nearest.Names(All(), func(e Entry) string { return e.Subject })
	slices.Sort(names)
	return slices.Compact(names)
}
