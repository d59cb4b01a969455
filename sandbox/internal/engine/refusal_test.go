package engine

import (
	"strings"
	"testing"
)

// A refused step says what is possible instead, with the parties.
func TestARefusedStepNamesTheParties(t *testing.T) {
	h := open(t, Options{})
	call, err := h.engine.Begin(t.Context(), Opening{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Step{{Step: "ring", Agent: "erin"}, {Step: "answer"}, {Step: "consult", Agent: "bob"}, {Step: "answer"}, {Step: "retrieve"}} {
		if _, err := h.engine.Do(t.Context(), call.ID, s); err != nil {
			t.Fatal(err)
		}
	}
	_, err = h.engine.Do(t.Context(), call.ID, Step{Step: "unpark"})
	want := "unpark is not possible now: the call is not parked; possible: hold customer, hold bob, hold erin, park erin, " +
		"consult alice or carol or dave or frank or a number or a queue, transfer alice or carol or dave or frank or a number or a queue, " +
		"hangup customer, hangup erin, finish erin, hangup bob, finish bob, monitor alice or carol or dave or frank"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err = h.engine.Do(t.Context(), call.ID, Step{Step: "hold", Party: "erin"}); err != nil {
		t.Fatal(err)
	}
	var phases []string
	for _, c := range h.engine.Conversations(0)[0].Channels {
		phases = append(phases, c.Party+" "+c.Phase)
	}
	if got := strings.Join(phases, ", "); got != "customer connected, erin held, bob connected" {
		t.Errorf("after hold of erin: %s", got)
	}
}
