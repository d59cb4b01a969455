package scenario_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// FuzzParse: no text makes the parser or the planner panic. Faults are sorted, and each
// has a place in the file; a scenario that is free of them can be planned under any
// assumptions but a workspace that forbids it, and its notifications never go back in time.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/err/*.yaml", "../plan/testdata/*.yaml", "../scenarios/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for i, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text, uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		doc, err := scenario.ParseDocument("fuzz.yaml", text)
		var faults scenario.Problems
		switch {
		case errors.As(err, &faults):
			inside(t, text, faults)
			_ = faults.Detail()
		case err != nil:
			t.Fatalf("an error without faults: %v", err)
		case doc.Scenario != nil:
			walk(t, doc.Scenario, seed)
		}
	})
}

// walk plans a scenario in a random way, up to some thousand notifications.
func walk(t *testing.T, sc *scenario.Scenario, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	o := plan.Options{Seed: seed, Start: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Versions: plan.Versions(r.IntN(3)), Count: 1 + r.Uint64N(3)}
	for _, row := range assume.Rows() {
		values := append([]string{row.Default}, row.Others...)
		if err := o.Assume.Change(row.Name, values[r.IntN(len(values))]); err != nil {
			t.Fatal(err)
		}
	}
	p, err := plan.New(sc, o)
	if errors.As(err, new(scenario.Problems)) { // a workspace may forbid the story; this one forbids nothing
		if err := o.Assume.Change("workspace", "any"); err != nil {
			t.Fatal(err)
		}
		p, err = plan.New(sc, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	before, left := time.Duration(0), 3000
	for n := range p.Notifications() {
		if n.Due < before || n.At > n.Due {
			t.Fatalf("%s is due at %s after one at %s", n.Type(), n.Due, before)
		}
		if before = n.Due; left == 0 {
			return
		}
		left--
	}
}
