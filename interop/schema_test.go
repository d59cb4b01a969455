package interop

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// draft is the metaschema that every schema of ringback names. The library carries a copy.
const draft = "https://json-schema.org/draft/2020-12/schema"

// compile validates text against the metaschema of draft 2020-12 and makes a schema of it that
// also checks formats, such as uuid.
func compile(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	document := fromJSON(t, text)
	if got := document.(map[string]any)["$schema"]; got != draft {
		t.Fatalf("$schema = %v, want %s", got, draft)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	meta, err := compiler.Compile(draft)
	if err != nil {
		t.Fatal(err)
	}
	if err := meta.Validate(document); err != nil {
		t.Fatalf("not a JSON Schema: %v", err)
	}
	const name = "schema.json"
	if err := compiler.AddResource(name, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// fromJSON reads JSON as the library wants it, with exact numbers.
func fromJSON(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	return value
}

// fromYAML reads YAML as an editor does, into the values of JSON: 0150 is a number here.
func fromYAML(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return fromJSON(t, asJSON)
}
