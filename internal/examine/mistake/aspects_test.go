package mistake

import (
	"slices"
	"testing"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/sampling"
)

// only leaves some aspects of what is told.
func only(all []*trial.Played, told trial.Aspect) {
	for _, p := range all {
		for _, s := range p.Told {
			if s == nil {
				continue
			}
			if told&trial.Figures == 0 {
				s.Figures = nil
			}
			if told == trial.Figures {
				s.Channels = nil
			}
			for _, c := range s.Channels {
				if told&trial.Phase == 0 {
					c.Phase = nil
				}
				if told&trial.Seconds == 0 {
					c.Seconds = nil
				}
				if told&trial.Notifications == 0 {
					c.Notifications = nil
				}
				if told&trial.InteractionID == 0 {
					c.InteractionID = nil
				}
				if told&trial.AgentID == 0 {
					c.AgentID = nil
				}
				if told&trial.Role == 0 {
					c.Role = nil
				}
			}
		}
	}
}

func TestFewerAspectsTellFewerMistakesAndNoWrongOnes(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	step := 3 * sampling.Every(16, sampling.Mistakes)
	all := answered(stateful(t, 1))
	for name, aspects := range map[string]trial.Aspect{"seconds": trial.Seconds, "figures": trial.Figures} {
		unseen := 0
		told(all)
		only(all, aspects)
		if causes := NewSeen(all).Explain(); causes != nil {
			t.Errorf("%s: the correct consumer: %s", name, text(all, causes))
		}
		for i := 0; i < simulated; i += step {
			m := &mistakes[i]
			told(all, m.changes[0])
			only(all, aspects)
			switch causes := NewSeen(all).Explain(); {
			case len(causes) == 0:
				unseen++
			case len(causes) > 1 || !slices.Contains(causes[0].Mistakes, m):
				t.Errorf("%s: %s: %.600s", name, m.ID, text(all, causes))
			}
		}
		if t.Logf("%s: of %d mistakes %d are not seen", name, len(mistakes)/step, unseen); unseen > len(mistakes)/step/2+1 {
			t.Error("too many")
		}
	}
}
