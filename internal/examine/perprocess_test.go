package examine

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// processes answer questions for a state by turns.
type processes struct {
	known []*trial.State
	asked int
}

func (p *processes) Close() error { return nil }

func (p *processes) Ask(context.Context, string) (*trial.State, error) {
	p.asked++
	return p.known[p.asked%len(p.known)], nil
}

// What is missing is not lost if another process tells it.
func TestStatesOfSeveralProcesses(t *testing.T) {
	t.Parallel()
	of := func(n int) *trial.State {
		return &trial.State{Channels: map[string]*trial.Channel{"c0": {Notifications: &n}}}
	}
	loses := slices.IndexFunc(mistake.Mistakes(), func(m mistake.Mistake) bool { return m.ID == "loses-some" })
	some := &mistake.Mistakes()[loses]
	for _, c := range []struct {
		name  string
		known []*trial.State
		less  int // times that less was told while trials were played
		want  *mistake.Mistake
	}{
		{"two", []*trial.State{of(1), of(2)}, 0, mistake.StatePerProcess},
		{"one knows nothing", []*trial.State{of(1), nil}, 0, mistake.StatePerProcess},
		{"it was seen before", []*trial.State{of(1)}, several, mistake.StatePerProcess},
		{"one", []*trial.State{of(1)}, 0, some},
		{"one that is behind", []*trial.State{of(1), of(2), of(3), of(4), of(5), of(6), of(7), of(8), of(9), of(10), of(11), of(12)}, 0, some},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &run{Examination: &Examination{}, asker: &ask.Asker{Way: &processes{known: c.known}}, stopped: -1, less: c.less, end: time.Now().Add(time.Minute)}
			r.all = []*trial.Played{playedCall(0, time.Minute, of(1))}
			cause := &mistake.Cause{Mistakes: []*mistake.Mistake{some}, Trials: []int{0}, Differences: []mistake.Difference{{Member: "notifications", Told: 1, Want: 2}}}
			if r.perProcess(t.Context(), cause); cause.Mistakes[0].ID != c.want.ID {
				t.Errorf("%s, want %s", cause.Mistakes[0].ID, c.want.ID)
			}
		})
	}
}
