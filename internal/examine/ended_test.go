package examine

import (
	"testing"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// What comes last is only then the reason for the end if the consumer goes on without it, for as long.
func TestTheLastOnesAreNoReasonUnlessItWasTriedWithoutThem(t *testing.T) {
	t.Parallel()
	for goesOn, want := range map[bool]string{
		true:  "stops answering after what it refuses or cannot use, or what was cut off",
		false: "accepts nothing more after 1 notification; among the last ones was what it refuses or cannot use, or what was cut off",
	} {
		forged := trial.Delivery{Token: trial.Absent, Note: trial.Note{Usable: true}}
		fine := trial.Delivery{Note: trial.Note{Usable: true}}
		p := &trial.Played{Trial: &trial.Trial{Deliveries: []trial.Delivery{fine, forged, fine}},
			Answers: []trial.Answer{{Status: 204, Attempts: 1}, {Status: 401, Attempts: 1}, {Failure: "timeout", Attempts: 1}}}
		r := &run{all: []*trial.Played{p}, stopped: 1, goesOn: goesOn, Examination: &Examination{}}
		stop, is := r.ended()
		if !is || stop.text != want {
			t.Errorf("goes on %t: %q, want %q", goesOn, stop.text, want)
		}
	}
}

// Who stops while notifications come at the same time, and goes on without that, waits for itself.
func TestWhoStopsOnlyWhereNotificationsMeetIsToldSo(t *testing.T) {
	t.Parallel()
	fine := trial.Delivery{Note: trial.Note{Usable: true}}
	for _, c := range []struct {
		goesOn, together bool
		want             rulebook.ID
	}{{true, true, rulebook.ConcurrentConversations}, {false, true, rulebook.Endure}, {true, false, rulebook.Endure}} {
		p := &trial.Played{Trial: &trial.Trial{Deliveries: []trial.Delivery{fine, fine}}, Answers: []trial.Answer{{Status: 204, Attempts: 1}, {Failure: "timeout", Attempts: 1}}}
		r := &run{all: []*trial.Played{p}, stopped: 1, goesOn: c.goesOn, together: map[*trial.Played]bool{p: c.together}, Examination: &Examination{}}
		if stop, is := r.ended(); !is || stop.rule != c.want {
			t.Errorf("goes on %t, together %t: %s, want %s", c.goesOn, c.together, stop.rule, c.want)
		}
	}
}
