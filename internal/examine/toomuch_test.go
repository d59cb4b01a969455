package examine_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/ringback/ringback/internal/examine/trial"
)

// excessive tells too many notifications now and then, and is right when it is asked again.
type excessive struct {
	*timing
	asked *atomic.Int64
}

// Ask tells a conversation.
func (c excessive) Ask(ctx context.Context, conversation string) (*trial.State, error) {
	s, err := c.timing.Ask(ctx, conversation)
	if s == nil {
		return s, err
	}
	more := 0
	if c.asked.Add(1)%50 == 0 {
		more = 1
	}
	for id, channel := range s.Channels {
		channel.Notifications = new(c.countOf(conversation, id) + more)
	}
	return s, nil
}

// countOf is how many notifications of a channel are known.
func (c excessive) countOf(conversation, channel string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.calls[strings.ToLower(conversation)].Deliveries {
		if strings.EqualFold(d.Channel, channel) {
			n++
		}
	}
	return n
}

// Who tells too much at first, and is right a moment later, is not accused of it; but that it was seen is said.
func TestWhoTellsTooMuchAtFirstIsNoted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		right := func(_ string, s float64) float64 { return s }
		known := excessive{&timing{as: right, seen: map[string]bool{}, calls: map[string]*trial.Trial{}}, new(atomic.Int64)}
		x := inMemory(t, &counting{}, func(n trial.Note, _ func() int) int {
			known.store(n)
			return http.StatusNoContent
		})
		x.State, x.Only = known, []string{"count-once", "phases-apart"}
		report, err := x.Run(t.Context())
		if err != nil || len(report.Findings) > 0 || report.Less == 0 {
			t.Errorf("%v; %+v; less %d times", err, report.Findings, report.Less)
		}
	})
}
