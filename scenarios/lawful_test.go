package scenarios_test

import (
	"slices"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
)

// TestTheReceiverAcceptsEveryStory plays the stories to the reference consumer, which knows
// the lifecycle from a table of its own, with seeds that take different ways.
func TestTheReceiverAcceptsEveryStory(t *testing.T) {
	sampling.Long(t)
	for _, e := range stories() {
		t.Run(e.Name, func(t *testing.T) {
			for seed := range uint64(20) {
				r := receiver.New(receiver.Options{})
				p := mustPlan(t, e.Name, plan.Options{Seed: seed, Start: start, Versions: plan.Both})
				for n := range p.Notifications() {
					if n.Want != fault.Accept { // a signature would tell, and there is none here
						continue
					}
					body := n.AppendBody(nil)
					if j := r.JudgeUnsigned(body); j.Result == receiver.Refused {
						t.Fatalf("seed %d: refused: %s\n%s", seed, j.Reason, body)
					}
				}
				for _, v := range slices.Concat(r.Report().Violations, r.Report().Remarks) {
					t.Errorf("seed %d: %s", seed, v)
				}
				for _, life := range r.Lives() {
					if !life.Ended {
						t.Errorf("seed %d: the channel %s of role %s never ends", seed, life.ChannelID, life.Role)
					}
				}
			}
		})
	}
}

// TestWhatBelongsTogether counts what timelines do not show: conversations, interactions,
// channels and people.
func TestWhatBelongsTogether(t *testing.T) {
	for _, c := range []struct {
		story, name                                   string
		conversations, interactions, channels, people int
	}{
		{"a call is one conversation of two channels", "inbound-call", 1, 1, 2, 1},
		{"a call that interrupts an email is a conversation of its own", "call-interrupts-email", 2, 2, 4, 1},
		{"a callback is an interaction of the same conversation", "callback-in-same-conversation", 1, 2, 3, 1},
		{"who asks to be called back gets another interaction", "queued-callback", 1, 2, 4, 2},
		{"a chat and the call after it share the conversation", "chat-becomes-call", 1, 2, 4, 1},
		{"a call between agents has no outside party", "internal-call", 1, 1, 2, 2},
		{"a case continues the conversation of the email", "email-becomes-case", 1, 2, 4, 2},
		{"every new attempt to reach a customer has new channels", "outbound-until-answered", 1, 5, 10, 1},
		{"every offer has a new channel", "offered-again-and-again", 1, 1, 4, 1},
		{"who takes over joins the same interaction", "transfer", 1, 1, 3, 2},
		{"a monitor is a person with a channel", "monitored-call", 1, 1, 3, 2},
		{"a monitor who does not answer is offered it again", "coached-call", 1, 1, 4, 2},
		{"who joins as an agent gets another channel", "joined-as-agent", 1, 1, 4, 2},
		{"voicemail is a channel but no person", "voicemail", 1, 1, 2, 0},
		{"what one agent does at once are conversations of their own", "several-at-once", 4, 4, 8, 1},
		{"three conversations lie within one another", "interrupted-while-parked", 3, 3, 6, 1},
		{"two customers of one agent have conversations of their own", "back-to-back-calls", 2, 2, 4, 1},
	} {
		t.Run(c.story, func(t *testing.T) {
			conversations, interactions, channels := map[event.GUID]bool{}, map[event.GUID]bool{}, map[event.GUID]bool{}
			people := map[event.User]bool{}
			for n := range mustPlan(t, c.name, plan.Options{Seed: 1, Start: start}).Notifications() {
				ch := n.Event.Channel
				conversations[ch.ConversationID], interactions[ch.InteractionID], channels[ch.ChannelID] = true, true, true
				if ch.Party.Role.HasUser() {
					people[ch.Party.User] = true
				}
			}
			got := [...]int{len(conversations), len(interactions), len(channels), len(people)}
			if want := [...]int{c.conversations, c.interactions, c.channels, c.people}; got != want {
				t.Errorf("conversations, interactions, channels, people = %v, want %v", got, want)
			}
		})
	}
}

// TestSendMeansTheInteractionThatGoesOn holds the language page to its word: after a call
// has interrupted an email, the email is what goes on.
func TestSendMeansTheInteractionThatGoesOn(t *testing.T) {
	const text = `
name: send-after-an-interruption
story: A notification between the interruption and the end of an email.
steps:
  - email: customer
  - ring: {agent: alice, for: 5s}
  - interrupt:
      - call: caller
      - ring: {agent: alice, for: 5s}
      - send: "{{conversationId}} {{interactionId}}"
      - hangup: caller
  - send: "{{conversationId}} {{interactionId}}"
  - finish: 5s
  - send: "{{conversationId}} {{interactionId}}"
`
	sc, err := scenario.Parse("story.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: 1, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	var sent []string
	of := map[string]string{} // by outside party
	for n := range p.Notifications() {
		if n.Raw != nil {
			sent = append(sent, string(n.Raw))
		} else if n.Event.Channel.Party.Role == event.External {
			of[n.Name] = n.Event.Channel.ConversationID.String() + " " + n.Event.Channel.InteractionID.String()
		}
	}
	// Behind the end of everything, the latest channel counts: that of the call.
	if want := []string{of["caller"], of["customer"], of["caller"]}; !slices.Equal(sent, want) {
		t.Errorf("sent = %q, want %q", sent, want)
	}
}
