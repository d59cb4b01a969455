package scenario

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
)

func TestTheSchemaInTheDocumentationIsTheOneOfTheParser(t *testing.T) {
	golden.Check(t, "../docs/scenario.schema.json", Schema())
}

func TestTheSchemaKnowsEveryWordAndField(t *testing.T) {
	var s struct {
		Defs map[string]struct {
			Properties map[string]json.RawMessage
			AnyOf      []struct {
				Properties map[string]json.RawMessage
				OneOf      []struct{ Required []string }
				Enum       []string
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	step := s.Defs["step"].AnyOf
	if len(step) != 2 || len(step[0].OneOf) != len(words) || strings.Join(step[1].Enum, " ") != "abandon" {
		t.Fatalf("a step is %+v; want a mapping with one of %d words, or abandon", step, len(words))
	}
	for _, w := range words {
		var value struct {
			Description string
			Required    []string
			Properties  map[string]json.RawMessage
		}
		if err := json.Unmarshal(step[0].Properties[w.name], &value); err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		if value.Description != w.doc {
			t.Errorf("%s: the description is %q, want %q", w.name, value.Description, w.doc)
		}
		for _, f := range w.fields {
			if value.Properties[f.name] == nil {
				t.Errorf("%s: no property %q", w.name, f.name)
			}
		}
	}
	for _, f := range scenarioFields {
		if s.Defs["scenario"].Properties[f.name] == nil {
			t.Errorf("no property %q of a scenario", f.name)
		}
	}
	for _, f := range workloadFields {
		if s.Defs["workload"].Properties[f.name] == nil {
			t.Errorf("no property %q of a workload", f.name)
		}
	}
}

// Every reference of the schema must lead somewhere.
func TestTheSchemaHasNoLooseEnds(t *testing.T) {
	text := string(Schema())
	parts := strings.Split(text, `"$ref": "#/$defs/`)
	if len(parts) < 10 {
		t.Fatalf("only %d references", len(parts)-1)
	}
	for _, part := range parts[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if !strings.Contains(text, "\n    \""+name+"\": {") {
			t.Errorf("nothing is defined as %q", name)
		}
	}
}
