package examine_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// dismissing is a consumer that tells the channels of an agent as ended, once it has heard of the agent's presence, for good.
type dismissing struct {
	*timing
	heard map[any]bool // by agent
}

func (c dismissing) store(n trial.Note) {
	c.timing.store(n)
	if strings.HasPrefix(n.Type, "agent.") {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.heard[n.AgentID] = true
	}
}

// Ask tells a conversation.
func (c dismissing) Ask(ctx context.Context, conversation string) (*trial.State, error) {
	s, err := c.timing.Ask(ctx, conversation)
	if s == nil {
		return s, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.calls[strings.ToLower(conversation)].Deliveries {
		if d.AgentID != nil && c.heard[d.AgentID] {
			s.Channels[strings.ToLower(d.Channel)].Phase = new("ended")
		}
	}
	return s, err
}

// What presence does may last, so that it shows without one when it is played again. The least that is told has one all the same: another start of
// the consumer would not show it otherwise.
func TestTheLeastOfWhatPresenceDoesHasAPresence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		right := func(_ string, s float64) float64 { return s }
		known := dismissing{&timing{as: right, seen: map[string]bool{}, calls: map[string]*trial.Trial{}}, map[any]bool{}}
		x := inMemory(t, &counting{}, func(n trial.Note, _ func() int) int {
			known.store(n)
			return http.StatusNoContent
		})
		const id = "identity/presence-in-mid-call/connected/away"
		x.State, x.Only = known, []string{id}
		report, err := x.Run(t.Context())
		if err != nil || len(report.Findings) != 1 {
			t.Fatalf("%v; %+v; want one finding", err, report.Findings)
		}
		if f := report.Findings[0]; f.Rule.ID != rulebook.PresenceApart || f.Trial != id+"~0-3" {
			t.Errorf("%s: %s; want %s: %s", f.Rule.ID, f.Trial, rulebook.PresenceApart, id+"~0-3")
		}
	})
}
