package plan_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

func TestTheHashChangesWithEachOption(t *testing.T) {
	base := func() plan.Options {
		return plan.Options{Start: dawn, Seed: 1, Count: 10, Calls: rate(t, "5/s")}
	}
	seen := map[string]string{}
	for _, c := range []struct {
		name   string
		change func(*plan.Options)
	}{
		{"nothing", func(*plan.Options) {}},
		{"the seed", func(o *plan.Options) { o.Seed++ }},
		{"the start", func(o *plan.Options) { o.Start = o.Start.Add(1) }},
		{"v1", func(o *plan.Options) { o.Versions = plan.OnlyV1 }},
		{"both versions", func(o *plan.Options) { o.Versions = plan.Both }},
		{"the count", func(o *plan.Options) { o.Count++ }},
		{"the rate", func(o *plan.Options) { o.Calls = rate(t, "6/s") }},
		{"the duration, where it ends the plan", func(o *plan.Options) { o.For = time.Second }},
		{"the lag", func(o *plan.Options) { o.Lag = span(t, "250ms..251ms") }},
		{"a fault", func(o *plan.Options) { o.Faults = ruled(t, "drop 1%") }},
		{"how often a fault fires", func(o *plan.Options) { o.Faults = ruled(t, "drop 2%") }},
		{"how many times a fault fires", func(o *plan.Options) { o.Faults = ruled(t, "drop 2% count 5") }},
		{"an assumption", func(o *plan.Options) {
			if err := o.Assume.Change("abandon", "connectionfailed"); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		o := base()
		c.change(&o)
		hash := planned(t, load(t, "hold"), o).Hash()
		if other, dup := seen[hash]; dup {
			t.Errorf("%s and %s give the same hash", c.name, other)
		}
		seen[hash] = c.name
	}
}

// What a person reads may change, what is played may not.
func TestTheHashChangesWithTheStoryAndNotWithItsDress(t *testing.T) {
	raw, err := os.ReadFile("testdata/everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	hash := func(text string) string {
		sc, err := scenario.Parse("x.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return planned(t, sc, plan.Options{}).Hash()
	}
	want := hash(text)
	for _, c := range []struct{ name, from, to string }{
		{"a comment", "steps:\n", "# begins\n\nsteps:\n"},
		{"the sentence about it", "Every word", "Each word"},
		{"another way to write a time", "talk: 30s", "talk: 0.5m"},
		{"indentation", "  alice: {agentId: \"01\", wrap: 5s..15s}", "  alice:\n      agentId: 01\n      wrap: 5s..15s"},
	} {
		if got := hash(replaced(t, text, c.from, c.to)); got != want {
			t.Errorf("%s changes the hash", c.name)
		}
	}
	for _, c := range []struct{ name, from, to string }{
		{"a time", "talk: 30s", "talk: 31s"},
		{"a bound", "max: 1m", "max: 2m"},
		{"a parameter", "shape: 2", "shape: 3"},
		{"a value of a table", "[5s, 6s, 7s]", "[5s, 6s, 8s]"},
		{"a weight", "{weight: 3", "{weight: 4"},
		{"a chance", "chance: 30%", "chance: 31%"},
		{"how often", "1..3", "1..4"},
		{"a presence", "to: logged-out", "to: lunch"},
		{"an agent's ID", `agentId: "01"`, `agentId: "1"`},
		{"an agent's wrap", "wrap: 5s..15s", "wrap: 5s..16s"},
		{"no wrap", "wrap: none", "wrap: 0s"},
		{"a body", "held.v9", "held.v8"},
		{"a conversation", "                      conversation: same\n", ""},
		{"an assumption", "steps:\n", "assume: {abandon: connectionfailed}\nsteps:\n"},
		{"a fault", "steps:\n", "faults: [{drop: 1%}]\nsteps:\n"},
		{"a fault beside a step", "case: claimant\n", "case: claimant\n    fault: drop\n"},
		{"a medium", "case: claimant", "chat: claimant"},
	} {
		if got := hash(replaced(t, text, c.from, c.to)); got == want {
			t.Errorf("%s does not change the hash", c.name)
		}
	}
}

// replaced replaces the first of the texts that must be there.
func replaced(t *testing.T, text, from, to string) string {
	t.Helper()
	if !strings.Contains(text, from) {
		t.Fatalf("there is no %q", from)
	}
	return strings.Replace(text, from, to, 1)
}
