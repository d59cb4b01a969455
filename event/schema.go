package event

import (
	"bytes"

	"github.com/ringback/ringback/internal/jsontext"
)

// Patterns of the text forms. Dialects of regular expressions agree on all that they use.
const (
	stampPattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?Z$`
	ksuidPattern = `^[0-9A-Za-z]{27}$`
)

const dialect = "https://json-schema.org/draft/2020-12/schema"

// schema is a JSON Schema with the few keywords that notifications need, in the order in
// which they are written.
type schema struct {
	Dialect     string     `json:"$schema,omitempty"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Type        any        `json:"type,omitempty"` // a name or several
	Const       string     `json:"const,omitempty"`
	Enum        []string   `json:"enum,omitempty"`
	MinLength   int        `json:"minLength,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	Format      string     `json:"format,omitempty"`
	Properties  properties `json:"properties,omitempty"`
	Required    []string   `json:"required,omitempty"`
	If          *schema    `json:"if,omitempty"`
	Then        *schema    `json:"then,omitempty"`
	Else        *schema    `json:"else,omitempty"`
}

// property is a member of an object. Optional ones are left out of "required".
type property struct {
	name     string
	schema   schema
	optional bool
}

// properties keep the documented order of the members, which a map would lose.
type properties []property

// MarshalJSON writes the properties as one object.
func (ps properties) MarshalJSON() ([]byte, error) {
	return jsontext.Object(ps, func(p property) (string, any) { return p.name, p.schema })
}

// DataSchema is the JSON Schema, draft 2020-12, of the data of t's notifications, titled
// with the full type name: what the vendor's GET /event-types gives. It is indented and
// always the same bytes. Members that it does not name are allowed, as the API may add
// some. It is nil if t is not one of Types.
func DataSchema(t Type) []byte {
	if !t.known() {
		return nil
	}
	return dataSchema(t).root()
}

// EnvelopeSchema is the JSON Schema of t's whole notifications, with the schema of their
// data in its place. That subject and channelId must be equal, and a date one that
// exists, no schema can say: Parse does. It is nil if t is not one of Types.
func EnvelopeSchema(t Type) []byte {
	if !t.known() {
		return nil
	}
	return envelopeSchema(t).root()
}

func (s schema) root() []byte {
	s.Dialect = dialect
	var b bytes.Buffer
	if err := jsontext.WriteIndented(&b, s); err != nil {
		return nil // cannot be: a schema holds strings and numbers only
	}
	return b.Bytes()
}

// object is a schema of an object with these members.
func object(description string, members ...property) schema {
	s := schema{Description: description, Type: "object", Properties: members}
	for _, m := range members {
		if !m.optional {
			s.Required = append(s.Required, m.name)
		}
	}
	return s
}

func text(description string) schema { return schema{Description: description, Type: "string"} }

func filled(description string) schema {
	return schema{Description: description, Type: "string", MinLength: 1}
}

func guid(description string) schema {
	return schema{Description: description, Type: "string", Format: "uuid"}
}

func stamp(moment string) schema {
	return schema{Description: "An ISO 8601 UTC datetime representing the moment " + moment, Type: "string", Pattern: stampPattern, Format: "date-time"}
}

func constant(value, description string) schema {
	return schema{Description: description, Type: "string", Const: value}
}
