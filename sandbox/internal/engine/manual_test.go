package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/assume"
)

func TestACallByHandSurvivesARestart(t *testing.T) {
	h := open(t, Options{})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "*")
	call, err := h.engine.Begin(t.Context(), Opening{Medium: "call"})
	if err != nil {
		t.Fatal(err)
	}
	do := func(steps ...Step) Live {
		t.Helper()
		var l Live
		for _, s := range steps {
			if l, err = h.engine.Do(t.Context(), call.ID, s); err != nil {
				t.Fatal(err)
			}
		}
		return l
	}
	do(Step{Step: "ring", Agent: "alice"}, Step{Step: "answer"}, Step{Step: "hold"})
	var no *NotAllowed
	if _, err := h.engine.Do(t.Context(), call.ID, Step{Step: "hold"}); !errors.As(err, &no) || !slices.ContainsFunc(no.Allowed, func(a Allowed) bool { return a.Step == "retrieve" }) {
		t.Errorf("a second hold gives %v", err)
	}
	other, err := h.engine.Begin(t.Context(), Opening{Medium: "call"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.engine.Do(t.Context(), other.ID, Step{Step: "ring", Agent: "alice"}); !errors.As(err, &no) {
		t.Errorf("ringing a busy agent gives %v", err)
	}
	if a := h.engine.Agents()[0]; !a.Busy || a.UserID == "" {
		t.Errorf("the agent is %+v", a)
	}
	before := h.engine.Conversations(0)
	h.until("what happened is delivered", func() bool { return h.settled("s", 7) }) // what is in flight would come twice
	h.close()
	h.open()
	after := h.engine.Conversations(0)
	if len(after) != 2 || len(before) != 2 || after[1].Channels[0].Phase != "held" || len(after[1].Allowed) != len(before[1].Allowed) {
		t.Errorf("after the restart\n%+v, before\n%+v", after, before)
	}
	if _, err := h.engine.Do(t.Context(), other.ID, Step{Step: "hangup"}); err != nil {
		t.Fatal(err)
	}
	l := do(Step{Step: "retrieve"}, Step{Step: "hangup", Party: "customer"}, Step{Step: "finish"})
	if l.Ended.IsZero() || len(l.Allowed) != 0 || len(l.Channels) != 2 || l.Channels[1].Stays[len(l.Channels[1].Stays)-1].Phase != "wrap" {
		t.Errorf("in the end it is %+v", l)
	}
	if _, err := h.engine.Do(t.Context(), call.ID, Step{Step: "ring", Agent: "bob"}); !errors.Is(err, ErrEnded) {
		t.Errorf("a step after the end gives %v", err)
	}
	h.until("all is delivered", func() bool { return h.settled("s", number+4) })
	c.judge(t, number+4)
	if _, err := h.engine.Do(t.Context(), "nothing", Step{Step: "hold"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a step nowhere gives %v", err)
	}
}

func TestNoListOfAConversationIsNull(t *testing.T) {
	h := open(t, Options{})
	messages := h.engine.Listen(t.Context())
	if _, err := h.engine.Begin(t.Context(), Opening{Medium: "email"}); err != nil {
		t.Fatal(err)
	}
	run := h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("the run ends", func() bool { return h.run(run.ID).State == store.RunEnded })
	h.engine.Broadcast("end", h.engine.Conversations(0))
	for last := false; !last; {
		m := <-messages
		last = m.Kind == "end"
		text, err := json.Marshal(m.Data)
		if err != nil || (last || m.Kind == "conversation") && strings.Contains(string(text), "null") {
			t.Errorf("message %s is %s, %v", m.Kind, text, err)
		}
	}
}

func TestAPresenceIsAnEventAndStays(t *testing.T) {
	h := open(t, Options{})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "agent.*")
	for range 2 {
		if a, err := h.engine.SetPresence(t.Context(), "bob", "lunch"); err != nil || a.Presence != "lunch" {
			t.Fatal(a, err)
		}
	}
	h.until("it is delivered", func() bool { return h.settled("s", 1) })
	c.judge(t, 1)
	h.close()
	h.open()
	if a := h.engine.Agents()[1]; a.Presence != "lunch" {
		t.Errorf("after the restart the agent is %+v", a)
	}
	var wrong *Invalid
	if _, err := h.engine.SetPresence(t.Context(), "bob", "on the moon"); !errors.As(err, &wrong) {
		t.Errorf("an unknown presence gives %v", err)
	}
	if _, err := h.engine.SetPresence(t.Context(), "nobody", "lunch"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown agent gives %v", err)
	}
}

// What an agent wants to be while working is sent when the work is over, after a restart, too.
func TestAPresenceWaitsForTheWorkToEnd(t *testing.T) {
	h := open(t, Options{})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "agent.*")
	set := func(want, intended, presence string) {
		t.Helper()
		if a, err := h.engine.SetPresence(t.Context(), "alice", presence); err != nil || a.Presence != want || a.Intended != intended {
			t.Errorf("%s gives %+v, %v; want %s and then %s", presence, a, err, want, intended)
		}
	}
	call, err := h.engine.Begin(t.Context(), Opening{})
	if err != nil {
		t.Fatal(err)
	}
	do := func(s Step) {
		t.Helper()
		if _, err := h.engine.Do(t.Context(), call.ID, s); err != nil {
			t.Fatal(err)
		}
	}
	do(Step{Step: "ring", Agent: "alice"})
	do(Step{Step: "answer"})
	set("ready", "lunch", "lunch")
	set("ready", "", "ready") // as before
	set("ready", "logged-out", "logged-out")
	h.close()
	h.open()
	do(Step{Step: "hangup"})
	if a := h.engine.Agents()[0]; a.Presence != "ready" || a.Intended != "logged-out" {
		t.Errorf("in wrap-up the agent is %+v; want ready, and then logged out", a)
	}
	do(Step{Step: "finish"})
	if a := h.engine.Agents()[0]; a.Presence != "logged-out" || a.Intended != "" {
		t.Errorf("when all is over the agent is %+v; want logged out", a)
	}
	set("away", "", "away") // who logs in is ready first
	h.until("three events are delivered", func() bool { return h.settled("s", 3) })
	c.judge(t, 3)
}

// By assumption, who dials is in Ready (Offline) until the call and its after-work are over.
func TestWhoDialsMayBeOffline(t *testing.T) {
	var set assume.Set
	if err := set.Change("presence-on-dial", "ready-offline"); err != nil {
		t.Fatal(err)
	}
	h := open(t, Options{Assume: set})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "agent.*")
	call, err := h.engine.Begin(t.Context(), Opening{Dial: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	if a := h.engine.Agents()[0]; a.Presence != "ready-offline" || a.Intended != "ready" {
		t.Errorf("who dials is %+v; want ready-offline, and then ready", a)
	}
	for _, s := range []string{"answer", "answer", "hangup", "finish"} {
		party := map[bool]string{true: "customer"}[s == "hangup"]
		if call, err = h.engine.Do(t.Context(), call.ID, Step{Step: s, Party: party}); err != nil {
			t.Fatal(err)
		}
	}
	if a := h.engine.Agents()[0]; a.Presence != "ready" || a.Intended != "" {
		t.Errorf("behind the call the agent is %+v; want ready", a)
	}
	h.until("both events are delivered", func() bool { return h.settled("s", 2) })
	c.judge(t, 2)
}

func TestRunsAreShownLive(t *testing.T) {
	h := open(t, Options{})
	run := h.play(Play{Name: "inbound-call-with-hold", Speed: 1000})
	h.until("the run ends", func() bool { return h.run(run.ID).State == store.RunEnded })
	live := h.engine.Conversations(10)
	if len(live) != 1 || live[0].Ended.IsZero() || live[0].Run != run.ID || len(live[0].Channels) != 2 {
		t.Fatalf("the conversations are %+v", live)
	}
	var phases []string
	for _, s := range live[0].Channels[0].Stays {
		phases = append(phases, s.Phase)
		if s.To.IsZero() || s.To.Before(s.From) {
			t.Errorf("a stay of an ended channel is %+v", s)
		}
	}
	if want := []string{"alerting", "connected", "held", "connected"}; !slices.Equal(phases, want) {
		t.Errorf("the customer was %q, want %q", phases, want)
	}
}

func TestAResetForgetsAllButSubscriptions(t *testing.T) {
	h := open(t, Options{})
	c := consume(t, secret("a"))
	c.answer(503)
	h.subscribe("s", c.url, secret("a"), "*")
	h.play(Play{Name: "inbound-call-with-hold"})
	if _, err := h.engine.Begin(t.Context(), Opening{Medium: "chat", From: "ann"}); err != nil {
		t.Fatal(err)
	}
	if err := h.engine.InjectFault(InjectedFault{Kind: "drop", Count: 3, Type: "nothing"}); err != nil {
		t.Fatal(err)
	}
	h.until("something waits", func() bool { return len(h.deliveries(store.Filter{})) > 1 })
	if err := h.engine.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, deliveries := h.store.Counts()
	runs, err := h.store.Runs(context.Background(), true)
	if err != nil || n != 0 || deliveries[store.Waiting] != 0 || len(runs) != 0 || len(h.engine.Conversations(0)) != 0 || len(h.engine.InjectedFaults()) != 0 {
		t.Errorf("%d notifications, deliveries %v, runs %v, %v are left: %v", n, deliveries, runs, h.engine.Conversations(0), err)
	}
	c = consume(t, secret("a")) // the old one may still have requests that were cut off
	h.change("s", func(s *store.Subscription) { s.URL = c.url })
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("all of a new run is delivered", func() bool { return h.settled("s", number) })
	c.judge(t, number)
}

// A transfer to an outside number, and one to a queue, are built again after a restart.
func TestATransferByHandSurvivesARestart(t *testing.T) {
	h := open(t, Options{})
	do := func(id string, steps ...Step) (l Live) {
		t.Helper()
		for _, s := range steps {
			var err error
			if l, err = h.engine.Do(t.Context(), id, s); err != nil {
				t.Fatal(err)
			}
		}
		return l
	}
	call, err := h.engine.Begin(t.Context(), Opening{})
	if err != nil {
		t.Fatal(err)
	}
	do(call.ID, Step{Step: "ring", Agent: "alice"}, Step{Step: "answer"}, Step{Step: "transfer", Queue: true},
		Step{Step: "ring", Agent: "bob"}, Step{Step: "answer"}, Step{Step: "consult", Number: "supplier"}, Step{Step: "answer"})
	h.close()
	h.open()
	l := do(call.ID, Step{Step: "alternate"}, Step{Step: "hangup", Party: "bob"})
	phases := map[string]string{}
	for _, c := range l.Channels {
		phases[c.Party] = c.Phase
	}
	if phases["customer"] != "connected" || phases["supplier"] != "connected" || phases["bob"] != "wrap" {
		t.Errorf("behind the transfer: %v", phases)
	}
	if l = do(call.ID, Step{Step: "hangup", Party: "supplier"}, Step{Step: "finish", Party: "alice"}, Step{Step: "finish", Party: "bob"}); l.Ended.IsZero() {
		t.Errorf("it goes on: %+v", l)
	}
}

// Who logs in is ready first, and consumers can tell which of the two presences is the later one.
func TestPresencesOfAnAgentShareNoTimestamp(t *testing.T) {
	h := open(t, Options{})
	h.subscribe("s", consume(t, secret("a")).url, secret("a"), "agent.*")
	for _, presence := range []string{"logged-out", "lunch", "ready", "logged-out", "training"} {
		if _, err := h.engine.SetPresence(t.Context(), "bob", presence); err != nil {
			t.Fatal(err)
		}
	}
	h.until("all is delivered", func() bool { return h.settled("s", 7) })
	list, _, err := h.store.Notifications(t.Context(), store.Filter{Limit: 10})
	if err != nil || len(list) != 7 {
		t.Fatal(list, err)
	}
	var later time.Time
	for _, n := range list { // the newest first
		n, err := h.store.Notification(t.Context(), n.Number)
		var body struct{ Data struct{ Timestamp time.Time } }
		if err == nil {
			err = json.Unmarshal(n.Body, &body)
		}
		if at := body.Data.Timestamp; err != nil || at.IsZero() || !later.IsZero() && later.Sub(at) < time.Millisecond {
			t.Errorf("%s, and later %v, %v", n.Body, later, err)
		}
		later = body.Data.Timestamp
	}
}

// Who is rung, or dials, at once behind a change of presence does so later by the timestamps, too.
func TestNobodySeemsToBeRungBeforeAChangeOfPresence(t *testing.T) {
	var set assume.Set
	if err := set.Change("presence-on-dial", "ready-offline"); err != nil {
		t.Fatal(err)
	}
	h := open(t, Options{Assume: set})
	h.subscribe("s", consume(t, secret("a")).url, secret("a"), "*")
	const rounds = 8
	for range rounds {
		for _, presence := range []string{"logged-out", "ready"} {
			if _, err := h.engine.SetPresence(t.Context(), "bob", presence); err != nil {
				t.Fatal(err)
			}
		}
		call, err := h.engine.Begin(t.Context(), Opening{})
		for _, s := range []Step{{Step: "ring", Agent: "bob"}, {Step: "hangup", Party: "customer"}} {
			if err == nil {
				call, err = h.engine.Do(t.Context(), call.ID, s)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		call, err = h.engine.Begin(t.Context(), Opening{Dial: "carol"})
		for _, s := range []Step{{Step: "answer"}, {Step: "answer"}, {Step: "hangup", Party: "customer"}, {Step: "finish"}} {
			if err == nil {
				call, err = h.engine.Do(t.Context(), call.ID, s)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	list, _, err := h.store.Notifications(t.Context(), store.Filter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	changed, rung := map[string]time.Time{}, 0
	for i := range list { // the oldest first
		n, err := h.store.Notification(t.Context(), list[len(list)-1-i].Number)
		var body struct {
			Type string
			Data struct {
				Timestamp time.Time
				User      struct{ AgentID string }
				Channel   struct{ Party struct{ AgentID string } }
			}
		}
		if err == nil {
			err = json.Unmarshal(n.Body, &body)
		}
		switch d := &body.Data; {
		case err != nil:
			t.Fatal(err)
		case strings.HasPrefix(body.Type, "agent."):
			changed[d.User.AgentID] = d.Timestamp
		case strings.HasPrefix(body.Type, "channel.alerted") && d.Channel.Party.AgentID != "":
			if rung++; !d.Timestamp.After(changed[d.Channel.Party.AgentID]) {
				t.Errorf("%s is rung at %s, and changed presence at %s", d.Channel.Party.AgentID, d.Timestamp, changed[d.Channel.Party.AgentID])
			}
		}
	}
	if rung != 2*rounds {
		t.Errorf("%d were rung, want %d", rung, 2*rounds)
	}
}
