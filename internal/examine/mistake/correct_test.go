package mistake

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/scenarios"
)

var start = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

// planned plans a ready-made scenario, without what is sent wrongly on purpose.
func planned(t *testing.T, name string, seed uint64) (*plan.Plan, []trial.Delivery) {
	t.Helper()
	sc, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: seed, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	var all []trial.Delivery
	for n := range p.Notifications() {
		if n.Extra || n.Fault == fault.Drop {
			continue
		}
		if len(all) == 2000 {
			break
		}
		body := n.AppendBody(nil)
		all = append(all, trial.Delivery{Note: trial.ReadNote(body), Body: body, Party: n.Name})
	}
	return p, all
}

// accepted has a consumer accept deliveries in an order.
func accepted(all []trial.Delivery) *trial.Played {
	p := &trial.Played{Trial: &trial.Trial{Deliveries: all}}
	for i := range all {
		p.Answers = append(p.Answers, trial.Answer{Status: 204, First: 204, Attempts: 1, Sent: start.Add(time.Duration(i) * time.Millisecond)})
	}
	p.Asked = start.Add(time.Hour)
	return p
}

func TestTheCorrectConsumerTellsTheTruthInAnyOrder(t *testing.T) {
	for _, entry := range scenarios.List() {
		if entry.Workload {
			continue
		}
		name := entry.Name
		t.Run(name, func(t *testing.T) {
			p, all := planned(t, name, 7)
			if len(all) == 2000 {
				t.Skip("more than an examination plays")
			}
			for seed := range uint64(20) {
				if seed > 0 {
					rand.New(rand.NewPCG(seed, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				}
				told := NewSeen([]*trial.Played{accepted(all)}).simulate().tell(0)
				for i := range p.Conversations() {
					truth := p.Truth(i)
					for c := range truth.Channels {
						want := &truth.Channels[c]
						s := told[want.ConversationID]
						if s == nil || s.Channels[strings.ToLower(want.ChannelID)] == nil {
							t.Fatalf("seed %d: %s is not known", seed, want.Name)
						}
						got := s.Channels[strings.ToLower(want.ChannelID)]
						if *got.Phase != want.Phase.String() || *got.Notifications != want.Notifications {
							t.Errorf("seed %d: %s is %s after %d, want %s after %d", seed, want.Name, *got.Phase, *got.Notifications, want.Phase, want.Notifications)
						}
						for ph := lifecycle.Alerting; ph < lifecycle.Ended; ph++ {
							if g, w := got.Seconds[ph.String()], want.Duration(ph).Seconds(); math.Abs(g-w) > 1e-6 {
								t.Errorf("seed %d: %s was %s for %g s, want %g", seed, want.Name, ph, g, w)
							}
						}
					}
				}
			}
		})
	}
}
