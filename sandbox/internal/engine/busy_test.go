package engine

import (
	"errors"
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
