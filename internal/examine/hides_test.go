package examine

import (
	"testing"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/rulebook"
)

// Who counts every delivery shows nothing of what is remembered for long; who refuses duplicates, and counts none, does.
func TestBrokenRulesHideOthers(t *testing.T) {
	t.Parallel()
	known := mistake.Mistakes()[:1]
	for _, test := range []struct {
		id     rulebook.ID
		found  []Finding
		hidden bool
	}{
		{rulebook.CountOnce, []Finding{{Rule: rulebook.Of(rulebook.CountOnce), mistakes: []*mistake.Mistake{&known[0]}}}, true},
		{rulebook.CountOnce, []Finding{{Rule: rulebook.Of(rulebook.CountOnce)}}, false},
		{rulebook.OrderByTimestamp, []Finding{{Rule: rulebook.Of(rulebook.OrderByTimestamp), mistakes: []*mistake.Mistake{&known[0]}}}, true},
		{rulebook.OrderByTimestamp, nil, false},
		{rulebook.VerifySignature, nil, true},
	} {
		if got := hides(test.id, test.found); got != test.hidden {
			t.Errorf("%s with %d findings: %v, want %v", test.id, len(test.found), got, test.hidden)
		}
	}
}
