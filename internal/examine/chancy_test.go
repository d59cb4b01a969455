package examine

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Of trials with a kill, those are reduced in which chance decides nothing, and the documentation says so.
func TestWhichTrialsWithAKillAreReduced(t *testing.T) {
	t.Parallel()
	x := &Examination{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
	x.Sending.Kill = func(context.Context) error { return nil } // else there is no crash
	crashes := 0
	for _, id := range x.TrialIDs() {
		if !strings.HasPrefix(id, "crash/") {
			continue
		}
		made, err := x.Trial(id)
		if err != nil {
			t.Fatal(err)
		}
		want := false
		for _, d := range made.Deliveries {
			want = want || d.Crash.When == trial.Within || d.Burst != 0
		}
		if crashes++; chancy(made) != want {
			t.Errorf("%s: chance decides is %t, want %t", id, !want, want)
		}
	}
	page, err := os.ReadFile("../../docs/examine.md")
	if err != nil {
		t.Fatal(err)
	}
	const says = "a trial with a kill within a request, or with a kill and a burst, is not reduced; one with a kill behind an answer is"
	if crashes == 0 || !strings.Contains(string(page), says) {
		t.Errorf("%d trials with a kill; docs/examine.md does not say: %s", crashes, says)
	}
}
