package plan

import (
	"fmt"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/scenario"
)

// How many plays are kept in memory must not show in a plan.
func TestSleepingConversationsPlanTheSame(t *testing.T) {
	sampling.Long(t)
	sc, err := scenario.Parse("loops.yaml", []byte(`name: loops
story: A call with a random number of holds, and wraps that go on meanwhile.
agents: {alice: {wrap: 5s..60s}, bob: {wrap: 1s..9s}}
steps:
  - call: customer
  - ring: {agent: alice, for: 1s..9s}
  - repeat: {times: 1..4, steps: [{talk: 1s..20s}, {hold: 1s..5s, chance: 70%}]}
  - transfer: {agent: bob, ring: 2s..4s}
  - talk: {exponential: {mean: 20s}}
  - hangup: customer
`))
	if err != nil {
		t.Fatal(err)
	}
	lag := scenario.Uniform(0, 20*time.Second)
	for name, o := range map[string]Options{"calls": {}, "population": {Population: 100}, "events": {Events: per(10, time.Second)}} {
		o.Seed, o.Start, o.Count, o.Lag, o.Versions = 3, time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), 150, &lag, Both
		p, err := New(sc, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { keptDifferently(t, p) })
	}
}

func keptDifferently(t *testing.T, p *Plan) {
	walk := func(awake, cold int) (all []string) {
		p.awake, p.cold = awake, cold
		for n := range p.Notifications() {
			all = append(all, fmt.Sprint(n.Seq, n.Story, n.Due, string(n.AppendBody(nil))))
		}
		return all
	}
	want := walk(defaultAwake, defaultCold)
	for _, kept := range [][2]int{{1, defaultCold}, {1, 0}, {7, 33}, {299, defaultCold}} {
		awake := kept[0]
		got := walk(kept[0], kept[1])
		if len(got) != len(want) {
			t.Fatalf("with %d awake: %d notifications, want %d", awake, len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("with %d awake, notification %d is %s, want %s", awake, i, got[i], want[i])
			}
		}
	}
}
