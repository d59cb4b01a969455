package examine_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// refusesTogether is a consumer that refuses all that it works on at the same time, if there are more of a channel than it can bear.
func refusesTogether(bears int) func(n trial.Note, usual func() int) int {
	var f inFlight
	return func(n trial.Note, usual func() int) int {
		f.begin(n.Channel)
		defer f.end(n.Channel)
		time.Sleep(time.Millisecond) // until all of them are there: which one comes first is chance
		many := f.now(n.Channel)
		time.Sleep(time.Millisecond) // until all of them know
		if many > bears {
			return http.StatusBadRequest
		}
		return usual()
	}
}

// losesTogether is a consumer that accepts them, and stores no more than it can bear.
func losesTogether(bears int) func(n trial.Note, usual func() int) int {
	var f inFlight
	return func(n trial.Note, usual func() int) int {
		many, _ := f.begin(n.Channel)
		defer f.end(n.Channel)
		if many > bears {
			return http.StatusNoContent
		}
		return usual()
	}
}

// refuses is a consumer that refuses a type.
func refuses(typ string) func(n trial.Note, usual func() int) int {
	return func(n trial.Note, usual func() int) int {
		if n.Type == typ {
			return http.StatusBadRequest
		}
		return usual()
	}
}

// What shows a mistake is reduced to a few notifications, if it is an answer or chance has a hand in it, too: of a burst its first ones, as many as
// show it each time. They are what the command of the finding plays.
func TestFindingsAreReducedToFewNotifications(t *testing.T) {
	t.Parallel()
	const channel, conversation, call = "concurrency/channel/all/1", "concurrency/conversation/all/1", "stories/call-with-hold"
	for n, c := range []struct {
		name, of string
		each     func(n trial.Note, usual func() int) int
		want     string // the trial that is told
		hits     int    // how often it is played again to be sure
	}{
		{"answers of two at the same time", channel, refusesTogether(1), channel + "~0-1", 4},
		{"of three", channel, refusesTogether(2), channel + "~0-1-2", 4},
		{"of four", channel, refusesTogether(3), channel + "~0-1-2-3", 4},
		{"of five, which are all", channel, refusesTogether(4), channel, 4},
		{"the state of two at the same time", channel, losesTogether(1), channel + "~0-1", 4},
		{"of three, likewise", channel, losesTogether(2), channel + "~0-1-2", 4},
		{"of five among others", conversation, losesTogether(4), conversation + "~0-1-2-3-4-5-6-7", 4},
		{"answers one after the other", call, refuses("channel.held.v0"), call + "~0-1-4", 1},
	} {
		if testing.Short() && n >= enoughInShort {
			break
		}
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := inMemory(t, &counting{answers: 5 * time.Millisecond}, c.each)
				x.Only = []string{c.of}
				report, err := x.Run(t.Context())
				if err != nil || len(report.Findings) != 1 {
					t.Fatalf("%+v, %v; want one finding", report, err)
				}
				f := report.Findings[0]
				if f.Trial != c.want || f.Reduced != (c.want != c.of) || !slices.Equal(f.Replay, []string{c.want}) || f.Hits != c.hits || f.Tries != c.hits {
					t.Errorf("%s, reduced %t, played by %v, shown %d times of %d; want %s, %d times", f.Trial, f.Reduced, f.Replay, f.Hits, f.Tries, c.want, c.hits)
				}
			})
		})
	}
}
