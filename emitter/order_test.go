package emitter_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
)

// slowStory answers requests of story 0 after a second, all others at once.
func slowStory(status int) *sender {
	return &sender{answer: func(ctx context.Context, _ int, r *emitter.Request) emitter.Answer {
		if strings.Contains(string(r.Body), "8b9d-000000000000") {
			return answerAfter(ctx, time.Second, emitter.Answer{Status: status})
		}
		return emitter.Answer{Status: 200}
	}}
}

// sentIDs are the last digits of the ids in the order of sending.
func sentIDs(s *sender) []string {
	var all []string
	for _, x := range s.sent {
		_, id, _ := strings.Cut(x.body, `"id":"2oTzcHsQQWRVfSvQ0`)
		all = append(all, strings.TrimLeft(id[:9], "0")+id[9:10])
	}
	return all
}

func TestOneStoryKeepsItsOrderAndHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := slowStory(200), time.Now()
		e := emitter.Emitter{Targets: to(s), Connections: 2}
		all := []plan.Notification{note(0, 0, 0), note(1, 0, 0), note(2, 0, 0)}
		for i := range 5 {
			all = append(all, note(uint64(3+i), uint64(1+i), time.Duration(100*(i+1))*time.Millisecond))
		}
		play(t, &e, all)
		const ms = time.Millisecond
		wantSame(t, "ids", sentIDs(s), strings.Fields("0 3 4 5 6 7 1 2"))
		wantSame(t, "moments", s.moments(start), []time.Duration{0, 100 * ms, 200 * ms, 300 * ms, 400 * ms, 500 * ms, 1000 * ms, 2000 * ms})
	})
}

func TestAFailedAttemptDoesNotHoldUpItsStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := always(200), time.Now()
		s.answer = func(_ context.Context, n int, _ *emitter.Request) emitter.Answer {
			if n == 0 {
				return emitter.Answer{Status: 500}
			}
			return emitter.Answer{Status: 200}
		}
		e := emitter.Emitter{Targets: to(s)}
		play(t, &e, inOneStory(notes(3, time.Second)))
		wantSame(t, "ids", sentIDs(s), strings.Fields("0 1 2 0"))
		wantSame(t, "moments", s.moments(start), []time.Duration{0, time.Second, 2 * time.Second, 5 * time.Second})
	})
}

func TestManyStoriesKeepTheirOrderAtSpeedMax(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{answer: func(ctx context.Context, n int, _ *emitter.Request) emitter.Answer {
			return answerAfter(ctx, time.Duration(n*7919%13)*time.Millisecond, emitter.Answer{Status: 200})
		}}
		var all []plan.Notification
		for i := range uint64(2000) {
			all = append(all, note(i, i*i%37, 0))
		}
		e := emitter.Emitter{Targets: to(s), Speed: emitter.Max, Connections: 16}
		result := play(t, &e, all)
		if !result.AllRight() || result.Total().Accepted != 2000 {
			t.Fatalf("accepted %d of 2000", result.Total().Accepted)
		}
		last := make(map[uint64]string)
		for _, id := range sentIDs(s) {
			var seq uint64
			fmt.Sscan(id, &seq)
			story, padded := seq*seq%37, fmt.Sprintf("%4s", id)
			if padded <= last[story] {
				t.Fatalf("story %d: %s sent after %s", story, padded, last[story])
			}
			last[story] = padded
		}
	})
}

func TestConnectionsAreTheLimitOfRequestsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := slowly(200, time.Second), time.Now()
		e := emitter.Emitter{Targets: to(s), Connections: 7}
		play(t, &e, notes(100, 0))
		if s.most != 7 {
			t.Errorf("%d requests in flight at once, want exactly 7", s.most)
		}
		if got, want := time.Since(start), 15*time.Second; got != want {
			t.Errorf("run took %v, want %v: 100 notifications by 7 at a time", got, want)
		}
	})
}

func TestLatenessCountsFromThePlannedMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var late []time.Duration
		e := emitter.Emitter{Targets: to(slowly(200, time.Second)), Connections: 1, On: func(a *emitter.Attempt) error {
			late = append(late, a.Lateness)
			return nil
		}}
		result := play(t, &e, notes(4, 100*time.Millisecond))
		const ms = time.Millisecond
		wantSame(t, "lateness", late, []time.Duration{0, 900 * ms, 1800 * ms, 2700 * ms})
		if got := result.Targets[0].Lateness.Max(); got < 2_690_000 || got > 2_710_000 {
			t.Errorf("greatest lateness is %d µs, want 2,700,000", got)
		}
		if got := result.Pacing.Max(); got != 0 {
			t.Errorf("the emitter itself was %d µs late, want 0: the target was slow", got)
		}
	})
}

func TestThePlanWaitsForItsMoments(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name  string
		speed float64
		delay time.Duration // of start, from now
		want  []time.Duration
	}{
		{"real time", 1, 0, []time.Duration{0, 60 * s, 120 * s}},
		{"zero is real time", 0, 0, []time.Duration{0, 60 * s, 120 * s}},
		{"sixty times", 60, 0, []time.Duration{0, s, 2 * s}},
		{"half speed", 0.5, 0, []time.Duration{0, 120 * s, 240 * s}},
		{"speed max", emitter.Max, 0, []time.Duration{0, 0, 0}},
		{"a later start", 1, 10 * s, []time.Duration{10 * s, 70 * s, 130 * s}},
		{"a start that has passed is made up for", 1, -90 * s, []time.Duration{0, 0, 30 * s}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink, now := always(200), time.Now()
				e := emitter.Emitter{Targets: to(sink), Speed: test.speed}
				start := now.Add(test.delay).Round(0) // without a monotonic clock, as if read from a flag
				if _, err := e.Run(t.Context(), start, slices.Values(inOneStory(notes(3, 60*s)))); err != nil {
					t.Fatal(err)
				}
				wantSame(t, "moments", sink.moments(now), test.want)
			})
		})
	}
}

func TestTargetsGetTheTypesTheySelect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := inOneStory(notes(4, 0))
		all[1].Event.Type = event.Type{Kind: event.Ended, Version: event.V1}
		all[2] = plan.Notification{Seq: 2, Raw: []byte(`{"id":"2oTzcHsQQWRVfSvQ00000000002"}`), RawRef: plan.RawRef{Type: "channel.telepathy.v1"}}
		every, some, later := always(200), always(200), always(200)
		e := emitter.Emitter{Targets: []emitter.Target{
			{Name: "every", Sender: every},
			{Name: "some", Sender: some, Types: []string{"channel.ended.*", "agent.*"}},
			{Name: "later", Sender: later, Types: []string{"*.v1"}},
		}}
		result := play(t, &e, all)
		wantSame(t, "every", sentIDs(every), strings.Fields("0 1 2 3"))
		wantSame(t, "some", sentIDs(some), strings.Fields("1"))
		wantSame(t, "later", sentIDs(later), strings.Fields("1 2"))
		if total := result.Total(); result.Planned != 4 || total.Matched != 7 || total.Accepted != 7 {
			t.Errorf("planned %d, matched %d, accepted %d; want 4, 7, 7", result.Planned, total.Matched, total.Accepted)
		}
	})
}
