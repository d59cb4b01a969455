package examine_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// timing is a consumer that keeps everything once, and knows how long each phase was.
type timing struct {
	as func(phase string, seconds float64) float64 // it tells them

	mu    sync.Mutex
	seen  map[string]bool
	calls map[string]*trial.Trial // what it has of each conversation
}

func (c *timing) store(n trial.Note) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := n.Source + " " + n.ID
	if n.Channel == "" || c.seen[key] {
		return
	}
	c.seen[key] = true
	id := strings.ToLower(n.Conversation)
	if c.calls[id] == nil {
		c.calls[id] = &trial.Trial{}
	}
	c.calls[id].Deliveries = append(c.calls[id].Deliveries, trial.Delivery{Note: n})
}

// Ask tells the times of a conversation.
func (c *timing) Ask(_ context.Context, conversation string) (*trial.State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	call := c.calls[strings.ToLower(conversation)]
	if call == nil {
		return nil, nil
	}
	s := &trial.State{Channels: map[string]*trial.Channel{}}
	for i := range call.Deliveries {
		id := strings.ToLower(call.Deliveries[i].Channel)
		if s.Channels[id] != nil {
			continue
		}
		s.Channels[id] = c.tell(call, id)
	}
	return s, nil
}

// tell tells a channel of a call.
func (c *timing) tell(call *trial.Trial, id string) *trial.Channel {
	n, phase := 0, "ended"
	for i := range call.Deliveries {
		if strings.EqualFold(call.Deliveries[i].Channel, id) {
			n++
		}
	}
	told := &trial.Channel{Notifications: &n, Phase: &phase, Seconds: map[string]float64{}}
	for _, stay := range mistake.Stays(call, id) {
		if stay.To.IsZero() {
			phase = stay.Phase
		} else {
			told.Seconds[stay.Phase] += stay.To.Sub(stay.From).Seconds()
		}
	}
	for phase, seconds := range told.Seconds {
		told.Seconds[phase] = c.as(phase, seconds)
	}
	return told
}

func (*timing) Close() error { return nil }

// Where all times are wrong, no feature of some trials is the reason: it is said that nothing is known to explain them.
func TestTimesThatAreAllWrongAreBlamedOnNoFeature(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		as   func(phase string, seconds float64) float64
		want string
	}{
		{"right", func(_ string, s float64) float64 { return s }, ""},
		{"twice as long", func(_ string, s float64) float64 { return 2 * s }, "seconds.alerting, seconds.connected, seconds.wrap, seconds.held"},
		{"a second too long", func(_ string, s float64) float64 { return s + 1 }, "seconds.alerting, seconds.connected, seconds.wrap, seconds.held"},
		{"holds of -1 s", func(phase string, s float64) float64 {
			if phase == "held" {
				return -1
			}
			return s
		}, "seconds.held"},
	}
	for n, c := range sampling.Some(cases, 3, sampling.Examinations) {
		if testing.Short() && n >= enoughInShort {
			break
		}
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				known := &timing{as: c.as, seen: map[string]bool{}, calls: map[string]*trial.Trial{}}
				x := inMemory(t, &counting{}, func(n trial.Note, _ func() int) int {
					known.store(n)
					return http.StatusNoContent
				})
				x.State = known
				x.Only = []string{"stories/long-hold", "stories/zero-length", "stories/call-with-hold", "bytes/json/spaced", "identity/presence-in-mid-call/connected"}
				report, err := x.Run(t.Context())
				switch {
				case err != nil:
					t.Fatal(err)
				case c.want == "" && len(report.Findings) == 0:
					return
				case len(report.Findings) != 1:
					t.Fatalf("%+v, want one finding", report.Findings)
				}
				if f := report.Findings[0]; f.Rule.ID != rulebook.DurationsFromTimestamps || f.Text != "tells something wrong that no known mistake explains: "+c.want {
					t.Errorf("%s: %s; want %s: %s", f.Rule.ID, f.Text, rulebook.DurationsFromTimestamps, c.want)
				}
			})
		})
	}
}
