package scenarios_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

func TestEveryScenarioIsFitForTheList(t *testing.T) {
	all := scenarios.List()
	if len(all) < 26 {
		t.Errorf("List has %d entries, want at least 26", len(all))
	}
	for _, e := range all {
		text, err := os.ReadFile(e.Name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		doc, err := scenario.ParseDocument(e.Name+".yaml", text)
		if err != nil {
			t.Error(err)
			continue
		}
		name := ""
		if doc.Workload != nil {
			name = doc.Workload.Name
		} else {
			name = doc.Scenario.Name
		}
		if name != e.Name {
			t.Errorf("%s.yaml: the name is %q; want that of the file", e.Name, name)
		}
		if n := utf8.RuneCountInString(e.Story); n == 0 || n > 100 || !strings.HasSuffix(e.Story, ".") {
			t.Errorf("%s.yaml: want a story of one sentence of at most 100 characters, got %d: %q", e.Name, n, e.Story)
		}
		wantHeader(t, e.Name, string(text))
	}
}

// wantHeader checks that a file begins with the line for editors and a comment that says
// what the scenario is good for.
func wantHeader(t *testing.T, name, text string) {
	t.Helper()
	const schema = "# yaml-language-server: $schema=../docs/scenario.schema.json\n# "
	if !strings.HasPrefix(text, schema) {
		t.Errorf("%s.yaml begins with %q, want %q and a comment", name, text[:min(len(schema), len(text))], schema)
	}
	for i, line := range strings.Split(text, "\n") {
		if utf8.RuneCountInString(line) > 110 {
			t.Errorf("%s.yaml:%d: the line is longer than 110 characters", name, i+1)
		}
	}
}

func TestTheListIsSorted(t *testing.T) {
	byName := func(a, b scenarios.Entry) int { return strings.Compare(a.Name, b.Name) }
	if all := scenarios.List(); !slices.IsSortedFunc(all, byName) {
		t.Errorf("List = %v, want it sorted by name", all)
	}
}

// TestWorkloadsAreWhole resolves every workload with nothing but the ready-made scenarios.
func TestWorkloadsAreWhole(t *testing.T) {
	var names []string
	for _, e := range scenarios.List() {
		if !e.Workload {
			continue
		}
		names = append(names, e.Name)
		text, err := scenarios.Source(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := scenario.ParseDocument(e.Name+".yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		err = doc.Workload.Resolve(scenario.Files{Story: func(name string) (string, []byte, error) {
			text, err := scenarios.Source(name)
			return name + ".yaml", text, err
		}})
		if err != nil || len(doc.Workload.Scenarios) < 2 || len(doc.Workload.Stretches) == 0 {
			t.Errorf("%s: %d scenarios, %d stretches, %v", e.Name, len(doc.Workload.Scenarios), len(doc.Workload.Stretches), err)
		}
	}
	if want := []string{"day-curve", "monday-morning", "steady-calls"}; !slices.Equal(names, want) {
		t.Errorf("the workloads are %q, want %q", names, want)
	}
}

func TestNamesThatAreNoScenarios(t *testing.T) {
	for _, c := range []struct{ story, name, want string }{
		{"a mistyped name brings the nearest one", "voicemial",
			`no ready-made scenario is called "voicemial" (did you mean "voicemail"?)`},
		{"a name like no other brings the advice alone", "zzzzzzzzzzzz",
			`no ready-made scenario is called "zzzzzzzzzzzz"`},
		{"nothing is no name", "", `no ready-made scenario is called ""`},
		{"a path does not lead out of the embedded files", "../docs/scenario",
			`no ready-made scenario is called "../docs/scenario"`},
		{"a workload is no scenario", "monday-morning",
			"monday-morning.yaml:1:1: this is a workload (it has a mix); want a scenario"},
	} {
		t.Run(c.story, func(t *testing.T) {
			if _, err := scenarios.Load(c.name); err == nil || err.Error() != c.want {
				t.Errorf("Load(%q) = %v, want %s", c.name, err, c.want)
			}
		})
	}
}

// What is printed says nothing to editors that is true in this folder only, and has the same lines.
func TestSourcesWorkInAnyFolder(t *testing.T) {
	for _, e := range scenarios.List() {
		file, err := os.ReadFile(e.Name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		text, err := scenarios.Source(e.Name)
		if err != nil || strings.Contains(string(text), "yaml-language-server") || strings.Contains(string(text), "../") {
			t.Errorf("%s: %v, or it points out of its folder:\n%s", e.Name, err, text)
		}
		_, want, _ := strings.Cut(string(file), "\n")
		if _, got, _ := strings.Cut(string(text), "\n"); got != want {
			t.Errorf("%s differs behind its first line", e.Name)
		}
	}
}
