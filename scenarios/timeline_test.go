package scenarios_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/scenarios"
)

// start is the moment at which all golden files begin.
var start = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

func TestTimelines(t *testing.T) {
	for _, e := range stories() {
		t.Run(e.Name, func(t *testing.T) {
			p := mustPlan(t, e.Name, plan.Options{Seed: 1, Start: start})
			golden.Check(t, "testdata/"+e.Name+".timeline", timeline(p))
		})
	}
}

func TestGoldensOfScenariosThatAreGone(t *testing.T) {
	paths, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name, _, _ := strings.Cut(filepath.Base(path), ".")
		if _, err := scenarios.Source(name); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestBodies keeps every byte of a few scenarios: ready-made stories are what users compare
// their own logs with.
func TestBodies(t *testing.T) {
	for _, c := range []struct {
		name     string
		versions plan.Versions
	}{
		{"inbound-call-with-hold", plan.OnlyV0},
		{"call-interrupts-email", plan.Both},
		{"unknown-member", plan.OnlyV0},
		{"every-presence", plan.OnlyV0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var bodies []byte
			p := mustPlan(t, c.name, plan.Options{Seed: 1, Start: start, Versions: c.versions})
			for n := range p.Notifications() {
				bodies = append(n.AppendBody(bodies), '\n')
			}
			golden.Check(t, "testdata/"+c.name+"."+c.versions.String()+".ndjson", bodies)
		})
	}
}

// stories are the entries of the list that can be played.
func stories() []scenarios.Entry {
	var all []scenarios.Entry
	for _, e := range scenarios.List() {
		if !e.Workload {
			all = append(all, e)
		}
	}
	return all
}

func mustPlan(t *testing.T, name string, o plan.Options) *plan.Plan {
	t.Helper()
	sc, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// timeline is a plan as people read it: when something happens after the start, to whom,
// in which role, and what.
func timeline(p *plan.Plan) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for n := range p.Notifications() {
		kind := strings.TrimSuffix(strings.TrimSuffix(n.Type(), ".v0"), ".v1")
		if n.Event.Type.Kind.Agent() {
			kind += " to " + n.Event.Presence.Description
		}
		if n.Fault != fault.None {
			kind += fmt.Sprintf(" (%s, sent at %s)", n.Fault, n.Due)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", n.At, dash(n.Name), dash(n.Role()), kind)
	}
	w.Flush() // into memory, which does not fail
	return b.String()
}

// dash stands for what a notification does not have.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
