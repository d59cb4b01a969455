package event

import (
	"bytes"
	"encoding/json"

	"github.com/ringback/ringback/internal/jsontext"
)

// AsyncAPI describes the notifications of all Types as one AsyncAPI 3.0 document: the request, its
// headers and its signature, and each type as a message with an example. The payloads are the
// schemas of EnvelopeSchema and DataSchema, with what types have in common written once. It is
// indented and always the same bytes.
func AsyncAPI() []byte {
	var b bytes.Buffer
	if err := jsontext.WriteIndented(&b, asyncDocument()); err != nil {
		return nil // cannot be: it holds strings only
	}
	return b.Bytes()
}

// ordered is an object whose members keep their order.
type ordered []named

type named struct {
	name  string
	value any
}

// MarshalJSON writes the members as one object.
func (o ordered) MarshalJSON() ([]byte, error) {
	return jsontext.Object(o, func(n named) (string, any) { return n.name, n.value })
}

func ref(to string) ordered { return ordered{{"$ref", "#/" + to}} }

func asyncDocument() ordered {
	var inOperation []any
	var channel, messages, schemas ordered
	for _, t := range Types() {
		name := t.String()
		channel = append(channel, named{name, ref("components/messages/" + name)})
		inOperation = append(inOperation, ref("channels/notifications/messages/"+name))
		messages = append(messages, named{name, message(t)})
		envelope := envelopeSchema(t)
		envelope.Properties = share(envelope.Properties, "data", name+".data")
		data := dataSchema(t)
		for _, m := range sharedSchemas() {
			data.Properties = share(data.Properties, m.name, m.name)
		}
		schemas = append(schemas, named{name, envelope}, named{name + ".data", data})
	}
	for _, m := range sharedSchemas() {
		schemas = append(schemas, named{m.name, m.schema})
	}
	return ordered{
		{"asyncapi", "3.0.0"},
		{"info", ordered{
			{"title", "VCC Webhooks notifications"},
			{"version", "1"},
			{"description", "The notifications that Vonage Contact Center sends to the subscribers of its Webhooks API, as ringback knows them: v0 is the beta, v1 the later version. They may come more than once and in any order: source and id are the key, data.timestamp tells the order. Ignore types and members that are not described here."},
		}},
		{"defaultContentType", "application/cloudevents+json"},
		{"channels", ordered{{"notifications", ordered{
			{"address", nil},
			{"title", "The subscriber"},
			{"description", "The URL of a subscription."},
			{"messages", channel},
		}}}},
		{"operations", ordered{{"notify", ordered{
			{"action", "send"},
			{"channel", ref("channels/notifications")},
			{"title", "Notify the subscriber"},
			{"description", "One notification for each request. A status of 200 to 205 within 10 seconds accepts it; otherwise it is sent again, for up to 24 hours."},
			{"security", []any{ref("components/securitySchemes/signature")}},
			{"bindings", ordered{{"http", ordered{{"method", "POST"}, {"bindingVersion", "0.3.0"}}}}},
			{"messages", inOperation},
		}}}},
		{"components", ordered{
			{"messages", messages},
			{"schemas", append(schemas, named{"headers", headersSchema()})},
			{"securitySchemes", ordered{{"signature", ordered{
				{"type", "httpApiKey"},
				{"description", "A JSON Web Token, HS256, whose key is the Base64-decoded secret of the subscription. The claim payload_hash is the lower-case hex of SHA-256 over the body as it came; exp is five minutes after iat."},
				{"name", "Vonage-Signature"},
				{"in", "header"},
			}}}},
		}},
	}
}

func message(t Type) ordered {
	entity := "channel"
	if t.Kind.Agent() {
		entity = "agent"
	}
	return ordered{
		{"name", t.String()},
		{"title", t.String() + " notification"},
		{"summary", t.Description()},
		{"tags", []any{ordered{{"name", entity}}, ordered{{"name", t.Version.String()}}}},
		{"headers", ref("components/schemas/headers")},
		{"correlationId", ordered{{"description", "The channel, or the agent."}, {"location", "$message.payload#/subject"}}},
		{"payload", ref("components/schemas/" + t.String())},
		{"examples", []any{ordered{{"name", t.String()}, {"payload", json.RawMessage(Append(nil, example(t)))}}}},
	}
}

func headersSchema() schema {
	return object("The headers that say what the request is.",
		property{name: "Content-Type", schema: schema{Description: "The media type; parameters may follow.", Type: "string", Pattern: `^application/cloudevents\+json`}},
		property{name: "Vonage-Signature", schema: schema{Description: "A JSON Web Token, without Bearer before it.", Type: "string", Pattern: `^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`}})
}

// sharedSchemas are the members of data, and of its channel, that are equal for all types.
func sharedSchemas() []property {
	var all []property
	for _, k := range []Kind{Alerted, PresenceChanged} {
		for _, m := range dataSchema(Type{Kind: k}).Properties {
			switch m.name {
			case "presence", "user":
				all = append(all, m)
			}
			for _, inner := range m.schema.Properties {
				if inner.name == "party" {
					all = append(all, inner)
				}
			}
		}
	}
	return all
}

// share refers to a component in the place of each property that has the name, at any depth.
func share(properties properties, name, component string) properties {
	for i := range properties {
		p := &properties[i]
		if p.name == name {
			p.schema = schema{Ref: "#/components/schemas/" + component}
		} else {
			p.schema.Properties = share(p.schema.Properties, name, component)
		}
	}
	return properties
}

// example is a notification of the type, with the identifiers and moments of the documented ones.
func example(t Type) Event {
	e, _ := Parse([]byte(`{"specversion":"1.0","type":"channel.alerted.v0","id":"2VejGqWZPqHXHVNcfUPUO8IASAp","source":"/channel",` +
		`"subject":"740109c1-12d5-430f-9543-131fe5c4edcb","time":"2022-08-30T14:34:36.6134321Z","datacontenttype":"application/json",` +
		`"data":{"timestamp":"2022-08-30T14:34:36.088Z","channel":{"conversationId":"3e71f453-116a-3abc-7769-bc678ef6e080",` +
		`"interactionId":"1371f451-116a-4abc-8869-bc678ef67070","channelId":"740109c1-12d5-430f-9543-131fe5c4edcb",` +
		`"party":{"role":"agent","agentId":"1544","userId":"ef71f453-556a-3abc-7769-bc678ef6e090"}}}}`))
	e.Type = t
	if t.Version == V1 {
		e.Time = Stamp{Time: e.Timestamp.Time, Digits: MaxDigits}
	}
	if kinds[t.Kind].reason == always {
		e.Reason = "released"
	}
	if t.Kind.Agent() {
		e.Timestamp.Digits = MaxDigits
		e.User = e.Channel.Party.User
		e.Presence = Presence{e.Channel.ConversationID, Category{"ready", "Ready", "readyOutbound"}, "Ready (Outbound)"}
	}
	return e
}
