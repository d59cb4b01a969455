package plan_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// Shards of every kind of traffic add up to the whole, whatever goes wrong on the way.
func TestShardsAddUpToTheWholePlan(t *testing.T) {
	sampling.Long(t)
	sc := load(t, "interrupt")
	traffic := map[string]plan.Options{
		"calls":      {Calls: rate(t, "2/s"), Count: 50},
		"arrivals":   {Arrivals: poisson(t, "2/s", 20*time.Second)},
		"population": {Population: 7, Count: 40},
		"events":     {Events: rate(t, "20/s"), Count: 40},
		"pool":       {Calls: rate(t, "2/s"), Count: 50, Pool: &plan.Pool{Count: 5, Patience: span(t, "1s..2m")}},
	}
	faults := map[string][]scenario.FaultRule{
		"no faults":     nil,
		"by chance":     everyFault(t, "3%"),
		"every nth":     ruled(t, "drop every 7", "duplicate every 11", "unsigned 20% count 3"),
		"key rotations": ruled(t, "rotate-key every 50", "delay 10% by 1s..9s"),
	}
	for kind, o := range traffic {
		for name, rules := range faults {
			t.Run(fmt.Sprint(kind, ", ", name), func(t *testing.T) {
				o.Seed, o.Lag, o.Faults = 5, span(t, "0s..9s"), rules
				shardsDescribeTheWholePlan(t, sc, o)
				whole := pick(t, sc, o)
				if len(whole) < 250 {
					t.Fatalf("only %d notifications", len(whole))
				}
				sharded(t, sc, o, whole)
				balanced(t, whole)
			})
		}
	}
}

// A shard of conversations that do not decide on one another costs its share only.
func TestAShardOpensItsOwnConversationsOnly(t *testing.T) {
	o := plan.Options{Calls: rate(t, "2/s"), Count: 90, Shard: plan.Shard{Index: 1, Of: 3}}
	p := planned(t, load(t, "hold"), o)
	if f := walked(p); f.Conversations != 30 {
		t.Errorf("%d conversations were begun, want 30", f.Conversations)
	}
	if p.Conversations() != 90 {
		t.Errorf("the plan has %d conversations, want 90", p.Conversations())
	}
	whole := planned(t, load(t, "hold"), plan.Options{Calls: rate(t, "2/s"), Count: 90})
	if p.Hash() != whole.Hash() || p.Length() != whole.Length() {
		t.Error("a shard has another hash or length than the plan")
	}
}

// shardsDescribeTheWholePlan compares what shards say of the plan with what the plan says of itself.
func shardsDescribeTheWholePlan(t *testing.T, sc *scenario.Scenario, o plan.Options) {
	t.Helper()
	whole, begun := planned(t, sc, o), uint64(0)
	all := walked(whole)
	for i := range uint64(3) {
		o.Shard = plan.Shard{Index: i, Of: 3}
		p := planned(t, sc, o)
		if p.Length() != whole.Length() {
			t.Errorf("shard %d has a length of %s, the plan of %s", i, p.Length(), whole.Length())
		}
		if p.Conversations() != whole.Conversations() || p.Hash() != whole.Hash() || !p.Start().Equal(whole.Start()) {
			t.Errorf("shard %d has another count, hash or start than the plan", i)
		}
		a := walked(p)
		if begun += a.Conversations; a.Whole {
			begun = a.Conversations
		}
		if a.Whole && (a.PeakLive != all.PeakLive || a.MeanLive() != all.MeanLive()) {
			t.Errorf("shard %d: the activity is said to be that of the whole plan, and is not", i)
		}
	}
	if begun != all.Conversations {
		t.Errorf("the shards saw %d conversations, the plan has %d", begun, all.Conversations)
	}
}
