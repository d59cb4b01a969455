package plan_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// Without order a plan sends the same notifications, in bursts that follow from the seed.
func TestPlansWithoutOrder(t *testing.T) {
	hold := load(t, "hold")
	for name, o := range map[string]plan.Options{
		"together":   {Count: 40},
		"a rate":     {Count: 40, Calls: rate(t, "5/s")},
		"population": {Count: 40, Population: 3},
		"events":     {Count: 40, Events: rate(t, "5/s")},
		"a pool":     {Count: 40, Calls: rate(t, "1/s"), Pool: &plan.Pool{Count: 3}},
		"a long lag": {Count: 40, Lag: span(t, "0s..5m")},
	} {
		t.Run(name, func(t *testing.T) {
			ordered := pick(t, hold, o)
			o.Unordered = true
			p := planned(t, hold, o)
			free := all(p)
			if again := all(p); !bytes.Equal(ndjson(again), ndjson(free)) {
				t.Error("two walks differ")
			}
			if !slices.Equal(sortedIDs(free), sortedIDs(ordered)) {
				t.Fatal("other notifications are sent")
			}
			checkBursts(t, free)
			last := func(ns []plan.Notification) time.Duration { return ns[len(ns)-1].Due }
			if last(free) != last(ordered) || p.Length() != last(free) {
				t.Errorf("the last one is sent at %s, with order at %s; length %s", last(free), last(ordered), p.Length())
			}
			if slices.EqualFunc(free, ordered, func(a, b plan.Notification) bool { return a.ID() == b.ID() }) {
				t.Error("the order is the old one")
			}
		})
	}
}

// checkBursts holds the promises about bursts, and that they vary.
func checkBursts(t *testing.T, ns []plan.Notification) {
	t.Helper()
	sizes, numbers := map[int]int{}, map[uint64]uint32{}
	for i := 0; i < len(ns); {
		first := &ns[i]
		size := int(first.Together)
		if size == 0 || i+size > len(ns) || first.Burst != numbers[first.Story]+1 {
			t.Fatalf("%d: burst %d of %d, behind burst %d of its story", i, first.Burst, size, numbers[first.Story])
		}
		for k := range size {
			if n := &ns[i+k]; n.Seq != uint64(i+k) || n.Story != first.Story || n.Burst != first.Burst || n.Due != first.Due || n.Due < n.At || int(n.Together) != size || int(n.Follow) != size-1-k {
				t.Fatalf("%d: %+v in the burst of %+v", i+k, n, first)
			}
		}
		numbers[first.Story] = first.Burst
		sizes[size]++
		if i += size; i < len(ns) && ns[i].Due < first.Due {
			t.Fatalf("%d: due at %s, behind %s", i, ns[i].Due, first.Due)
		}
	}
	if len(sizes) < 4 {
		t.Errorf("the bursts have sizes %v", sizes)
	}
}

func sortedIDs(ns []plan.Notification) (ids []string) {
	for i := range ns {
		ids = append(ids, ns[i].ID())
	}
	slices.Sort(ids)
	return ids
}

func TestTheHashTellsTheOrder(t *testing.T) {
	with, without := planned(t, load(t, "hold"), plan.Options{}), planned(t, load(t, "hold"), plan.Options{Unordered: true})
	if with.Hash() == without.Hash() {
		t.Error("the hash is the same without order")
	}
}

// Faults take notifications out of bursts and put others in; both copies of every other
// duplicate leave together.
func TestFaultsWithoutOrder(t *testing.T) {
	hold := load(t, "hold")
	for _, rule := range []string{"duplicate every 2", "reorder every 3", "delay every 3 by 1s..30s", "drop every 4", "late-retry every 3", "wrong-key every 2", "rotate-key every 20"} {
		o := plan.Options{Count: 30, Faults: ruled(t, rule)}
		ordered := pick(t, hold, o)
		o.Unordered = true
		free := pick(t, hold, o)
		if len(free) != len(ordered) {
			t.Errorf("%s: %d notifications, with order %d", rule, len(free), len(ordered))
		}
		together := 0
		for i := range free {
			n := &free[i]
			if n.Seq != uint64(i) || n.Together == 0 || n.Follow > 0 && (free[i+1].Due != n.Due || free[i+1].Story != n.Story || free[i+1].Follow != n.Follow-1) {
				t.Fatalf("%s: %d of %d follow %+v", rule, n.Follow, n.Together, n)
			}
			if n.Fault == fault.Duplicate && n.Together > 1 {
				together++
			}
		}
		if rule == "duplicate every 2" && together < 20 {
			t.Errorf("%d duplicates are in bursts", together)
		}
	}
}

// A shard has the bursts of the whole plan.
func TestShardsHaveTheSameBursts(t *testing.T) {
	o := plan.Options{Count: 30, Calls: rate(t, "5/s"), Unordered: true}
	whole := pick(t, load(t, "hold"), o)
	o.Shard = plan.Shard{Index: 1, Of: 3}
	part := pick(t, load(t, "hold"), o)
	whole = slices.DeleteFunc(whole, func(n plan.Notification) bool { return n.Story%3 != 1 })
	if !slices.EqualFunc(whole, part, func(a, b plan.Notification) bool {
		return a.ID() == b.ID() && a.Due == b.Due && a.Burst == b.Burst && a.Follow == b.Follow
	}) {
		t.Error("they differ")
	}
}
