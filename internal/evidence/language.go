package evidence

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/scenarios"
)

// The words of the scenario language. What they are and what they take is read from the JSON Schema
// of the language, which is made from the tables that its parser goes by; this package knows only
// what of them the vendor documents.

// form is a part of the schema.
type form struct {
	Description string
	Ref         string `json:"$ref"`
	Type        any
	Const       any
	Enum        []any
	Items       *form
	AnyOf       []form
	Properties  map[string]form
	Additional  json.RawMessage `json:"additionalProperties"` // false, or a form
	Defs        map[string]form `json:"$defs"`
}

// language is the schema.
var language = sync.OnceValue(func() (root form) {
	if json.Unmarshal(scenario.Schema(), &root) != nil {
		return form{} // cannot be: the tests find every word
	}
	return root
})

// where says in what the mappings that the schema defines once stand.
var where = map[string]string{
	"scenario": "a scenario file", "workload": "a workload file", "step": "any step", "way": "choose", "agent": "agents",
	"at-once": "at-once", "call": "call", "hold": "hold", "params": "params", "arrival": "arrivals", "part": "mix",
	"expectation": "expect", "fault": "faults", "span": "a time",
}

// key is a key of a mapping: what it means there, and what it takes.
type key struct {
	in, doc string
	form    form
}

// keys are all keys of the language by name. Steps are no keys of a step, and faults have their own group.
var languageKeys = sync.OnceValue(func() map[string][]key {
	all := map[string][]key{}
	for _, def := range slices.Sorted(maps.Keys(where)) {
		language().Defs[def].keys(where[def], func(name string, k key) {
			if _, err := fault.Parse(name); k.in == where["fault"] && err == nil || k.in == where["step"] && isStep(name) {
				return
			}
			all[name] = append(all[name], k)
		})
	}
	return all
})

// keys visits the keys of a mapping and those within them.
func (f form) keys(in string, visit func(string, key)) {
	for _, name := range slices.Sorted(maps.Keys(f.Properties)) {
		inner := f.Properties[name]
		visit(name, key{in, inner.Description, inner})
		inner.keys(name, visit)
	}
	for _, way := range f.AnyOf {
		way.keys(in, visit)
	}
	if f.Items != nil {
		f.Items.keys(in, visit)
	}
	var values form
	if json.Unmarshal(f.Additional, &values) == nil {
		values.keys(in, visit)
	}
}

// steps are the words of steps.
func steps() map[string]form {
	all := map[string]form{}
	for name, f := range language().Defs["step"].AnyOf[0].Properties {
		if isStep(name) {
			all[name] = f
		}
	}
	return all
}

// isStep reports whether a key of a step is its word, and not what may stand beside any word.
func isStep(name string) bool {
	return name != "chance" && name != "fault" && name != "conversation"
}

// takes lists what may stand behind a word or a key.
func (f form) takes() (all []string) {
	name := strings.TrimPrefix(f.Ref, "#/$defs/")
	switch def := language().Defs[name]; {
	case name == "parameter":
	case name == "steps":
		all = append(all, "a list of steps")
	case name != "" && def.Properties == nil:
		all = append(all, def.Description)
	case name != "":
		all = append(all, def.takes()...)
	}
	if n := len(f.Properties); n > 0 {
		all = append(all, "the keys "+listed(slices.Sorted(maps.Keys(f.Properties))))
	}
	if words := f.words(); words != nil {
		all = append(all, strings.Join(words, " | "))
	}
	for _, way := range f.AnyOf {
		all = append(all, way.takes()...)
	}
	if f.Items != nil {
		all = append(all, "a list of "+strings.Join(f.Items.takes(), ", or "))
	}
	switch {
	case f.Type == "null":
		all = append(all, "nothing")
	case all == nil && f.Type == "object":
		all = append(all, "a mapping")
	case all == nil && f.Type == "string":
		all = append(all, "a text")
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// words are the words of which a value is one.
func (f form) words() (all []string) {
	for _, v := range append(slices.Clone(f.Enum), f.Const) {
		if word, is := v.(string); is {
			all = append(all, word)
		}
	}
	return all
}

// listed joins words for people.
func listed(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// stepWords explains the words of steps.
func stepWords() (all []Entry) {
	for _, name := range slices.Sorted(maps.Keys(steps())) {
		f := stepFacts[name]
		step := steps()[name]
		e := f.entry(StepWord, name, step.Description)
		e.Rules = nil // the language comes first
		e.add(languageRule("A step. It takes " + strings.Join(step.takes(), ", or ") + "."))
		for _, r := range f.rules {
			e.add(Rule{r.text, sources[r.source].sure, sources[r.source].title})
		}
		all = append(all, e)
	}
	return all
}

func languageRule(text string) Rule {
	return Rule{text, sources[languageDocs].sure, sources[languageDocs].title}
}

// keyWords explains the keys of files and of mappings, each name once.
func keyWords() (all []Entry) {
	for _, name := range slices.Sorted(maps.Keys(languageKeys())) {
		means, in := []string{}, map[string][]string{} // where a meaning holds
		e := keyFacts[name].entry(KeyWord, name, "")
		e.mark = string(StepWord) + " " + name
		for _, k := range languageKeys()[name] {
			if !slices.Contains(means, k.doc) {
				means = append(means, k.doc)
			}
			in[k.doc] = append(in[k.doc], k.in)
			e.aliases = append(e.aliases, k.in+" "+name, k.in+"."+name)
			r := languageRule("It takes " + strings.Join(k.form.takes(), ", or ") + ".")
			if !slices.Contains(e.Rules, r) {
				e.add(r)
			}
			for _, way := range append(k.form.AnyOf, k.form) {
				if name != "fault" { // faults are explained by themselves
					e.aliases = append(e.aliases, way.words()...)
				}
			}
		}
		for _, doc := range means {
			e.Is += fmt.Sprintf(" In %s: %s", listed(slices.Compact(in[doc])), strings.TrimSuffix(doc, ".")+".")
		}
		e.Is = strings.TrimSpace(e.Is)
		all = append(all, e)
	}
	return all
}

var (
	writtenKey = regexp.MustCompile(`(?:^|[\s{,\[])([A-Za-z][A-Za-z-]*)(?::|$)`)
	comment    = regexp.MustCompile(`(?m)(^|\s)#.*$`)
)

// written marks the words that a ready-made scenario is written with.
func written(marks map[string]bool, name string) {
	text, _ := scenarios.Source(name) // it is there: the name is from the list
	for line := range strings.Lines(comment.ReplaceAllString(string(text), "")) {
		for _, found := range writtenKey.FindAllStringSubmatch(strings.TrimSpace(line), -1) {
			marks[string(StepWord)+" "+found[1]] = true
		}
	}
}
