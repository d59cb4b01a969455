package scenario

import "github.com/ringback/ringback/internal/jsontext"

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
