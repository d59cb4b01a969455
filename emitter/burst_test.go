package emitter_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
)

// inBursts puts notifications into bursts of the given sizes, all of one story. Those of a burst
// are due with its last one.
func inBursts(all []plan.Notification, sizes ...int) []plan.Notification {
	at := 0
	for k, size := range sizes {
		for i := range size {
			n := &all[at+i]
			n.Story, n.Due = 0, all[at+size-1].Due
			n.Burst, n.Together, n.Follow = uint32(k+1), uint8(size), uint8(size-1-i)
		}
		at += size
	}
	return all[:at]
}

const ms = time.Millisecond

func TestABurstLeavesTogether(t *testing.T) {
	for _, c := range []struct {
		name        string
		speed       float64
		connections int
		want        []time.Duration
		most        int
		bursts      uint64
	}{
		{"and with a schedule waits for no answer", 1, 64, []time.Duration{200 * ms, 200 * ms, 200 * ms, 300 * ms, 500 * ms, 500 * ms}, 6, 2},
		{"and without time waits for the burst before", emitter.Max, 64, []time.Duration{0, 0, 0, 1000 * ms, 2000 * ms, 2000 * ms}, 3, 2},
		{"as far as there are connections", emitter.Max, 2, []time.Duration{0, 0, 1000 * ms, 2000 * ms, 3000 * ms, 3000 * ms}, 2, 2},
		{"over one connection, one after the other", emitter.Max, 1, []time.Duration{0, 1000 * ms, 2000 * ms, 3000 * ms, 4000 * ms, 5000 * ms}, 1, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, start := slowly(200, time.Second), time.Now()
				e := emitter.Emitter{Targets: to(s), Speed: c.speed, Connections: c.connections}
				result := play(t, &e, inBursts(notes(6, 100*ms), 3, 1, 2))
				wantSame(t, "moments", s.moments(start), c.want)
				if got, want := *result.Total().Bursts, (emitter.Bursts{Released: c.bursts, MostOfStory: c.most, MostOfChannel: 1}); got != want || s.most != c.most {
					t.Errorf("%+v and %d in flight, want %+v", got, s.most, want)
				}
			})
		})
	}
}

// A burst waits until each of its notifications has a connection.
func TestABurstWaitsForConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := slowly(200, time.Second), time.Now()
		all := inBursts(notes(4, 0), 1, 3)
		for i := range all {
			all[i].Story = uint64(min(i, 1))
		}
		e := emitter.Emitter{Targets: to(s), Connections: 3}
		play(t, &e, all)
		wantSame(t, "moments", s.moments(start), []time.Duration{0, time.Second, time.Second, time.Second})
	})
}

func TestRetriesHoldUpNoBurst(t *testing.T) {
	for _, speed := range []float64{1, emitter.Max} {
		synctest.Test(t, func(t *testing.T) {
			s := &sender{answer: func(_ context.Context, n int, _ *emitter.Request) emitter.Answer {
				if n < 2 {
					return emitter.Answer{Status: 500}
				}
				return emitter.Answer{Status: 200}
			}}
			e := emitter.Emitter{Targets: to(s), Speed: speed}
			if result := play(t, &e, inBursts(notes(5, 100*ms), 2, 3)); !result.AllRight() || result.Total().Attempts != 7 {
				t.Errorf("%+v", result.Total())
			}
		})
	}
}

// Several targets see the same bursts, without what they do not want.
func TestTargetsGetWhatTheyWantOfABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := inBursts(notes(6, 0), 3, 3)
		all[0].Event.Type.Kind, all[2].Event.Type.Kind, all[5].Event.Type.Kind = event.Held, event.Held, event.Held
		every, some := slowly(200, time.Second), slowly(200, time.Second)
		e := emitter.Emitter{Speed: emitter.Max, Targets: []emitter.Target{{Name: "every", Sender: every}, {Name: "some", Sender: some, Types: []string{"channel.alerted.*"}}}}
		start := time.Now()
		result := play(t, &e, all)
		wantSame(t, "every", every.moments(start), []time.Duration{0, 0, 0, 1000 * ms, 1000 * ms, 1000 * ms})
		wantSame(t, "some", some.moments(start), []time.Duration{0, 1000 * ms, 1000 * ms})
		if got := result.Targets[1].Bursts.Released; got != 1 {
			t.Errorf("%d bursts, want 1: the other is one notification", got)
		}
	})
}

// Each notification ends in one row, whenever the run is stopped, however few connections there are.
func TestBurstsAlwaysEnd(t *testing.T) {
	for _, connections := range []int{1, 2, 3, 64} {
		for _, speed := range []float64{1, 20, emitter.Max} {
			for _, after := range []time.Duration{0, 30 * ms, 250 * ms, time.Hour} {
				for _, waiting := range []int{1, 100} {
					synctest.Test(t, func(t *testing.T) {
						var all []plan.Notification
						for story := range uint64(12) {
							for _, n := range inBursts(notes(9, 20*ms), 2, 5, 1, 1) {
								n.Seq, n.Story = uint64(len(all)), story
								all = append(all, n)
							}
						}
						slices.SortStableFunc(all, func(a, b plan.Notification) int { return int(a.Due - b.Due) })
						drain, rows := make(chan struct{}), finals{}
						time.AfterFunc(after, func() { close(drain) })
						e := emitter.Emitter{Targets: to(slowly(200, 40*ms)), Speed: speed, Connections: connections, Waiting: waiting, Drain: drain, On: rows.on}
						result := play(t, &e, all)
						for seq, n := range rows {
							if n != 1 {
								t.Errorf("%s has %d final rows", seq, n)
							}
						}
						if got := result.Total().Matched; uint64(len(rows)) != got || after == time.Hour && got != 108 {
							t.Errorf("%d final rows, %d matched, of 108", len(rows), got)
						}
					})
				}
			}
		}
	}
}

// A pause holds a burst back as a whole.
func TestAPauseHoldsABurstBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start, control := always(200), time.Now(), emitter.NewControl()
		control.Pause()
		time.AfterFunc(time.Second, control.Resume)
		e := emitter.Emitter{Targets: to(s), Control: control}
		play(t, &e, inBursts(notes(3, 0), 3))
		wantSame(t, "moments", s.moments(start), []time.Duration{time.Second, time.Second, time.Second})
	})
}

func TestPlansWithOrderHaveNoBursts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emitter.Emitter{Targets: to(always(200))}
		if result := play(t, &e, notes(3, 0)); result.Total().Bursts != nil {
			t.Errorf("%+v", result.Total().Bursts)
		}
	})
}
