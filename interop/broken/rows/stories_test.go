package rows

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenarios"
)

// planned plans a ready-made story, and returns it with its bodies.
func planned(t testing.TB, name string, o plan.Options) (plan.Truth, [][]byte) {
	t.Helper()
	sc, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	o.Start = dawn
	o.Count = 1
	if sc.CheckUnder(o.Assume) != nil {
		return plan.Truth{}, nil // it cannot happen so
	}
	p, err := plan.New(sc, o)
	if err != nil {
		t.Fatal(err)
	}
	var bodies [][]byte
	for n := range p.Notifications() {
		bodies = append(bodies, n.AppendBody(nil))
	}
	return p.Truth(0), bodies
}

// compare says what a state that is told of a conversation has wrong.
func compare(truth plan.Truth, conversation string, t told) string {
	of := 0
	for _, c := range truth.Channels {
		if c.ConversationID != conversation {
			continue
		}
		of++
		got := t.channel(c.ChannelID)
		if got == nil {
			return c.Name + " is missing"
		}
		agent := any(nil)
		if c.AgentID != "" {
			agent = c.AgentID
		}
		for _, d := range []string{
			differs("phase", got.Phase, c.Phase), differs("interaction", got.InteractionID, c.InteractionID),
			differs("agent", got.AgentID, agent), differs("role", got.Role, c.Role),
			differs("notifications", got.Notifications, c.Notifications),
		} {
			if d != "" {
				return c.Name + ": " + d
			}
		}
		for p := lifecycle.Alerting; p < lifecycle.Ended; p++ {
			if want := c.Duration(p).Seconds(); math.Abs(got.Seconds[p.String()]-want) > 1e-6 {
				return fmt.Sprintf("%s: %s for %g s, want %g", c.Name, p, got.Seconds[p.String()], want)
			}
		}
	}
	return differs("number of channels", len(t.Channels), of)
}

// playable are the stories that consist of what happened, nothing else.
func playable(t *testing.T) []string {
	var names []string
	for _, e := range scenarios.List() {
		if e.Workload {
			continue
		}
		sc, err := scenarios.Load(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.New(sc, plan.Options{Start: dawn, Count: 1})
		if err != nil {
			t.Fatal(err)
		}
		lawful := len(sc.Faults) == 0
		for n := range p.Notifications() {
			lawful = lawful && n.Raw == nil
		}
		if lawful {
			names = append(names, e.Name)
		}
	}
	return names
}

func TestTheCorrectConsumerKnowsTheTruth(t *testing.T) {
	x := open(t, All()[0])
	seed := uint64(0)
	for i, name := range playable(t) {
		orders := []string{"in order", "reversed"}
		if i%4 == 0 {
			for range 20 {
				orders = append(orders, "shuffled")
			}
		}
		for _, order := range append(orders, "duplicated") {
			seed++
			o := plan.Options{Seed: seed}
			if seed%3 == 0 {
				o.Versions = plan.Both
			}
			truth, bodies := planned(t, name, o)
			random := rand.New(rand.NewPCG(seed, 0))
			switch order {
			case "reversed":
				slices.Reverse(bodies)
			case "duplicated":
				bodies = append(bodies, bodies...)
				fallthrough
			case "shuffled":
				random.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
			}
			for _, b := range bodies {
				if status := x.send(b); status != 204 {
					t.Fatalf("%s, %s, seed %d: status %d for %s", name, order, seed, status, b)
				}
			}
			for _, id := range truth.Conversations {
				if said := x.ask(id, func(got told) string { return compare(truth, id, got) }); said != "" {
					t.Errorf("%s, %s, seed %d: %s", name, order, seed, said)
				}
			}
		}
	}
}

func TestTheCorrectConsumerKnowsTheTruthUnderEachAssumption(t *testing.T) {
	x := open(t, All()[0])
	seed, played := uint64(1000), 0
	names := playable(t)
	for _, row := range assume.Rows() {
		for i, value := range row.Others {
			var o plan.Options
			if err := o.Assume.Change(row.Name, value); err != nil {
				t.Fatal(err)
			}
			for j := i % 3; j < len(names); j += 3 {
				seed++
				o.Seed = seed
				truth, bodies := planned(t, names[j], o)
				rand.New(rand.NewPCG(seed, 0)).Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
				for _, b := range bodies {
					if status := x.send(b); status != 204 {
						t.Fatalf("%s=%s, %s, seed %d: status %d for %s", row.Name, value, names[j], seed, status, b)
					}
				}
				for _, id := range truth.Conversations {
					played++
					if said := x.ask(id, func(got told) string { return compare(truth, id, got) }); said != "" {
						t.Errorf("%s=%s, %s, seed %d: %s", row.Name, value, names[j], seed, said)
					}
				}
			}
		}
	}
	if played < 500 {
		t.Errorf("%d conversations were played, want at least 500", played)
	}
}
