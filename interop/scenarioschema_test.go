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

// A parameter may stand wherever a value may, for an editor, too. The place is the rest of the
// line; what stands before it is the same in both stories.
func TestParametersFitTheSchemaOfTheLanguage(t *testing.T) {
	const story = `name: with-parameters
story: A customer calls ${often}.
params: {PARAMS}
agents: {alice: {agentId: $id, userId: "${user}", wrap: $span, no-answer: $span}, bob: {}, carol: {}}
assume: {timestamp-digits: $digits, disconnected-reason: $word, unexpected-time: $span}
faults: [{duplicate: $often, of: $type}, {delay: $often, by: $span}]
gates: [$gate, "accepted >= ${often}"]
steps:
  - call: $who
  - queue: ${span}
    chance: $often
  - ring: {agent: bob, for: $span, then: no-answer, unexpected: $span}
  - ring: {agent: $agent, for: $span, then: $then}
    fault: $fault
  - hold: {who: $who, steps: [{wait: $span}]}
  - presence: {agent: carol, to: $presence}
  - talk: {lognormal: {median: $span, sigma: $number}, max: $span}
  - repeat: {times: $number, steps: [{hold: $span}]}
  - choose: [{weight: $number, steps: [talk: $span]}, {weight: 1, steps: [talk: "$from..$to"]}]
  - send: {a: $number, b: [$word, "$$5 ${word}"]}
  - hangup: $who
  - wrap: $span
expect:
  - get: $path
    status: $status
    within: $span
    json: {$.phase: $word}
`
	with := func(params string) []byte {
		return []byte(strings.NewReplacer("{PARAMS}", params, "$from..$to", "${from}..${to}").Replace(story))
	}
	const good = `{id: "0150", user: ef71f453-556a-3abc-7769-bc678ef6e090, span: 5s, digits: 3, word: x, often: {env: OFTEN, default: 5%}, type: channel.*, gate: accepted >= 1,
  who: customer, agent: alice, then: answer, fault: duplicate, number: 2, from: 1s, to: 2s, path: /calls, status: 200, presence: lunch}`
	schema := compile(t, scenario.Schema())
	for _, c := range []struct {
		name, params string
		fits         bool
	}{
		{"all", good, true},
		{"a list", strings.Replace(good, "span: 5s", "span: [5s]", 1), false},
		{"a distribution", strings.Replace(good, "span: 5s", "span: {exponential: {mean: 5s}}", 1), false},
		{"a name that no parameter has", strings.Replace(good, "{id:", "{Id: x, id:", 1), false},
		{"an unknown key", strings.Replace(good, "default: 5%", "default: 5%, min: 1%", 1), false},
		{"a variable that no shell has", strings.Replace(good, "OFTEN", "OFT-EN", 1), false},
	} {
		text := with(c.params)
		if err := schema.Validate(fromYAML(t, text)); (err == nil) != c.fits {
			t.Errorf("%s: the schema says %v", c.name, err)
		}
		if _, err := scenario.Parse("story.yaml", text); (err == nil) != c.fits {
			t.Errorf("%s: the parser says %v", c.name, err)
		}
	}
}
