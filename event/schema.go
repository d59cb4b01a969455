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
	Ref         string     `json:"$ref,omitempty"`
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

// The table that all schemas are made from: the members of a notification from the outside in,
// with what the documentation says of each.

func envelopeSchema(t Type) schema {
	source, subject := "/channel", guid("The subject of the event, which in this case is the channel. The value is the channel ID, which is a GUID.")
	if t.Kind.Agent() {
		source, subject = "/agent", filled("The subject of the event, which in this case is the agent. The value is the agent ID.")
	}
	moment := "the notification was sent."
	if t.Version == V1 {
		moment = "the event occurred, which is the moment of data.timestamp."
	}
	s := object(t.Description(),
		property{name: "specversion", schema: constant("1.0", "The version of the specification being used.")},
		property{name: "type", schema: constant(t.String(), "The type of event. This comprises three parts: the entity performing the event, a description of the event, and the version of the event.")},
		property{name: "id", schema: schema{
			Description: "When combined with the source, forms a unique identifier for the notification. The format is a ksuid.",
			Type:        "string", Pattern: ksuidPattern,
		}},
		property{name: "source", schema: constant(source, "The type of event source.")},
		property{name: "subject", schema: subject},
		property{name: "time", schema: stamp(moment)},
		property{name: "datacontenttype", schema: constant("application/json", "The content type used by the data property.")},
		property{name: "data", schema: dataSchema(t)},
	)
	s.Title = t.String() + " notification"
	return s
}

func dataSchema(t Type) schema {
	k := &kinds[t.Kind]
	members := []property{{name: "timestamp", schema: stamp(k.moment + ". This is not the timestamp of when a notification related to this event was sent.")}}
	if t.Kind.Agent() {
		members = append(members,
			property{name: "presence", schema: presenceSchema()},
			property{name: "user", schema: object("Provides some further information about the agent whose presence changed.",
				property{name: "agentId", schema: filled("The display ID of the agent.")},
				property{name: "userId", schema: guid("The ID for the user.")})})
	} else {
		members = append(members, property{name: "channel", schema: object("Provides some further information about the channel "+k.which+".",
			property{name: "conversationId", schema: guid("A unique identifier assigned to a conversation within VCC. The conversation ID is a GUID (Globally Unique Identifier).")},
			property{name: "interactionId", schema: guid("The unique identifier of the interaction that the channel is part of. It is a UUID.")},
			property{name: "channelId", schema: guid("The unique identifier of the channel " + k.which + ". It is a UUID.")},
			property{name: "party", schema: partySchema()})})
	}
	if k.reason != never {
		members = append(members, property{name: "reason", schema: filled("The reason for the event, such as released."), optional: k.reason == sometimes})
	}
	s := object(t.Description(), members...)
	s.Title = t.String()
	return s
}

// partySchema demands the identifiers of those roles that have them, and of the others
// that they be absent or null.
func partySchema() schema {
	var all, users []string
	for _, r := range Roles() {
		all = append(all, r.String())
		if r.HasUser() {
			users = append(users, r.String())
		}
	}
	agentID, userID := filled("The display ID for the party if they are an agent or monitor role."), guid("The ID for the user.")
	agentID.Type = []string{"string", "null"}
	userID.Type = agentID.Type

	s := object("Provides some further information about the party on the channel.",
		property{name: "role", schema: schema{Description: "The role of the party on the channel.", Type: "string", Enum: all}},
		property{name: "agentId", schema: agentID, optional: true},
		property{name: "userId", schema: userID, optional: true},
	)
	s.If = &schema{Properties: properties{{name: "role", schema: schema{Enum: users}}}, Required: []string{"role"}}
	identifiers := func(form string) properties {
		return properties{{name: "agentId", schema: schema{Type: form}}, {name: "userId", schema: schema{Type: form}}}
	}
	s.Then = &schema{Properties: identifiers("string"), Required: []string{"agentId", "userId"}}
	s.Else = &schema{Properties: identifiers("null")}
	return s
}

func presenceSchema() schema {
	return object("Provides some further information about the presence that started.",
		property{name: "presenceId", schema: guid("The unique identifier of the presence. It is a GUID.")},
		property{name: "category", schema: object("The category of the presence.",
			property{name: "type", schema: filled("The type of the category, such as ready.")},
			property{name: "description", schema: text("The description of the category, such as Ready.")},
			property{name: "subcategory", schema: text("The subcategory, such as readyOutbound.")},
		)},
		property{name: "description", schema: text("The description of the presence, such as Ready (Outbound).")},
	)
}
