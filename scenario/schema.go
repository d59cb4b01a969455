package scenario

import (
	"bytes"
	"strconv"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// Schema is the JSON Schema (draft 2020-12) of scenario and workload files, for editors.
// It is made from the tables that the parser reads by. What it refuses, the parser refuses
// too; what a story means, and so most of what can be wrong with one, only Parse judges.
// Words such as 0150 and true may stand unquoted, although YAML calls them numbers and
// booleans, because the parser takes them as they are written.
func Schema() []byte {
	root := form{
		Schema:      "https://json-schema.org/draft/2020-12/schema",
		Title:       "ringback scenario or workload",
		Description: "A file with a mix is a workload, any other one is a scenario.",
		Type:        "object",
		If:          needs("mix"),
		Then:        refer("workload"),
		Else:        refer("scenario"),
		Defs: append(props{
			{"scenario", fieldsForm(scenarioFields, form{Description: "One story of a conversation."})},
			{"workload", fieldsForm(workloadFields, form{Description: "A mix of scenarios as traffic.", OneOf: oneNeeded(waysToBegin...)})},
			{"params", form{Type: "object", PropertyNames: &form{Pattern: paramForm.String(), MaxLength: 64}, Additional: either(refer("text"), fieldsForm(paramFields, form{}))}},
			{"set", form{Type: "object", PropertyNames: &form{Pattern: paramForm.String(), MaxLength: 64}, Additional: refer("text")}},
			{"step", stepForm()},
			{"steps", list(refer("step"))},
			{"at-once", fieldsForm(atOnceFields, form{MinProperties: 1})},
			{"call", fieldsForm(callFields, form{})},
			{"hold", fieldsForm(holdFields, form{OneOf: oneNeeded("for", "steps")})},
			{"way", fieldsForm(branchFields, form{})},
			{"agent", fieldsForm(agentFields, form{Type: []string{"object", "null"}})}, // a name alone declares an agent
			{"assume", assumeForm()},
			{"fault", faultForm()},
			{"expectation", fieldsForm(expectFields, form{OneOf: oneNeeded("get", "run"), AnyOf: []form{needs("json"), needs("status")}})},
			{"arrival", arrivalForm()},
			{"part", fieldsForm(partFields, form{})},
		}, scalarForms()...),
	}
	var out bytes.Buffer
	if jsontext.WriteIndented(&out, root) != nil {
		return nil // never: a form has nothing that JSON cannot hold
	}
	return out.Bytes()
}

func described(text string, f form) form {
	f.Description = text
	return f
}

// fieldsForm is a mapping by its table of fields, with what else a form says of it.
func fieldsForm[T any](fields []field[T], f form) form {
	if f.Type == nil {
		f.Type = "object"
	}
	f.Additional = false
	for _, fd := range fields {
		f.Properties = append(f.Properties, fd.prop())
		if fd.required {
			f.Required = append(f.Required, fd.name)
		}
	}
	return f
}

func (f *field[T]) prop() prop {
	return prop{f.name, described(f.doc, f.shape.form)}
}

// stepForm is a step: exactly one word, with what may stand beside it; or a bare word
// that needs nothing.
func stepForm() form {
	step, bare := object(), []string{}
	beside := map[string][]form{}
	fields := []field[Step]{chanceField, faultField}
	for _, w := range words {
		value := fieldsForm(w.fields, form{AnyOf: w.ways})
		if w.shape != nil {
			value = w.shape.form
		}
		step.Properties = append(step.Properties, prop{w.name, described(w.doc, value)})
		if w.shape == shapeNone {
			bare = append(bare, w.name)
		}
		for _, f := range w.beside {
			if beside[f.name] == nil {
				fields = append(fields, f)
			}
			beside[f.name] = append(beside[f.name], needs(w.name))
		}
	}
	for _, f := range fields {
		step.Properties = append(step.Properties, f.prop())
		if owners := beside[f.name]; owners != nil {
			step.DependentSchemas = append(step.DependentSchemas, prop{f.name, either(owners...)})
		}
	}
	step.OneOf = oneNeeded(wordNames(words)...)
	return either(step, oneWord(bare))
}

func arrivalForm() form {
	f := fieldsForm(arrivalFields, form{})
	for _, way := range arrivalWays() {
		f.OneOf = append(f.OneOf, needs(way.needs...))
		for _, key := range way.may {
			f.DependentSchemas = append(f.DependentSchemas, prop{key, needs(way.needs...)})
		}
	}
	return f
}

func faultForm() form {
	f := object()
	for _, kind := range fault.Names() {
		f.Properties = append(f.Properties, prop{kind, either(refer("percent"), form{Type: "null"})})
	}
	for _, fd := range faultFields {
		f.Properties = append(f.Properties, fd.prop())
	}
	f.OneOf = oneNeeded(fault.Names()...)
	return f
}

// assumeForm allows numbers and null unquoted as well, as the parser does.
func assumeForm() form {
	f := object()
	for _, row := range assume.Rows() {
		value := form{Description: row.Doc}
		switch {
		case row.AnyText:
			value.Ref = refer("text").Ref // which a parameter is, too
		case row.AnySpan:
			value.Type, value.Pattern = "string", `^`+story.TimePattern+`(\.\.`+story.TimePattern+`)?$`
		case row.Skew > 0:
			value.AnyOf = either(form{Type: "string", Pattern: `^([+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+|0)$`}, form{Enum: []any{0}}).AnyOf
		default:
			for _, v := range row.Values() {
				value.Enum = append(value.Enum, v)
				if n, err := strconv.Atoi(v); err == nil {
					value.Enum = append(value.Enum, n)
				}
				if v == "null" {
					value.Enum = append(value.Enum, nil)
				}
			}
		}
		f.Properties = append(f.Properties, prop{row.Name, orParam(value)})
	}
	return f
}

// orParam also allows a parameter in the place of a value. What allows any text does so anyway.
func orParam(f form) form {
	switch param := refer("parameter"); {
	case f.Ref != "":
	case f.AnyOf != nil:
		f.AnyOf = append(f.AnyOf, param)
	default:
		text := f.Description
		f.Description = ""
		f = described(text, either(f, param))
	}
	return f
}

// scalarForms are the definitions of what is written in one word.
func scalarForms() props {
	all := wordForms()
	for i := range all {
		if all[i].name != "identifier" && all[i].name != "text" {
			all[i].form = orParam(all[i].form)
		}
	}
	return append(all, prop{"parameter", form{Description: "a parameter such as $hold, or a text with ${hold} in it",
		Type: "string", Pattern: `^\$[a-z][a-z0-9-]*$|\$\{[a-z][a-z0-9-]*\}|\$\$`}})
}

func wordForms() props {
	zero := 0
	return props{
		{"name", form{Description: "a name of letters, digits, - and _",
			Type: []string{"string", "boolean"}, Pattern: nameForm.String()}},
		{"identifier", form{Description: "lower-case letters and digits joined by hyphens",
			Type: []string{"string", "number", "boolean"}, MaxLength: 64, Pattern: identifierForm.String()}},
		{"text", form{Description: "a text; numbers are taken as they are written",
			Type: []string{"string", "number", "boolean"}, Pattern: `\S`}},
		{"percent", form{Description: "a percentage from 0% to 100%, such as 20% or 0.5%",
			Type: "string", Pattern: `^0*(100(\.0{1,9})?|[0-9]{1,2}(\.[0-9]{1,9})?)%$`}},
		{"times", described("how often, such as 3 or 2..4",
			either(form{Type: "integer", Minimum: 1}, form{Type: "string", Pattern: `^[0-9]+(\.\.[0-9]+)?$`}))},
		{"count", described("a whole number from 1",
			either(form{Type: "integer", Minimum: 1}, form{Type: "string", Pattern: `^0*[1-9][0-9]*$`}))},
		{"number", described("a number above 0",
			either(form{Type: "number", ExclusiveMinimum: &zero}, form{Type: "string", Pattern: `^[0-9]{1,9}(\.[0-9]{1,9})?$`}))},
		{"guid", form{Description: "8-4-4-4-12 hexadecimal digits",
			Type: "string", Pattern: `^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`}},
		{"rate", form{Description: "a rate such as 5/s, 0.5/s, 300/m or 20/h",
			Type: "string", Pattern: `^\s*[0-9]+(\.[0-9]{1,6})?/[smh]\s*$`}},
		{"time", form{Description: "a time such as 500ms, 30s or 2m30s; units are h, m, s and ms",
			Type: "string", Pattern: `^\s*` + story.TimePattern + `\s*$`}},
		{"span", spanForm()},
	}
}

// spanForm is a time, a range, or a distribution by the table of the laws.
func spanForm() form {
	law := fieldsForm(spanLaws, form{OneOf: oneNeeded(names(spanLaws)...)})
	law.Properties = append(law.Properties,
		prop{"min", described("shorter times become this", refer("time"))},
		prop{"max", described("longer times become this", refer("time"))})
	text := form{Type: "string", Pattern: `^\s*` + story.TimePattern + `\s*(\.\.\s*` + story.TimePattern + `\s*)?$`}
	return described("a time such as 30s, a range such as 5s..20s, or a distribution", either(text, law))
}

// form is one JSON Schema: what a value may look like. Its fields are the keywords in the
// order in which they are written.
type form struct {
	Schema           string   `json:"$schema,omitempty"`
	Title            string   `json:"title,omitempty"`
	Description      string   `json:"description,omitempty"`
	Ref              string   `json:"$ref,omitempty"`
	Type             any      `json:"type,omitempty"` // a string, or several
	Const            any      `json:"const,omitempty"`
	Enum             []any    `json:"enum,omitempty"`
	Pattern          string   `json:"pattern,omitempty"`
	MaxLength        int      `json:"maxLength,omitempty"`
	Minimum          int      `json:"minimum,omitempty"`
	ExclusiveMinimum *int     `json:"exclusiveMinimum,omitempty"`
	Items            any      `json:"items,omitempty"`
	PrefixItems      []form   `json:"prefixItems,omitempty"`
	MinItems         int      `json:"minItems,omitempty"`
	MaxItems         int      `json:"maxItems,omitempty"`
	Properties       props    `json:"properties,omitempty"`
	PropertyNames    *form    `json:"propertyNames,omitempty"`
	MinProperties    int      `json:"minProperties,omitempty"`
	Additional       any      `json:"additionalProperties,omitempty"` // false, or a form
	Required         []string `json:"required,omitempty"`
	DependentSchemas props    `json:"dependentSchemas,omitempty"`
	AnyOf            []form   `json:"anyOf,omitempty"`
	OneOf            []form   `json:"oneOf,omitempty"`
	If               any      `json:"if,omitempty"`
	Then             any      `json:"then,omitempty"`
	Else             any      `json:"else,omitempty"`
	Defs             props    `json:"$defs,omitempty"`
}

// prop is a named form, props several in their order.
type (
	prop struct {
		name string
		form form
	}
	props []prop
)

// MarshalJSON writes an object whose keys have the order of the list.
func (ps props) MarshalJSON() ([]byte, error) {
	return jsontext.Object(ps, func(p prop) (string, any) { return p.name, p.form })
}

// refer is a form that is defined once in $defs.
func refer(name string) form { return form{Ref: "#/$defs/" + name} }

// object is a mapping that has no other keys than those that are added to it.
func object() form { return form{Type: "object", Additional: false} }

// list is a list with at least one item.
func list(item form) form { return form{Type: "array", Items: item, MinItems: 1} }

// needs asks for keys.
func needs(names ...string) form { return form{Required: names} }

// oneNeeded asks for exactly one of the keys.
func oneNeeded(names ...string) []form {
	all := make([]form, len(names))
	for i, n := range names {
		all[i] = needs(n)
	}
	return all
}

// either is what several forms allow together.
func either(forms ...form) form { return form{AnyOf: forms} }

// oneWord is one of some words.
func oneWord(words []string) form {
	f := form{}
	for _, w := range words {
		f.Enum = append(f.Enum, w)
	}
	return f
}
