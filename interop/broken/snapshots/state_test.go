package snapshots

import (
	"fmt"
	"time"

	"github.com/ringback/ringback/interop/broken/internal/stories"
	"github.com/ringback/ringback/plan"
)

// stateProvocations are about identity, order, durations and roles.
var stateProvocations = map[string]func(*kit){
	"counter-before-check":      func(k *kit) { k.post(twice(inCall(ev{}))...); k.wantCall(7) },
	"ids-without-source":        otherSource,
	"lower-case-ids":            otherCase,
	"key-is-the-content":        func(k *kit) { k.post(ev{kind: "held"}.body(), ev{kind: "held"}.body()); k.want("held", 2) },
	"key-is-channel-and-moment": inOrder,
	"bloom-filter": func(k *kit) {
		for i := range 2000 {
			k.post(ev{kind: "alerted", ch: fmt.Sprintf("a0000000-0000-4000-8000-%012d", i)}.body())
		}
		all, _ := k.c.State(k.t, "c0000000-0000-4000-8000-000000000001")["channels"].([]any)
		k.expect("channels", len(all), 2000)
	},
	"last-id-only": func(k *kit) { all := inCall(ev{}); k.post(all...); k.post(all[2]); k.wantCall(7) },
	"lru-of-1000":  afterOthers(1000),
	"seen-for-30s": func(k *kit) {
		all := inCall(ev{})
		k.post(all...)
		time.Sleep(time.Minute)
		k.post(all...)
		k.wantCall(7)
	},
	"clears-ids-by-200":           afterOthers(200),
	"conversation-is-interaction": story("inbound-call", v0),
	"one-interaction":             story("callback-in-same-conversation", v0),
	"agent-is-a-number":           agentTold("0150"),
	"octal-agents":                agentTold("0150"),
	"channel-of-the-agent":        story("offered-again-and-again", v0),
	"channel-of-the-role":         story("transfer", v0),
	"call-of-the-agent": func(k *kit) {
		k.post(ev{kind: "alerted"}.body())
		k.post(ev{kind: "alerted", conv: "c0000000-0000-4000-8000-000000000002", ch: "a0000000-0000-4000-8000-000000000002"}.body())
		k.post(ev{kind: "connected", at: time.Second}.body())
		k.want("connected", 2)
	},

	"phase-by-arrival":   late(0, 1, 3, 2),
	"pairs-as-they-come": allReversed,
	"older-is-ignored":   allReversed,
	"highest-phase": func(k *kit) {
		k.post(life(ev{}, "alerted", 0, "connected", 1, "held", 2, "retrieved", 3, "held", 4)...)
		k.want("held", 5)
	},
	"orders-by-time":   func(k *kit) { k.post(restamped(inCall(ev{}), 0, 1, 3, 2)...); k.want("connected", 4) },
	"orders-by-id":     func(k *kit) { k.post(inCallByID(3, 2, 1)...); k.want("held", 3) },
	"newest-time-wins": func(k *kit) { k.post(restamped(inCall(ev{}), 0, 1, 3, 2)...); k.want("connected", 4) },
	"ties-by-id": func(k *kit) {
		k.post(life(ev{id: "b"}, "alerted", 0)...)
		k.post(life(ev{id: "a"}, "connected", 0)...)
		k.want("connected", 2)
	},
	"ties-by-name": story("hangup-while-on-hold", v0),
	"ties-by-rank": func(k *kit) {
		k.post(life(ev{}, "alerted", 0, "connected", 1, "held", 2, "retrieved", 3, "held", 3)...)
		k.want("held", 5)
	},
	"strictly-newer":  story("inbound-call", v0),
	"later-wins-ties": func(k *kit) { k.post(reversed(life(ev{}, "alerted", 0, "connected", 0))...); k.want("connected", 2) },
	"stamps-are-texts": func(k *kit) {
		k.post(ev{kind: "alerted", stamp: "2025-03-03T09:00:05Z"}.body(), ev{kind: "connected", stamp: "2025-03-03T09:00:05.123Z"}.body())
		k.want("connected", 2)
	},
	"dates-of-javascript": func(k *kit) {
		k.post(ev{kind: "retrieved", stamp: "2025-03-03T09:00:05.0001Z"}.body(), ev{kind: "held", stamp: "2025-03-03T09:00:05.0002Z"}.body())
		k.want("held", 2)
	},
	"update-without-row":      late(1, 0),
	"not-found-until-alerted": late(1, 0),
	"alerted-replaces":        late(1, 2, 0),
	"ended-is-final":          late(0, 6, 1),
	"ended-is-archived":       late(0, 6, 1),
	"reopens":                 late(0, 6, 2),

	"one-away-phase":       story("parked-call", v0),
	"failed-still-alerts":  story("rejected-then-colleague", v0),
	"wrap-is-talk":         story("inbound-call", v0),
	"last-one-counts":      inOrder,
	"first-to-last":        inOrder,
	"truncated-to-seconds": inOrder,
	"rounded-sums":         inOrder,
	"tenths":               inOrder,
	"arrival-clock":        inOrder,
	"durations-of-time": func(k *kit) {
		k.post(ev{kind: "alerted"}.body(), ev{kind: "connected", at: 4 * time.Second, sent: "2025-03-03T09:00:04.9Z"}.body())
		k.want("connected", 2, "alerting", 4)
	},
	"time-of-day":          story("inbound-call", from("2025-03-03T23:59:30Z")),
	"local-time":           story("inbound-call", from("2025-03-30T00:59:30Z")),
	"partition-of-the-day": story("inbound-call", from("2025-03-03T23:59:30Z")),
	"zero-is-falsy": func(k *kit) {
		k.post(life(ev{}, "alerted", 0, "connected", 0)...)
		k.want("connected", 2)
	},
	"at-least-a-second":        story("inbound-call", v0),
	"starts-with-connect":      story("rejected-then-colleague", v0),
	"failed-is-ended":          story("rejected-then-colleague", v0),
	"held-until-retrieved":     story("hangup-while-on-hold", plan.Options{Seed: 7, Assume: assuming("hangup-while-away", "direct")}),
	"alerting-until-connected": story("abandoned-while-ringing", v0),
	"connected-until-wrap":     story("agent-without-wrap", v0),
	"ready-ends-wrap": func(k *kit) {
		k.post(inCall(ev{})[:3]...)
		k.post([]byte(`{"specversion":"1.0","type":"agent.presencechanged.v0","id":"p","source":"/agent","subject":"0150","time":"2025-03-03T09:00:30.1234567Z","data":{"timestamp":"2025-03-03T09:00:30.1234567Z","presence":{"category":{"type":"away"}},"user":{"agentId":"0150"}}}`))
		k.want("held", 3)
	},

	"external-or-agent":     story("monitored-call", v0),
	"voicemail-is-external": story("voicemail", v0),
	"customers-answer":      figure("abandoned-in-queue", "answered", 0),
	"ring-is-the-wait": func(k *kit) {
		k.post(life(ev{role: "external", ch: "b"}, "alerted", 0, "connected", 0)...)
		k.post(life(ev{}, "alerted", 5, "connected", 8)...)
		if got, told := k.c.State(k.t, "c0000000-0000-4000-8000-000000000001")["seconds_to_answer"]; told { // the correct one tells no figures
			k.expect("time to answer", got, 8)
		}
	},
	"talk-of-all":               figure("transfer", "talk", nil),
	"every-offer-is-a-transfer": figure("rejected-then-colleague", "transfers", 0),
	"agents-by-channel":         figure("chat-becomes-call", "agents", 1),
}

func otherSource(k *kit) {
	k.post(ev{kind: "alerted", id: "one"}.body(), ev{kind: "connected", at: time.Second, id: "one", source: "/agent"}.body())
	k.want("connected", 2)
}

func otherCase(k *kit) {
	k.post(ev{kind: "alerted", id: "oNe"}.body(), ev{kind: "connected", at: time.Second, id: "One"}.body())
	k.want("connected", 2)
}

// afterOthers sends a call again when so many others have come.
func afterOthers(n int) func(*kit) {
	return func(k *kit) {
		all := inCall(ev{})
		k.post(all...)
		for range n {
			k.post(ev{kind: "alerted", conv: "c0000000-0000-4000-8000-00000000000f"}.body())
		}
		k.post(all...)
		k.wantCall(7)
	}
}

func agentTold(id string) func(*kit) {
	return func(k *kit) {
		k.post(ev{kind: "alerted", agent: id}.body())
		if got := k.told("", "")["agentId"]; got != id {
			k.wrong = append(k.wrong, fmt.Sprintf("agentId is %v", got))
		}
	}
}

// restamped takes some of a call in an order, each sent a second after the one before.
func restamped(all [][]byte, order ...int) (some [][]byte) {
	for i, at := range order {
		n := []string{"alerted", "connected", "held", "retrieved"}[at]
		e := ev{kind: n, sent: fmt.Sprintf("2025-03-03T10:00:%02d.0000000Z", i), at: time.Duration(at) * 10 * time.Second}
		some = append(some, e.body())
	}
	return some
}

// inCallByID is the beginning of a call, whose ids end with these numbers.
func inCallByID(ids ...int) (some [][]byte) {
	for i, kind := range []string{"alerted", "connected", "held"} {
		some = append(some, ev{kind: kind, at: time.Duration(i) * time.Second, id: fmt.Sprint("id", ids[i])}.body())
	}
	return some
}

func from(start string) plan.Options {
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		panic(err)
	}
	return plan.Options{Seed: 7, Start: at}
}

// figure wants a figure of a story; the sum of the agents' connected if want is nil.
func figure(name, figure string, want any) func(*kit) {
	return func(k *kit) {
		o := plan.Options{Seed: 7}
		s := stories.Load(k.t, name, o)
		k.post(s.Bodies...)
		if want == nil {
			var sum time.Duration
			for i := range s.Truth.Channels {
				if c := &s.Truth.Channels[i]; c.Role.String() == "agent" {
					sum += c.Duration(2)
				}
			}
			want = sum.Seconds()
		}
		got, told := k.c.State(k.t, s.Truth.Conversations[0])[figure]
		if told { // the correct one tells no figures
			k.expect(figure, got, want)
		}
	}
}
