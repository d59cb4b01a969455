package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// An agent has several chats and emails at once, and takes them while wrapping up, but no call
// beside any of them.
func TestAnAgentDoesSeveralThingsAtOnce(t *testing.T) {
	h := open(t, Options{})
	begin := func(medium string) string {
		t.Helper()
		l, err := h.engine.Begin(t.Context(), Opening{Medium: medium})
		if err != nil {
			t.Fatal(err)
		}
		return l.ID
	}
	do := func(id, step, want string) {
		t.Helper()
		s := Step{Step: step}
		if step == "ring" {
			s.Agent = "alice"
		}
		_, err := h.engine.Do(t.Context(), id, s)
		var no *NotAllowed
		switch {
		case want == "" && err != nil:
			t.Fatalf("%s: %v", step, err)
		case want != "" && (!errors.As(err, &no) || !strings.Contains(err.Error(), want)):
			t.Fatalf("%s gives %v, want %q", step, err, want)
		}
	}
	take := func(medium string) string {
		t.Helper()
		id := begin(medium)
		do(id, "ring", "")
		do(id, "answer", "")
		return id
	}
	call := take("call")
	do(begin("chat"), "ring", "alice is busy in conversation "+call)
	do(call, "hangup", "")
	chats := []string{take("chat"), take("chat"), take("chat")} // while wrapping up the call
	do(begin("chat"), "ring", "alice is busy")
	email := take("email")
	next := begin("call")
	do(next, "ring", "alice is busy")
	do(call, "finish", "")
	for _, id := range append(chats, email) {
		do(next, "ring", "alice is busy")
		do(id, "interrupt", "")
	}
	do(next, "ring", "")
	do(next, "answer", "")
	do(begin("email"), "ring", "alice is busy in conversation "+next)
}

// Whoever comes back from a parked call or interrupted work must not be in another conversation by
// then that excludes it, and the answer says in which one.
func TestNobodyComesBackToTwoConversations(t *testing.T) {
	for _, c := range []struct {
		medium, away, back, other, free string // how the work goes, and how the other one ends for its agent
		beside                          bool   // the two may go on side by side
	}{
		{"call", "park", "unpark", "call", "park", false},
		{"email", "interrupt", "resume", "call", "park", false},
		{"email", "park", "unpark", "call", "park", false},
		{"case", "interrupt", "resume", "call", "hangup", false},
		{"call", "park", "unpark", "chat", "interrupt", false},
		{"call", "park", "unpark", "email", "park", false},
		{"email", "interrupt", "resume", "chat", "", true},
	} {
		h := open(t, Options{})
		take := func(medium string) string {
			l, err := h.engine.Begin(t.Context(), Opening{Medium: medium})
			for _, s := range []Step{{Step: "ring", Agent: "carol"}, {Step: "answer"}} {
				if err == nil {
					l, err = h.engine.Do(t.Context(), l.ID, s)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			return l.ID
		}
		first := take(c.medium)
		if _, err := h.engine.Do(t.Context(), first, Step{Step: c.away}); err != nil {
			t.Fatal(err)
		}
		second := take(c.other)
		if !c.beside {
			_, err := h.engine.Do(t.Context(), first, Step{Step: c.back})
			var no *NotAllowed
			if !errors.As(err, &no) || !strings.Contains(err.Error(), "carol is busy in conversation "+second+"; finish or park") {
				t.Errorf("%s %s beside a %s gives %v", c.back, c.medium, c.other, err)
			} else if slices.ContainsFunc(no.Allowed, func(a Allowed) bool { return a.Step == c.back }) {
				t.Errorf("%s is refused and allowed: %+v", c.back, no.Allowed)
			}
			steps := []Step{{Step: c.free, Party: "carol"}}
			if c.free == "hangup" {
				steps = append(steps, Step{Step: "finish"})
			}
			for _, s := range steps {
				if _, err := h.engine.Do(t.Context(), second, s); err != nil {
					t.Fatal(err)
				}
			}
		}
		l, err := h.engine.Do(t.Context(), first, Step{Step: c.back})
		if err != nil || l.Channels[1].Phase != "connected" {
			t.Errorf("%s %s behind a %s gives %+v, %v", c.back, c.medium, c.other, l, err)
		}
	}
}

// Who is not ready is not rung, and can dial and monitor only while logged in.
func TestWhoIsNotReadyIsNotRung(t *testing.T) {
	h := open(t, Options{})
	begin := func(o Opening) Live {
		t.Helper()
		l, err := h.engine.Begin(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	set := func(agent, presence string) {
		t.Helper()
		if _, err := h.engine.SetPresence(t.Context(), agent, presence); err != nil {
			t.Fatal(err)
		}
	}
	set("bob", "lunch")
	set("carol", "logged-out")
	set("dave", "ready-outbound")
	set("frank", "ready-offline")
	refused := func(err error, agent, presence string) {
		t.Helper()
		lack := "is not ready"
		if strings.HasPrefix(presence, "Ready") {
			lack = "is ready for outbound calls only"
		}
		want := agent + " " + lack + `; the presence is "` + presence + `"; set it to ready first`
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	call := begin(Opening{})
	for _, s := range []Step{{Step: "ring", Agent: "alice"}, {Step: "answer"}} {
		if _, err := h.engine.Do(t.Context(), call.ID, s); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []string{"consult", "transfer", "monitor"} {
		_, err := h.engine.Do(t.Context(), call.ID, Step{Step: step, Agent: "carol"})
		refused(err, "carol", "Logged Out")
		if step == "monitor" {
			continue
		}
		_, err = h.engine.Do(t.Context(), call.ID, Step{Step: step, Agent: "bob"})
		refused(err, "bob", "Lunch")
		for agent, presence := range map[string]string{"dave": "Ready (Outbound)", "frank": "Ready (Offline)"} {
			_, err = h.engine.Do(t.Context(), call.ID, Step{Step: step, Agent: agent})
			refused(err, agent, presence)
		}
	}
	_, err := h.engine.Do(t.Context(), begin(Opening{Medium: "email"}).ID, Step{Step: "ring", Agent: "bob"})
	refused(err, "bob", "Lunch")
	_, err = h.engine.Begin(t.Context(), Opening{Dial: "carol"})
	refused(err, "carol", "Logged Out")
	_, err = h.engine.Begin(t.Context(), Opening{Dial: "dave", To: "carol"})
	refused(err, "carol", "Logged Out")
	for _, a := range h.engine.Conversations(0)[1].Allowed {
		if want := map[string]string{"consult": "erin", "transfer": "erin", "monitor": "bob dave erin frank"}[a.Step]; strings.Join(a.Agents, " ") != want {
			t.Errorf("%s allows %v, want %s", a.Step, a.Agents, want)
		}
	}
	begin(Opening{Dial: "bob"})
	internal := begin(Opening{Dial: "dave", To: "erin"})
	set("erin", "break") // before the phone rings
	_, err = h.engine.Do(t.Context(), internal.ID, Step{Step: "answer"})
	refused(err, "erin", "Break")
	set("erin", "ready")
	if _, err = h.engine.Do(t.Context(), internal.ID, Step{Step: "answer"}); err != nil {
		t.Error(err)
	}
	if _, err = h.engine.Do(t.Context(), call.ID, Step{Step: "hangup", Party: "customer"}); err != nil {
		t.Fatal(err)
	}
	if _, err = h.engine.Do(t.Context(), call.ID, Step{Step: "finish"}); err != nil {
		t.Fatal(err)
	}
	set("alice", "ready-outbound")
	waiting := begin(Opening{})
	if _, err = h.engine.Do(t.Context(), waiting.ID, Step{Step: "callback"}); err != nil {
		t.Fatal(err)
	}
	_, err = h.engine.Do(t.Context(), waiting.ID, Step{Step: "ring", Agent: "frank"})
	refused(err, "frank", "Ready (Offline)")
	if _, err = h.engine.Do(t.Context(), waiting.ID, Step{Step: "ring", Agent: "alice"}); err != nil { // an outbound call
		t.Error(err)
	}
}
