package interop

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// exampleCommand shows the plan of the example in docs/consumer.md.
const exampleCommand = "ringback plan cold-transfer --seed 3 --start 2025-03-03T09:00:00Z --order none --lag 0s..3m"

// examplePlan is that plan.
func examplePlan(t *testing.T) (*plan.Plan, [][]byte) {
	t.Helper()
	sc, err := scenarios.Load("cold-transfer")
	if err != nil {
		t.Fatal(err)
	}
	lag, err := scenario.ParseSpan("0s..3m")
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: 3, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Unordered: true, Lag: &lag})
	if err != nil {
		t.Fatal(err)
	}
	var bodies [][]byte
	for n := range p.Notifications() {
		bodies = append(bodies, n.AppendBody(nil))
	}
	return p, bodies
}

// TestTheExampleOfTheConsumersGuide has the documented consumers work out the example, and holds the page to what they tell.
func TestTheExampleOfTheConsumersGuide(t *testing.T) {
	p, bodies := examplePlan(t)
	truth := p.Truth(0)
	for _, d := range documentedConsumers {
		t.Run(d.name, func(t *testing.T) {
			consumer := d.serve(t)
			for _, body := range bodies {
				if status := consumer.post(t, body); status != http.StatusNoContent {
					t.Errorf("status %d for %s", status, body)
				}
			}
			told := consumer.told(t, truth.Conversations[0])
			if len(told.Channels) != len(truth.Channels) {
				t.Fatalf("%d channels, want %d", len(told.Channels), len(truth.Channels))
			}
			for _, c := range told.Channels {
				i := slices.IndexFunc(truth.Channels, func(w plan.ChannelTruth) bool { return strings.EqualFold(w.ChannelID, c.ChannelID) })
				for phase := lifecycle.Alerting; phase < lifecycle.Ended; phase++ {
					if want := truth.Channels[i].Duration(phase).Seconds(); math.Abs(c.Seconds[phase.String()]-want) > 1e-6 {
						t.Errorf("%s: %s for %g s, want %g", truth.Channels[i].Name, phase, c.Seconds[phase.String()], want)
					}
				}
			}
			if told.Answered != nil {
				golden.Section(t, "../docs/consumer.md", "<!-- example: made by go -C interop test -run Example -update . -->\n",
					"<!-- end of example -->", exampleText(t, bodies, &truth, &told))
			}
		})
	}
}

// exampleText shows one channel from the order of arrival to its phases, all channels, and the figures that a consumer tells.
func exampleText(t *testing.T, bodies [][]byte, truth *plan.Truth, told *toldState) string {
	t.Helper()
	customer := truth.Of("customer")
	var notes []*trial.Note
	for _, body := range bodies {
		if n := trial.ReadNote(body); n.Channel == customer.ChannelID {
			notes = append(notes, &n)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "A customer calls, Alice answers, and hands the call over to Bob without a word. This lists the notifications as they arrive:\n\n```sh\n%s\n```\n\n"+
		"Those about the customer's channel:\n\n| Arrives | `type` | `data.timestamp` |\n|---|---|---|\n", exampleCommand)
	sorted := make([]*trial.Note, len(notes))
	for i, place := range mistake.Ranks(notes) {
		sorted[place] = notes[i]
		fmt.Fprintf(&b, "| %d. | `%s` | `%s` |\n", i+1, notes[i].Type, notes[i].Timestamp)
	}
	b.WriteString("\nSorted, with the phases that they begin:\n\n| `data.timestamp` | Event | Begins | Seconds |\n|---|---|---|---|\n")
	stay := 0
	for _, n := range sorted {
		begins, seconds := "", ""
		if stay < len(customer.Stays) && !strings.Contains(n.Type, "disconnected") {
			s := customer.Stays[stay]
			if begins = s.Phase.String(); !s.To.IsZero() {
				seconds = fmt.Sprint(s.To.Sub(s.From).Seconds())
			}
			stay++
		} else if strings.Contains(n.Type, "ended") {
			begins = "ended"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", n.Timestamp[11:], strings.Split(n.Type, ".")[1], begins, seconds)
	}
	phases := []lifecycle.Phase{lifecycle.Alerting, lifecycle.Connected, lifecycle.Held, lifecycle.Wrap}
	b.WriteString("\nAll channels, in seconds:\n\n| Channel | Connected from | Left at |")
	for _, phase := range phases {
		fmt.Fprintf(&b, " %s |", phase)
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(phases)) + "\n")
	for i := range truth.Channels {
		c := &truth.Channels[i]
		var from, left time.Time
		for _, s := range c.Stays {
			if s.Phase == lifecycle.Connected && from.IsZero() {
				from = s.From
			}
			if s.Phase != lifecycle.Wrap && s.Phase != lifecycle.Ended {
				left = s.To
			}
		}
		fmt.Fprintf(&b, "| %s, `%s` | `%s` | `%s` |", c.Name, c.Role, from.Format(time.TimeOnly), left.Format(time.TimeOnly))
		for _, phase := range phases {
			fmt.Fprintf(&b, " %g |", c.Duration(phase).Seconds())
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nThe figures:\n\n```json\n"+`{"answered": %t, "abandoned": %t, "seconds_to_answer": %g, "talk": %g, "hold": %g, "wrap": %g, "agents": %d, "transfers": %d}`+"\n```\n",
		*told.Answered, *told.Abandoned, told.SecondsToAnswer, told.Talk, told.Hold, told.Wrap, told.Agents, told.Transfers)
	return b.String()
}
