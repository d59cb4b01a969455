package plan

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
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
	named := []event.User{{AgentID: "7"}, {}, {AgentID: "0012"}}
	soon, late := scenario.Uniform(0, 40*time.Second), scenario.Uniform(time.Minute, time.Hour)
	for name, o := range map[string]Options{
		"calls": {}, "population": {Population: 100}, "events": {Events: per(10, time.Second)},
		"agents": {Calls: per(2, time.Second), Pool: &Pool{Count: 150}}, "few agents": {Calls: per(1, time.Second), Pool: &Pool{Count: 12, Patience: &soon, Agents: named}},
		"agents who are stuck": {Calls: per(1, time.Second), Pool: &Pool{Count: 5, Patience: &late}}, "a population with agents": {Population: 40, Pool: &Pool{Count: 20, Patience: &soon}},
	} {
		o.Seed, o.Start, o.Count, o.Lag, o.Versions = 3, time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), 150, &lag, Both
		p, err := New(sc, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { keptDifferently(t, p) })
	}
}

// Who plays whom is kept, and that somebody gave up, after which the story is on a path that no
// checker has seen.
func TestAPackedPlayHasItsAgents(t *testing.T) {
	p, err := New(storyOf(t, "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - transfer: {agent: bob, ring: 2s}\n  - hangup: customer\n"),
		Options{Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Pool: &Pool{Count: 4}})
	if err != nil {
		t.Fatal(err)
	}
	alice, bob := 1, 2
	for _, want := range []casting{{gaveUp: true, asking: bob, held: 1}, {asking: -1, held: 2}, {asking: alice, silent: true}} {
		want.bound, want.played = []int32{-1, -1, -1}, []int32{-1, 3, 0}
		for party := range want.held {
			want.bound[1+party] = want.played[1+party]
		}
		kept, got := &play{texts: &texts{}}, &play{texts: &texts{}}
		kept.begin(p, 0, 0)
		kept.casting = want
		got.begin(p, 0, 0)
		got.unpack(kept.pack(nil))
		if !reflect.DeepEqual(got.casting, want) {
			t.Errorf("got %+v, want %+v", got.casting, want)
		}
		if id := got.user(alice).AgentID; id != "1004" {
			t.Errorf("alice is %s, want the pool's number 3, who is 1004", id)
		}
	}
}

func keptDifferently(t *testing.T, p *Plan) {
	walk := func(awake, cold int) (all []string) {
		p.awake, p.cold = awake, cold
		w := p.Walk()
		for n := range w.Notifications() {
			all = append(all, fmt.Sprint(n.Seq, n.Story, n.Due, n.Live, n.Queued, n.Name, string(n.AppendBody(nil))))
		}
		a := w.Activity()
		a.Wait, a.Answer = nil, nil
		return append(all, fmt.Sprintf("%+v", a))
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
