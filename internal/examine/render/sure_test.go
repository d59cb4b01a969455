package render

import (
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/dimension"
)

// How sure kills make goes by those that met the consumer at work, not by all.
func TestKillsAreToldWithHowSureTheyMake(t *testing.T) {
	for _, c := range []struct {
		kills, struck int
		want          string
	}{
		{1, 0, "the consumer was killed 1 time, 0 of these before it had answered"},
		{30, 3, "the consumer was killed 30 times, 3 of these before it had answered; what a kill breaks only in a tenth of the time that an answer takes is missed in more than half of all examinations"},
		{61, 22, "the consumer was killed 61 times, 22 of these before it had answered; what a kill breaks only in a tenth of the time that an answer takes is missed in about one of 10 examinations"},
		{61, 44, "the consumer was killed 61 times, 44 of these before it had answered; what a kill breaks only in a tenth of the time that an answer takes is missed in about one of 103 examinations"},
	} {
		if got := killed(&examine.Report{Kills: c.kills, Struck: c.struck}); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.struck, c.kills, got, c.want)
		}
	}
}

// Where nothing is wrong, what was told too much for a moment is noted.
func TestWhatWasTooMuchForAMomentIsNoted(t *testing.T) {
	const want = "less was told of a conversation than a moment before, though nothing was sent, 3 times: the first answer had too much, or another store answered"
	for name, c := range map[string]struct {
		report examine.Report
		noted  bool
	}{
		"none":        {examine.Report{}, false},
		"three":       {examine.Report{Less: 3}, true},
		"and a cause": {examine.Report{Less: 3, Findings: []examine.Finding{{Text: "is wrong"}}}, false},
	} {
		if got := New(&c.report, &Settings{}); slices.Contains(got.Notes, want) != c.noted {
			t.Errorf("%s: %q", name, got.Notes)
		}
	}
}

// A consumer whose answers take long is told so, and how large a budget would do.
func TestSlowConsumersAreToldHowMuchTimeIsEnough(t *testing.T) {
	for _, c := range []struct {
		each time.Duration
		left int
		want string
	}{{250 * time.Millisecond, 300, " (a notification takes 250 ms: 4 min would be enough)"}, {5 * time.Millisecond, 300, ""}, {250 * time.Millisecond, 0, ""}} {
		r := &examine.Report{Played: 100, Each: c.each, Unreached: map[dimension.Name]int{dimension.Order: c.left}}
		if got := enough(r, &Settings{}); got != c.want {
			t.Errorf("%s, %d left: %q, want %q", c.each, c.left, got, c.want)
		}
	}
}
