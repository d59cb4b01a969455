package ask_test

import (
	"context"
	"testing"

	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/trial"
)

// telling tells everything.
type telling struct{ ask.Way }

func (telling) Ask(context.Context, string) (*trial.State, error) {
	return ask.Parse([]byte(`{"channels": [{"channelId": "c", "phase": "held", "seconds": {"held": 1}, "notifications": 2, "interactionId": "i", "agentId": "1", "role": "agent"}], "talk": 3}`))
}

// What is not claimed is left out, each aspect by itself.
func TestOnly(t *testing.T) {
	for _, claimed := range []trial.Aspect{0, trial.Phase, trial.Seconds, trial.Notifications, trial.InteractionID, trial.AgentID, trial.Role, trial.Figures, trial.Phase | trial.Role} {
		s, err := ask.Only(telling{}, claimed).Ask(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		want := claimed
		if claimed == 0 {
			want = trial.Phase | trial.Seconds | trial.Notifications | trial.InteractionID | trial.AgentID | trial.Role | trial.Figures
		}
		if got := s.Aspects(); got != want {
			t.Errorf("claimed %s, told %s", claimed, got)
		}
	}
}
