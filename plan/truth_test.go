package plan_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

const held = `
name: held
story: A customer is put on hold.
faults: [{drop: 100%}]
steps:
  - call: customer
  - ring: {agent: alice, for: 5s}
  - talk: 45s
  - hold: 30s
  - talk: 15s
  - hangup: customer
  - wrap: 20s
`

func truthOf(t *testing.T, text string, o plan.Options) plan.Truth {
	t.Helper()
	sc, err := scenario.Parse("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o.Start = dawn
	p, err := plan.New(sc, o)
	if err != nil {
		t.Fatal(err)
	}
	return p.Truth(0)
}

func TestTheTruthIsWhatHappened(t *testing.T) {
	for _, c := range []struct {
		name  string
		opts  plan.Options
		notes int // of the customer's channel
	}{
		{"in order, although all of it is dropped", plan.Options{}, 6},
		{"sent in any order", plan.Options{Lag: span(t, "0s..10m")}, 6},
		{"in both versions", plan.Options{Versions: plan.Both}, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			truth := truthOf(t, held, c.opts)
			if got := len(truth.Channels); got != 2 {
				t.Fatalf("%d channels, want 2", got)
			}
			if len(truth.Conversations) != 1 || len(truth.Interactions) != 1 {
				t.Errorf("%d conversations and %d interactions, want one of each", len(truth.Conversations), len(truth.Interactions))
			}
			customer, alice := truth.Of("customer"), truth.Of("alice")
			for _, d := range []struct {
				of    *plan.ChannelTruth
				phase lifecycle.Phase
				want  time.Duration
			}{
				{customer, lifecycle.Alerting, 0}, {customer, lifecycle.Connected, 65 * time.Second}, {customer, lifecycle.Held, 30 * time.Second},
				{alice, lifecycle.Alerting, 5 * time.Second}, {alice, lifecycle.Connected, 90 * time.Second}, {alice, lifecycle.Wrap, 20 * time.Second},
			} {
				if got := d.of.Duration(d.phase); got != d.want {
					t.Errorf("%s was %s for %s, want %s", d.of.Name, d.phase, got, d.want)
				}
			}
			if customer.Phase != lifecycle.Ended || customer.Counts[event.Held] != 1 || customer.Notifications != c.notes {
				t.Errorf("customer is %s after %d holds and %d notifications, want ended, 1 and %d",
					customer.Phase, customer.Counts[event.Held], customer.Notifications, c.notes)
			}
			if customer.AgentID != "" || alice.AgentID == "" {
				t.Errorf("agent ids %q and %q, want none and one", customer.AgentID, alice.AgentID)
			}
		})
	}
}

func TestThePartyOfAChannelIsItsLatest(t *testing.T) {
	truth := truthOf(t, `
name: twice
story: The agent misses the call, and takes it then.
steps:
  - call: customer
  - ring: {agent: alice, for: 5s, then: reject}
  - ring: {agent: alice, for: 7s}
  - talk: 45s
  - hangup: customer
`, plan.Options{})
	if got := len(truth.Channels); got != 3 {
		t.Fatalf("%d channels, want 3", got)
	}
	if got := truth.Of("alice").Duration(lifecycle.Alerting); got != 7*time.Second {
		t.Errorf("the latest channel alerted for %s, want 7s", got)
	}
	if truth.Of("bob") != nil {
		t.Error("there is a channel of bob, who takes no part")
	}
}
