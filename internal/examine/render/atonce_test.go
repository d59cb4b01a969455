package render

import (
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/rulebook"
)

func TestWhatWasLostAtOnceIsCounted(t *testing.T) {
	x := &examine.Examination{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
	for _, c := range []struct {
		trial      string
		told, want int
		text       string
	}{
		{"concurrency/channel/all/1", 2, 7, "of 7 notifications of one channel at once, 5 are lost: lock the row, or append"},
		{"concurrency/id/pairs/1", 9, 7, "7 different notifications came, some at once, you tell 9: let a unique key decide what is a duplicate"},
		{"identity/duplicates/at-once", 14, 7, "7 different notifications came, you tell 14"},
	} {
		tr, err := x.Trial(c.trial)
		if err != nil {
			t.Fatal(err)
		}
		d := mistake.Difference{Channel: tr.Deliveries[0].Channel, Member: "notifications", Told: c.told, Want: c.want}
		if got := difference(&d, tr); got != c.text {
			t.Errorf("%s: %q, want %q", c.trial, got, c.text)
		}
	}
}

// A level whose rules are broken in consequence of what was found is not reached, and those above need it.
func TestHowALevelStands(t *testing.T) {
	report := &examine.Report{}
	for _, rule := range rulebook.Rules() {
		result := examine.Result{Rule: rule, Verdict: examine.OK}
		switch rule.ID {
		case rulebook.AnswerUnusable:
			result.Verdict, result.Why = examine.Untested, examine.Consequence
		case rulebook.HashRawBody:
			result.Verdict = examine.Broken
		case rulebook.Endure:
			result.Verdict, result.Why = examine.Untested, examine.NeedsTime
		}
		report.Rules = append(report.Rules, result)
	}
	var got []string
	for _, l := range New(report, &Settings{}).Levels {
		got = append(got, l.stand())
	}
	if want := []string{"not reached", "not reached", "needs receives", "needs receives"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
