package emitter_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
)

func TestASpeedThatChangesMovesWhatIsToCome(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name string
		do   map[time.Duration]func(*emitter.Control)
		want []time.Duration // of notifications planned at 0, 10, 20 and 30 s
	}{
		{"faster", map[time.Duration]func(*emitter.Control){5 * s: speed(2)}, []time.Duration{0, 7500 * time.Millisecond, 12500 * time.Millisecond, 17500 * time.Millisecond}},
		{"slower, then as before", map[time.Duration]func(*emitter.Control){10 * s: speed(0.5), 20 * s: speed(1)}, []time.Duration{0, 10 * s, 25 * s, 35 * s}},
		{"a pause", map[time.Duration]func(*emitter.Control){15 * s: (*emitter.Control).Pause, 75 * s: (*emitter.Control).Resume}, []time.Duration{0, 10 * s, 80 * s, 90 * s}},
		{"a pause in which the speed changes", map[time.Duration]func(*emitter.Control){
			15 * s: (*emitter.Control).Pause, 30 * s: speed(10), 75 * s: (*emitter.Control).Resume}, []time.Duration{0, 10 * s, 75500 * time.Millisecond, 76500 * time.Millisecond}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, to, start := emitter.NewControl(), always(200), time.Now()
				for at, do := range test.do {
					time.AfterFunc(at, func() { do(c) })
				}
				e := emitter.Emitter{Targets: []emitter.Target{{Sender: to}}, Control: c}
				result := play(t, &e, notes(4, 10*s))
				wantSame(t, "moments", to.moments(start), test.want)
				if late := result.Total().Lateness.Max(); late != 0 {
					t.Errorf("something was %d µs late", late)
				}
			})
		})
	}
}

func speed(v float64) func(*emitter.Control) {
	return func(c *emitter.Control) {
		if err := c.SetSpeed(v); err != nil {
			panic(err)
		}
	}
}

func TestRetriesFollowThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, to, start := emitter.NewControl(), always(500), time.Now()
		time.AfterFunc(time.Second, c.Pause)
		time.AfterFunc(61*time.Second, c.Resume)
		time.AfterFunc(66*time.Second, func() { speed(10)(c) })
		e := emitter.Emitter{Targets: []emitter.Target{{Sender: to}}, Control: c, RetryFor: 20 * time.Second}
		play(t, &e, notes(1, 0))
		// the ladder is 5 s, then 10 s: at 5 s and 15 s of the plan's time
		wantSame(t, "moments", to.moments(start), []time.Duration{0, 65 * time.Second, 66*time.Second + 900*time.Millisecond})
	})
}

func TestAPauseAtFullSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, to, start := emitter.NewControl(), slowly(200, time.Second), time.Now()
		c.Pause()
		time.AfterFunc(time.Minute, c.Resume)
		e := emitter.Emitter{Targets: []emitter.Target{{Sender: to}}, Control: c, Speed: emitter.Max, Connections: 3}
		result := play(t, &e, notes(7, time.Hour))
		if took := time.Since(start); took != time.Minute+3*time.Second || result.Total().Accepted != 7 {
			t.Errorf("took %v, %d accepted; want 1m3s, 7", took, result.Total().Accepted)
		}
	})
}

func TestWrongSpeeds(t *testing.T) {
	c := emitter.NewControl()
	if err := c.SetSpeed(2); err == nil || !strings.Contains(err.Error(), "no run") {
		t.Errorf("before a run: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		for _, v := range []float64{0, -1, emitter.Max} {
			if err := c.SetSpeed(v); err == nil {
				t.Errorf("%v was taken", v)
			}
		}
		time.AfterFunc(time.Second, func() {
			if err := c.SetSpeed(2); err == nil || !strings.Contains(err.Error(), "maximum speed") {
				t.Errorf("at full speed: %v", err)
			}
		})
		e := emitter.Emitter{Targets: to(slowly(200, 2*time.Second)), Control: c, Speed: emitter.Max}
		play(t, &e, notes(1, 0))
	})
}

func TestSnapshots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := emitter.NewControl()
		if s := c.Snapshot(); !s.At.IsZero() || s.Latency.TotalCount() != 0 {
			t.Errorf("before the run: %+v", s)
		}
		all := notes(5, time.Second)
		for i := range all {
			all[i].Live, all[i].Queued = i+1, i
			all[i].Left, all[i].Phase = lifecycle.New, lifecycle.Alerting
		}
		all[4].Left, all[4].Phase = lifecycle.Alerting, lifecycle.Connected
		all[4].Live = 4
		seen := make(chan emitter.Snapshot, 1)
		time.AfterFunc(2500*time.Millisecond, func() { seen <- c.Snapshot() })
		s := slowly(200, 700*time.Millisecond)
		e := emitter.Emitter{Targets: to(s), Control: c, Speed: 0.5}
		result := play(t, &e, all)
		first := <-seen
		if first.Offered != 2 || first.InFlight != 1 || first.Live != 2 || first.Queued != 1 || first.Total.Accepted != 1 || first.Total.Matched != 2 ||
			first.Phases[lifecycle.Alerting] != 2 || first.Latency.TotalCount() != 1 || first.Planned != 1250*time.Millisecond || first.Speed != 0.5 || first.Ended {
			t.Errorf("after 2.5 s: %+v", first)
		}
		last := c.Snapshot()
		if !last.Ended || last.Total.Accepted != 5 || last.Offered != 5 || last.InFlight+last.Waiting+last.Retrying != 0 ||
			last.Phases[lifecycle.Alerting] != 3 || last.Phases[lifecycle.Connected] != 1 || len(last.Phases) != 2 {
			t.Errorf("at the end: %+v", last)
		}
		for name, n := range map[string]int64{"latency": first.Latency.TotalCount() + last.Latency.TotalCount(),
			"pacing": first.Pacing.TotalCount() + last.Pacing.TotalCount(), "all pacing": result.Pacing.TotalCount()} {
			if n != 5 {
				t.Errorf("%s: %d values in all windows together, want 5", name, n)
			}
		}
	})
}

// The plan is read ahead, but what it does while it is stopped stays the same.
func TestThePlanIsReadAheadWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drain, read := make(chan struct{}), 0
		time.AfterFunc(time.Second, func() { close(drain) })
		e := emitter.Emitter{Targets: to(always(200)), Drain: drain}
		result := playSeq(t, &e, func(yield func(plan.Notification) bool) {
			for i := uint64(0); ; i++ {
				read++
				if !yield(note(i, i, time.Duration(i)*time.Minute)) {
					return
				}
			}
		})
		if read < 1024 || read > 2100 || result.Planned != 2 || result.PlanRead {
			t.Errorf("%d read, %d planned, plan read %v; want some 1,024 ahead, 2, false", read, result.Planned, result.PlanRead)
		}
	})
}
