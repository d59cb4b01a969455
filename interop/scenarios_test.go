package interop

import (
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/scenarios"
)

// start is the first moment of every plan in these tests.
const start = "2025-03-03T09:00:00Z"

// story is a ready-made scenario together with a seed of its own, so that no two of them share
// an identifier.
type story struct {
	name string
	seed uint64
}

// stories lists the ready-made scenarios; workloads, which are not played, are left out.
func stories(t *testing.T) []story {
	t.Helper()
	var list []story
	for i, entry := range scenarios.List() {
		if !entry.Workload {
			list = append(list, story{entry.Name, uint64(i + 1)})
		}
	}
	if len(list) < 20 {
		t.Fatalf("scenarios.List names %d scenarios, want 20 at least", len(list))
	}
	return list
}

// notifications are what a correct consumer accepts of s in both versions. What is assumed holds
// over the scenario's own choices.
func (s story) notifications(t *testing.T, assumed assume.Set) []plan.Notification {
	t.Helper()
	return slices.DeleteFunc(s.planned(t, assumed), func(n plan.Notification) bool { return n.Want != fault.Accept })
}

// planned is all of s, including what is to be refused.
func (s story) planned(t *testing.T, assumed assume.Set) []plan.Notification {
	t.Helper()
	sc, err := scenarios.Load(s.name)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: s.seed, Start: at, Versions: plan.Both, Assume: assumed})
	if err != nil {
		t.Fatal(err)
	}
	list := slices.Collect(p.Notifications())
	if len(list) == 0 {
		t.Fatal("the plan is empty")
	}
	return list
}
