package render

import (
	"testing"

	"github.com/ringback/ringback/internal/examine"
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
