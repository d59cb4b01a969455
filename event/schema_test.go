package event_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/golden"
)

// The schemas are held against bodies by an independent library in another module; here
// only their bytes are.
func TestSchemasAreStable(t *testing.T) {
	var data, envelopes strings.Builder
	for _, typ := range event.Types() {
		data.Write(event.DataSchema(typ))
		envelopes.Write(event.EnvelopeSchema(typ))
	}
	golden.Check(t, "testdata/schemas/data.txt", data.String())
	golden.Check(t, "testdata/schemas/envelope.txt", envelopes.String())
	golden.Check(t, "testdata/schemas/asyncapi.json", string(event.AsyncAPI()))
}

func TestSchemasAreJSONWithTheTypeAsTitle(t *testing.T) {
	for _, typ := range event.Types() {
		var s struct {
			Dialect string `json:"$schema"`
			Title   string `json:"title"`
		}
		if err := json.Unmarshal(event.DataSchema(typ), &s); err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
		if s.Title != typ.String() || s.Dialect != "https://json-schema.org/draft/2020-12/schema" {
			t.Errorf("got title %q, dialect %q; want %q and draft 2020-12", s.Title, s.Dialect, typ)
		}
		if !json.Valid(event.EnvelopeSchema(typ)) {
			t.Errorf("the envelope schema of %s is not JSON", typ)
		}
	}
}

// Every member that Append writes is named by the schemas, and by Parse.
func TestSchemasNameEveryMember(t *testing.T) {
	for _, typ := range event.Types() {
		var body map[string]any
		if err := json.Unmarshal(event.Append(nil, sample(t, typ)), &body); err != nil {
			t.Fatal(err)
		}
		var s node
		if err := json.Unmarshal(event.EnvelopeSchema(typ), &s); err != nil {
			t.Fatal(err)
		}
		s.compare(t, typ.String(), body)
	}
}

// Examples are notifications as Append writes them, one of each type.
func TestAsyncAPIHasAnExampleOfEachType(t *testing.T) {
	var doc struct {
		Components struct {
			Messages map[string]struct {
				Examples []struct{ Payload json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(event.AsyncAPI(), &doc); err != nil {
		t.Fatal(err)
	}
	for _, typ := range event.Types() {
		examples := doc.Components.Messages[typ.String()].Examples
		if len(examples) != 1 {
			t.Fatalf("%s has %d examples, want 1", typ, len(examples))
		}
		if e, err := event.Parse(examples[0].Payload); err != nil || e.Type != typ {
			t.Errorf("%s: the example is of type %s, %v", typ, e.Type, err)
		}
	}
	if n := len(doc.Components.Messages); n != len(event.Types()) {
		t.Errorf("%d messages, want %d", n, len(event.Types()))
	}
}

type node struct {
	Properties map[string]node `json:"properties"`
	Required   []string        `json:"required"`
}

func (s node) compare(t *testing.T, path string, object map[string]any) {
	for name, value := range object {
		inner, ok := s.Properties[name]
		if !ok {
			t.Errorf("%s: the schema does not name %q", path, name)
		}
		if o, ok := value.(map[string]any); ok {
			inner.compare(t, path+"."+name, o)
		}
	}
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			t.Errorf("%s: the schema requires %q, which Append does not write", path, name)
		}
	}
}
