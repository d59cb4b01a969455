package emitter

import (
	"strings"
	"testing"
)

// A target that hangs lets more notifications find no room than time out. That is not why it
// never responded.
func TestNoRoomIsNoReasonForSilence(t *testing.T) {
	result := TargetResult{Name: "a", Figures: Figures{Counts: Counts{Silent: true, Failures: map[Class]FailuresOfClass{
		ClassFull: {Count: 900, Example: "100 notifications waited"}, ClassTimeout: {Count: 9, Example: "no complete response within 1s"}}}}}
	lines := result.Diagnoses()
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "a never responded: no complete response within 1s") || !strings.HasPrefix(lines[1], "a: full, 900 times") {
		t.Errorf("%q; want the time-out as the reason, and what found no room behind it", lines)
	}
}
