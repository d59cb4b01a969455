package interop

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
)

// eventSchemas are the two schemas of one type of event.
type eventSchemas struct{ envelope, data *jsonschema.Schema }

// allEventSchemas compiles the schemas of all types, by full name.
func allEventSchemas(t *testing.T) map[string]eventSchemas {
	t.Helper()
	all := map[string]eventSchemas{}
	for _, typ := range event.Types() {
		all[typ.String()] = eventSchemas{compile(t, event.EnvelopeSchema(typ)), compile(t, event.DataSchema(typ))}
	}
	if len(all) != 26 {
		t.Fatalf("%d types of events, want 26", len(all))
	}
	return all
}

func TestEveryPlannedNotificationFitsTheSchemasOfItsType(t *testing.T) {
	schemas := allEventSchemas(t)
	met := map[string]bool{}
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) { fit(t, schemas, s.notifications(t, assume.Set{}), met) })
	}
	for name := range schemas {
		if !met[name] {
			t.Errorf("no scenario has an event of type %s", name)
		}
	}
}

func TestNotificationsFitTheSchemasWhateverIsAssumed(t *testing.T) {
	schemas := allEventSchemas(t)
	for _, row := range assume.Rows() {
		if row.Name == assume.Workspace.String() {
			continue // it says which stories are possible, and changes none
		}
		values := slices.Clone(row.Others)
		if row.AnyText {
			values = append(values, "whatever the API says")
		}
		for _, value := range values {
			t.Run(row.Name+" is "+value, func(t *testing.T) {
				var set assume.Set
				if err := set.Change(row.Name, value); err != nil {
					t.Fatal(err)
				}
				for _, s := range stories(t) {
					fit(t, schemas, s.notifications(t, set), map[string]bool{})
				}
			})
		}
	}
}

// fit validates notifications and notes in met which types they are of.
func fit(t *testing.T, schemas map[string]eventSchemas, list []plan.Notification, met map[string]bool) {
	t.Helper()
	for _, n := range list {
		own, known := schemas[n.Type()]
		if !known {
			if n.Raw == nil {
				t.Fatalf("planned an event of unknown type %q", n.Type())
			}
			continue // a send step's own invention, which no schema describes
		}
		met[n.Type()] = true
		body := n.AppendBody(nil)
		value := fromJSON(t, body)
		if err := own.envelope.Validate(value); err != nil {
			t.Errorf("the envelope: %v\n%s", err, body)
		}
		if err := own.data.Validate(value.(map[string]any)["data"]); err != nil {
			t.Errorf("the data: %v\n%s", err, body)
		}
	}
}

// Each wrong notification is a lawful one with one member put in another's place; gone takes it
// away instead.
var gone = struct{}{}

var wrongNotifications = []struct {
	name   string
	typ    string
	path   []string
	value  any
	inData bool // so the schema of the data alone refuses it too
}{
	{"an agent without agentId", "channel.held.v0", member("data", "channel", "party", "agentId"), gone, true},
	{"an agent without userId", "channel.held.v1", member("data", "channel", "party", "userId"), gone, true},
	{"an agent whose agentId is null", "channel.held.v0", member("data", "channel", "party", "agentId"), nil, true},
	{"an agentId that is a number", "channel.held.v0", member("data", "channel", "party", "agentId"), 1544, true},
	{"an empty agentId", "channel.held.v0", member("data", "channel", "party", "agentId"), "", true},
	{"a role that does not exist", "channel.held.v0", member("data", "channel", "party", "role"), "supervisor", true},
	{"an external party with the agent's IDs", "channel.held.v0", member("data", "channel", "party", "role"), "external", true},
	{"no party", "channel.connected.v0", member("data", "channel", "party"), gone, true},
	{"no channel", "channel.connected.v0", member("data", "channel"), gone, true},
	{"no timestamp", "channel.connected.v1", member("data", "timestamp"), gone, true},
	{"a timestamp with an offset", "channel.held.v0", member("data", "timestamp"), "2025-03-03T09:00:00+00:00", true},
	{"eight fractional digits", "channel.held.v0", member("data", "timestamp"), "2025-03-03T09:00:00.12345678Z", true},
	{"a day that does not exist", "channel.held.v0", member("data", "timestamp"), "2025-02-30T09:00:00Z", true},
	{"a channelId that is no GUID", "channel.held.v0", member("data", "channel", "channelId"), "740109c1", true},
	{"an end without a reason", "channel.ended.v0", member("data", "reason"), gone, true},
	{"a failure without a reason", "channel.connectionfailed.v1", member("data", "reason"), gone, true},
	{"a presence without a category", "agent.presencechanged.v0", member("data", "presence", "category"), gone, true},
	{"a presence of nobody", "agent.presencechanged.v1", member("data", "user"), gone, true},
	{"the type of another event", "channel.held.v0", member("type"), "channel.held.v1", false},
	{"the source of another event", "channel.held.v0", member("source"), "/agent", false},
	{"an id that is a GUID", "channel.held.v0", member("id"), "740109c1-12d5-430f-9543-131fe5c4edcb", false},
	{"no subject", "channel.held.v0", member("subject"), gone, false},
	{"another CloudEvents version", "channel.held.v0", member("specversion"), "0.3", false},
	{"another content type", "channel.held.v0", member("datacontenttype"), "text/xml", false},
}

func TestWrongNotificationsDoNotFitTheSchemas(t *testing.T) {
	schemas := allEventSchemas(t)
	for _, tt := range wrongNotifications {
		t.Run(tt.name, func(t *testing.T) {
			body := lawfulNotification(t, tt.typ)
			if err := schemas[tt.typ].envelope.Validate(body); err != nil {
				t.Fatalf("the lawful one: %v", err)
			}
			change(t, body, tt.path, tt.value)
			if err := schemas[tt.typ].envelope.Validate(body); err == nil {
				t.Errorf("EnvelopeSchema accepts %v", body)
			}
			err := schemas[tt.typ].data.Validate(body["data"])
			if got := err != nil; got != tt.inData {
				t.Errorf("DataSchema refuses = %v, want %v: %v", got, tt.inData, body["data"])
			}
		})
	}
}

// member is the way to a member of a body.
func member(names ...string) []string { return names }

// lawfulNotification is the JSON value of an event of an agent, of the given type.
func lawfulNotification(t *testing.T, name string) map[string]any {
	t.Helper()
	typ, err := event.ParseType(name)
	if err != nil {
		t.Fatal(err)
	}
	base, err := event.Parse([]byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	user := event.User{AgentID: "01", UserID: base.Channel.ChannelID}
	base.Type, base.Reason = typ, "released"
	base.Channel.Party = event.Party{Role: event.Agent, User: user}
	base.User = user
	base.Presence = event.Presence{
		PresenceID:  base.Channel.ChannelID,
		Category:    event.Category{Type: "ready", Description: "Ready", Subcategory: "readyOutbound"},
		Description: "Ready (Outbound)",
	}
	return fromJSON(t, event.Append(nil, base)).(map[string]any)
}

// change sets the member of object at path to value, or removes it if value is gone.
func change(t *testing.T, object map[string]any, path []string, value any) {
	t.Helper()
	for _, name := range path[:len(path)-1] {
		object = object[name].(map[string]any)
	}
	last := path[len(path)-1]
	if _, ok := object[last]; !ok {
		t.Fatalf("no member %s to change", last)
	}
	if value == gone {
		delete(object, last)
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	object[last] = fromJSON(t, text)
}
