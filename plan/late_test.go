package plan_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
)

// In a park, the conversation before is the one that is parked, whatever came in between.
func TestTheSameConversationIsTheOneThatWaits(t *testing.T) {
	conversation := map[string]event.GUID{}
	for _, n := range pick(t, story(t, `
  - call: customer
  - ring: {agent: alice, for: 1s}
  - park:
      - call: other
      - ring: {agent: alice, for: 1s}
      - hangup: other
  - park:
      - dial: {agent: alice, to: expert, ring: 2s}
        conversation: same
      - hangup: expert
  - hangup: customer
  - call: callback
    conversation: same
  - abandon
`), plan.Options{}) {
		conversation[n.Name] = n.Event.Channel.ConversationID
	}
	for _, name := range []string{"expert", "callback"} {
		if conversation[name] != conversation["customer"] {
			t.Errorf("%s is in conversation %s, want the customer's, %s", name, conversation[name], conversation["customer"])
		}
	}
	if conversation["other"] == conversation["customer"] {
		t.Error("the other call is in the customer's conversation")
	}
}

// An agent who wraps up another call takes the customer back when that is over.
func TestUnparkingWaitsForTheAgentsWrap(t *testing.T) {
	sc := parse(t, `name: parked
story: Alice wraps up another call while the customer is parked.
agents: {alice: {wrap: 60s}}
steps:
  - call: customer
  - ring: {agent: alice, for: 1s}
  - park:
      - call: other
      - ring: {agent: alice, for: 1s}
      - talk: 5s
      - hangup: other
  - hangup: customer
`)
	var left, back time.Duration
	for _, n := range pick(t, sc, plan.Options{}) {
		switch {
		case n.Name == "alice" && n.Event.Type.Kind == event.WrapStarted && left == 0:
			left = n.At
		case n.Event.Type.Kind == event.Unparked:
			back = n.At
		}
	}
	if got, want := back-left, time.Minute; left == 0 || got != want {
		t.Errorf("unparked %v after the wrap began, want %v", got, want)
	}
}

func TestAStepWithoutAChanceNeverHappens(t *testing.T) {
	for _, n := range pick(t, story(t, `
  - call: customer
  - hold: 1s
    chance: 0%
  - abandon
`), plan.Options{Count: 50}) {
		if n.Event.Type.Kind == event.Held {
			t.Fatal("held, with a chance of 0%")
		}
	}
}

func TestFinishingWithoutWrapKeepsNobodyWaiting(t *testing.T) {
	sc := parse(t, `name: unwrapped
story: An agent without wrap finishes an email, and a call begins.
agents: {bob: {wrap: none}}
steps:
  - email: customer
  - ring: {agent: bob, for: 1s}
  - finish: 10s
  - call: next
  - abandon
`)
	for _, n := range pick(t, sc, plan.Options{}) {
		if n.Name == "next" && n.At != time.Second {
			t.Fatalf("the call begins at %v, want 1s", n.At)
		}
	}
}
