package examine_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/trial"
)

// lateBy is how long after the first time, or the last start of the consumer, a call comes again in the end. The consumer refuses its
// how-manieth notification; 0 is none.
func lateBy(t *testing.T, restarts bool, refused int, change func(*examine.Examination)) time.Duration {
	t.Helper()
	var mu sync.Mutex
	var started time.Time
	came, notifications := map[string][]time.Time{}, 0
	x := inMemory(t, &counting{answers: time.Millisecond}, func(n trial.Note, usual func() int) int {
		mu.Lock()
		came[n.ID] = append(came[n.ID], time.Now())
		notifications++
		refuses := notifications == refused
		mu.Unlock()
		if refuses {
			return http.StatusBadRequest
		}
		return usual()
	})
	x.Profile.Types = []string{"channel.wrapstarted.*"} // which is in none of the calls that thousands are sent of
	if restarts {
		x.Sending.Kill = func(context.Context) error {
			started = time.Now()
			return nil
		}
	}
	if change != nil {
		change(x)
	}
	report, err := x.Run(t.Context())
	if err != nil || refused == 0 && len(report.Findings) > 0 || refused > 0 && len(report.Findings) == 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	made, err := x.Trial("identity/duplicates/after-a-minute")
	if err != nil {
		t.Fatal(err)
	}
	times := came[made.Deliveries[0].ID]
	if len(times) != 2 || restarts == started.IsZero() {
		t.Fatalf("it came %d times, want 2; the consumer was started again at %v", len(times), started)
	}
	if started.Before(times[0]) {
		started = times[0]
	}
	return times[1].Sub(started)
}

// Who forgets after twenty seconds, or reads everything anew when it is started, is seen through even if it is fast: duplicates come 21 s behind
// the first time and behind the last start, unless something else is wrong or less time was given.
func TestHowLateDuplicatesCome(t *testing.T) {
	t.Parallel()
	const least, soon = 21 * time.Second, 5 * time.Second
	for n, c := range []struct {
		name     string
		restarts bool
		refused  int
		change   func(*examine.Examination)
		from, to time.Duration
	}{
		{"in the usual time", false, 0, nil, least, least + time.Second},
		{"behind the last start", true, 0, nil, least, least + time.Second},
		{"later, if that is asked for", false, 0, func(x *examine.Examination) { x.Late = 30 * time.Second }, 30 * time.Second, 31 * time.Second},
		{"where something is wrong", false, 100, nil, 0, soon},
		{"in less time than usual", false, 0, func(x *examine.Examination) { x.Budget = examine.DefaultBudget - time.Second }, 0, soon},
		{"without a state", false, 0, func(x *examine.Examination) { x.State = nil }, 0, soon},
		{"where rules are asked for", false, 0, func(x *examine.Examination) { x.Only = []string{"remember-long"} }, 0, soon},
	} {
		if testing.Short() && n >= enoughInShort {
			break
		}
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if late := lateBy(t, c.restarts, c.refused, c.change); late < c.from || late > c.to {
					t.Errorf("duplicates came %s late, want %s to %s", late, c.from, c.to)
				}
			})
		})
	}
}
