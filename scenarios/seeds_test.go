package scenarios_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/published"
	"github.com/ringback/ringback/plan"
)

// The example of each seed document comes about in the story of the same name, but for its
// identifiers and times: with those of the example, it is the example byte for byte.
func TestTheExamplesComeAboutInTheirStories(t *testing.T) {
	for _, example := range published.Notifications(t) {
		kind, v0 := strings.CutSuffix(strings.TrimPrefix(example.Name, "channel."), ".v0")
		if !v0 {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			want, err := event.Read(example.Text)
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for n := range mustPlan(t, "seed-"+kind, plan.Options{Seed: 1, Start: start}).Notifications() {
				e := &n.Event
				if e.Type != want.Type || e.Channel.Party != want.Channel.Party {
					continue
				}
				found++
				e.ID, e.Time, e.Timestamp, e.Channel = want.ID, want.Time, want.Timestamp, want.Channel
				if got := n.AppendBody(nil); !bytes.Equal(got, example.Compact) {
					t.Errorf("got  %s\nwant %s", got, example.Compact)
				}
			}
			if found == 0 {
				t.Errorf("seed-%s sends no %s with the party %+v", kind, want.Type, want.Channel.Party)
			}
		})
	}
}
