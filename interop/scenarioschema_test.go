package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

func TestReadyMadeScenariosFitTheSchemaOfTheLanguage(t *testing.T) {
	published, err := os.ReadFile(filepath.Join("..", "docs", "scenario.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	schema := compile(t, published)
	for _, entry := range scenarios.List() { // workloads too
		t.Run(entry.Name, func(t *testing.T) {
			text, err := scenarios.Source(entry.Name)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(fromYAML(t, text)); err != nil {
				t.Error(err)
			}
		})
	}
}

// A story that the schema accepts, in which each wrong one differs in one place.
const lawful = `name: lawful
story: A customer calls, waits and hangs up.
agents:
  alice: {agentId: 0150, userId: ef71f453-556a-3abc-7769-bc678ef6e090}
steps:
  - call: customer
  - queue: 5s..20s
  - ring: {agent: alice, for: 3s}
  - talk: {lognormal: {median: 1m, sigma: 0.6}, max: 10m}
  - hold: 30s
    chance: 20%
  - hangup: customer
  - wrap: 20s
`

func TestWrongScenariosDoNotFitTheSchemaOfTheLanguage(t *testing.T) {
	tests := []struct{ name, old, with string }{
		{"no name", "name: lawful\n", ""},
		{"no story", "story: A customer calls, waits and hangs up.\n", ""},
		{"no steps", lawful[strings.Index(lawful, "steps:"):], "steps: []\n"},
		{"a name with a space", "name: lawful", "name: not lawful"},
		{"an unknown key", "agents:", "agent:"},
		{"an unknown key of an agent", "agentId:", "agent_id:"},
		{"a userId that is no GUID", "ef71f453-", "ef71f453"},
		{"an unknown word", "queue:", "que:"},
		{"two words in one step", "- queue: 5s..20s", "- queue: 5s\n    wait: 5s"},
		{"a step without a word", "- hold: 30s\n    chance: 20%", "- chance: 20%"},
		{"a number without a unit", "queue: 5s..20s", "queue: 5"},
		{"an unknown unit", "queue: 5s..20s", "queue: 5 lightyears"},
		{"a ring that nobody hears", "{agent: alice, for: 3s}", "{for: 3s}"},
		{"an unknown key of ring", "for: 3s", "during: 3s"},
		{"an unknown outcome of ring", "for: 3s", "for: 3s, then: explode"},
		{"an unknown distribution", "lognormal:", "logarithmic:"},
		{"a distribution without a parameter", "{median: 1m, sigma: 0.6}", "{median: 1m}"},
		{"a chance that is no percentage", "chance: 20%", "chance: often"},
		{"a list where a name belongs", "hangup: customer", "hangup: [customer]"},
		{"a step that is a number", "- hangup: customer", "- 7"},
		{"an unknown assumption", "steps:\n", "assume: {absent-id: omit}\nsteps:\n"},
		{"an unknown value of an assumption", "steps:\n", "assume: {absent-ids: perhaps}\nsteps:\n"},
	}
	schema := compile(t, scenario.Schema())
	if err := schema.Validate(fromYAML(t, []byte(lawful))); err != nil {
		t.Fatalf("the lawful story: %v", err)
	}
	if _, err := scenario.Parse("lawful.yaml", []byte(lawful)); err != nil {
		t.Fatalf("the lawful story: %v", err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := []byte(strings.Replace(lawful, tt.old, tt.with, 1))
			if string(text) == lawful {
				t.Fatalf("nothing to replace: %q", tt.old)
			}
			if err := schema.Validate(fromYAML(t, text)); err == nil {
				t.Errorf("the schema accepts\n%s", text)
			}
			// The two must agree, or an editor would teach another language.
			if _, err := scenario.Parse("wrong.yaml", text); err == nil {
				t.Errorf("scenario.Parse accepts\n%s", text)
			}
		})
	}
}
