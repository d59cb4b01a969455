package examine_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// refusesOf is a consumer that refuses some notifications about channels, and accepts presence whatever it says.
func refusesOf(those func(n trial.Note) bool) func(n trial.Note, usual func() int) int {
	return func(n trial.Note, usual func() int) int {
		if n.Channel != "" && those(n) {
			return http.StatusBadRequest
		}
		return usual()
	}
}

// old reports whether something happened more than 15 minutes ago.
func old(n trial.Note) bool {
	at, err := time.Parse(time.RFC3339Nano, n.Timestamp)
	return err != nil || time.Since(at) > 15*time.Minute
}

// Who refuses all notifications about channels is told just that: the state, which knows no conversation then, is not blamed, nor is what some
// bodies have in common. Who takes those of now is told what the difference is.
func TestWhoRefusesWhatIsAboutChannels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		those      func(n trial.Note) bool
		text, mend string
	}{
		{"all", func(trial.Note) bool { return true }, "refuses every notification about a channel (400 Bad Request), and accepts others", "party and channelId are in data.channel"},
		{"old ones", old, "refuses what happened a while ago (400 Bad Request), and accepts what happens now", "Do not compare data.timestamp with the clock"},
	} {
		for state, told := range map[string]bool{"with a state": true, "without a state": false} {
			t.Run(c.name+" "+state, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(time.Until(start.Add(24 * time.Hour))) // the clock of a bubble begins long before
					x := inMemory(t, &counting{answers: time.Millisecond}, refusesOf(c.those))
					if !told {
						x.State = nil
					}
					report, err := x.Run(t.Context())
					if err != nil || len(report.Findings) != 1 {
						t.Fatalf("%v; %+v; want one finding", err, report)
					}
					if f := report.Findings[0]; f.Rule.ID != rulebook.AcceptValid || f.Text != c.text || !strings.Contains(f.Rule.Mend, c.mend) {
						t.Errorf("%s: %s; %s; want %s; %s", f.Rule.ID, f.Text, f.Rule.Mend, c.text, c.mend)
					}
				})
			})
		}
	}
}

// Who takes some notifications about channels is examined: what it refuses has a name of its own.
func TestWhoRefusesSomeOfWhatIsAboutChannelsIsExamined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := inMemory(t, &counting{answers: time.Millisecond}, refusesOf(func(n trial.Note) bool { return n.Role == "external" }))
		x.Only = []string{"accept-external", "timestamps-of-any-length"}
		report, err := x.Run(t.Context())
		if err != nil || len(report.Findings) != 1 || report.Findings[0].Rule.ID != rulebook.AcceptExternal {
			t.Errorf("%v; %+v; want %s", err, report.Findings, rulebook.AcceptExternal)
		}
	})
}
