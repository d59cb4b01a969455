package plan_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

func mixed(t testing.TB, o plan.Options, files ...string) *plan.Plan {
	t.Helper()
	var scs []*scenario.Scenario
	for _, f := range files {
		scs = append(scs, load(t, f))
	}
	o.Start = dawn
	p, err := plan.NewMix(scs, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheMixIsAsItsWeights(t *testing.T) {
	const n = 20_000
	p := mixed(t, plan.Options{Seed: 4, Count: n, Weights: []float64{70, 0, 30}}, "hold", "everything", "interrupt")
	counts := make([]int, 3)
	for i := range uint64(n) {
		counts[p.ScenarioOf(i)]++
	}
	if off := math.Abs(float64(counts[0]) - 0.7*n); counts[1] != 0 || off > 4*math.Sqrt(n*0.7*0.3) {
		t.Errorf("scenarios are played %v times, want 70 %%, none and 30 %%", counts)
	}
	small := mixed(t, plan.Options{Seed: 4, Count: 50, Weights: []float64{70, 0, 30}}, "hold", "everything", "interrupt")
	for _, note := range all(small) {
		if note.Scenario != small.ScenarioOf(note.Story) || note.Scenario == 1 {
			t.Fatalf("conversation %d plays %d, want %d", note.Story, note.Scenario, small.ScenarioOf(note.Story))
		}
	}
	turns := mixed(t, plan.Options{Count: 5}, "hold", "everything", "interrupt")
	if turns.ScenarioOf(4) != 1 {
		t.Error("without weights, scenarios do not take turns")
	}
}

// As many conversations as asked for are alive at each moment until the last one has begun.
func TestAPopulationStaysAlive(t *testing.T) {
	for _, o := range []plan.Options{
		{Population: 20, Count: 200, Lag: span(t, "0s..9s")},
		{Population: 20, For: 30 * time.Minute},
		{Population: 20, For: 30 * time.Minute, Count: 100_000},
		{Population: 20, Count: 200, Pool: &plan.Pool{Count: 5, Patience: span(t, "1m")}},
	} {
		o.Seed = 2
		p := planned(t, load(t, "hold"), o)
		w, begun, notes := p.Walk(), map[uint64]bool{}, 0
		var last time.Duration
		for n := range w.Notifications() {
			begun[n.Story] = true
			if n.Live > 20 || n.Live < 20 && n.Story < p.Conversations()-20 && n.Due < o.For {
				t.Fatalf("%d conversations are alive at %s, want 20", n.Live, n.Due)
			}
			notes, last = notes+1, n.Due
		}
		f := w.Activity()
		if want := p.Conversations(); o.For == 0 && want != o.Count || uint64(len(begun)) != want || f.Conversations != want || f.PeakLive != 20 {
			t.Errorf("%d conversations of %d, at most %d at once; want %d and 20", len(begun), want, f.PeakLive, o.Count)
		}
		if o.For > 0 && (last < o.For || notes < 1000) {
			t.Errorf("%d notifications until %s", notes, last)
		}
	}
}

func TestTrafficThatContradictsItselfIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, want string
		opts       plan.Options
	}{
		{"two ways", "use only one", plan.Options{Calls: rate(t, "5/s"), Population: 3, Count: 9}},
		{"a population without an end", "needs an end", plan.Options{Population: 3}},
		{"a negative population", "want 1 to", plan.Options{Population: -3, Count: 9}},
		{"events without an end", "needs an end", plan.Options{Events: rate(t, "5/s")}},
		{"events from a pool", "exclude each other", plan.Options{Events: rate(t, "5/s"), Count: 5, Pool: &plan.Pool{Count: 3}}},
		{"a pool of nobody", "0 agents", plan.Options{Pool: &plan.Pool{}}},
		{"the same agent twice", `agents 1 and 3 of the pool are both "7"`, plan.Options{Pool: &plan.Pool{Count: 3, Agents: []event.User{{AgentID: "7"}, {AgentID: "8"}, {AgentID: "7"}}}}},
		{"a shard that there is not", "no shard 3 of 3", plan.Options{Shard: plan.Shard{Index: 3, Of: 3}}},
		{"too few weights", "2 weights for 1", plan.Options{Weights: []float64{1, 2}}},
		{"a negative weight", "scenario 1 is -1", plan.Options{Weights: []float64{-1}}},
		{"no weight at all", "add up to 0", plan.Options{Weights: []float64{0}}},
		{"too few identifiers", "2 conversation IDs for 5", plan.Options{Count: 5, ConversationIDs: make([]event.GUID, 2)}},
		{"identifiers without a count", "set a count", plan.Options{Population: 5, For: time.Hour, ConversationIDs: make([]event.GUID, 2)}},
		{"a stretch without time", "stretch 1 lasts", plan.Options{Arrivals: []plan.Stretch{{From: rate(t, "5/s")}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Start = dawn
			if _, err := plan.New(load(t, "hold"), c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	nothing := story(t, "  - wait: 0s\n")
	for _, o := range []plan.Options{{Start: dawn, Population: 2, For: time.Hour}, {Start: dawn, Events: rate(t, "5/s"), For: time.Hour}} {
		if _, err := plan.New(nothing, o); err == nil || !strings.Contains(err.Error(), "produce no notifications") {
			t.Errorf("a story that sends nothing: %v", err)
		}
	}
}

// A story that sends something hardly ever must not keep a walk from ending.
func TestConversationsThatSendNothingEnd(t *testing.T) {
	rare := parse(t, "name: rare\nstory: Hardly anything.\nsteps:\n  - choose:\n      - {weight: 1, steps: [{call: customer}, abandon: ]}\n      - {weight: 99, steps: [{wait: 0s}]}\n")
	for _, o := range []plan.Options{{Population: 2, Count: 3000}, {Events: rate(t, "100/s"), Count: 3000}} {
		if n := len(pick(t, rare, o)); n < 40 {
			t.Errorf("%d notifications of 3000 conversations, want about 120", n)
		}
	}
}

func TestConversationsTakeTheIdentifiersGiven(t *testing.T) {
	var ids []event.GUID
	for i := range 5 {
		id, err := event.ParseGUID(fmt.Sprintf("ef71f453-556a-3abc-7769-00000000000%d", i))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	p := planned(t, load(t, "interrupt"), plan.Options{Count: 5, ConversationIDs: ids})
	others := map[event.GUID]bool{}
	for n := range p.Notifications() {
		if c := n.Event.Channel; n.Name == "customer" && c.ConversationID != ids[n.Story] {
			t.Fatalf("conversation %d is %s, want %s", n.Story, c.ConversationID, ids[n.Story])
		} else if n.Name != "customer" && c.Party.Role == event.External {
			others[c.ConversationID] = true
		}
	}
	for _, id := range ids {
		if others[id] {
			t.Errorf("a second conversation of a play is %s, too", id)
		}
	}
	if got := p.Truth(3).Conversations[0]; got != ids[3].String() {
		t.Errorf("the truth is about %s, want %s", got, ids[3])
	}
}

func TestTheHashChangesWithTheTraffic(t *testing.T) {
	seen := map[string]int{}
	agents := []event.User{{AgentID: "7"}}
	for i, o := range []plan.Options{
		{Count: 9}, {Count: 9, Events: rate(t, "5/s")}, {Count: 9, Events: rate(t, "6/s")}, {Count: 9, Population: 3}, {Count: 9, Population: 4},
		{For: time.Minute, Population: 4}, {For: time.Hour, Population: 4}, {Arrivals: poisson(t, "5/s", time.Minute)},
		{Arrivals: poisson(t, "5/s", 2*time.Minute)}, {Count: 9, Weights: []float64{1}}, {Count: 9, Pool: &plan.Pool{Count: 1}},
		{Count: 9, Pool: &plan.Pool{Count: 2}}, {Count: 9, Pool: &plan.Pool{Count: 2, Patience: span(t, "9s")}},
		{Count: 9, Pool: &plan.Pool{Count: 2, Agents: agents}}, {Count: 9, ConversationIDs: make([]event.GUID, 9)},
	} {
		hash := planned(t, load(t, "hold"), o).Hash()
		if other, dup := seen[hash]; dup {
			t.Errorf("%d and %d have the same hash", i, other)
		}
		seen[hash] = i
	}
}
