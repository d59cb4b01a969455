package emitter_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/signature"
)

// ladder is every moment of the documented schedule: 5 s, doubling, at most 15 min apart,
// for 24 hours.
func ladder() []time.Duration {
	all := []time.Duration{0}
	for _, s := range []int{5, 15, 35, 75, 155, 315, 635, 1275} {
		all = append(all, time.Duration(s)*time.Second)
	}
	for next := 1275 + 900; next <= 86_400; next += 900 {
		all = append(all, time.Duration(next)*time.Second)
	}
	return all
}

func TestRetriesFollowTheLadderForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := always(503), time.Now()
		var got rows
		e := emitter.Emitter{Targets: []emitter.Target{{Name: "t", Sender: s, Secret: secret(t)}}, On: got.on}
		result := play(t, &e, notes(1, 0))

		wantSame(t, "moments", s.moments(start), ladder())
		if got, want := time.Since(start), 85_875*time.Second; got != want {
			t.Errorf("run took %v, want %v: it ends with the last attempt", got, want)
		}
		if len(got.list) != 103 || got.list[0] != "0/1 retrying status: 503 Service Unavailable" ||
			got.list[102] != "0/103 given-up status: 503 Service Unavailable" {
			t.Errorf("%d rows, want 103, from %q to %q", len(got.list), got.list[0], got.list[len(got.list)-1])
		}
		total := result.Total()
		if total.Attempts != 103 || total.Retries != 102 || total.Retried != 1 || total.GivenUp != 1 || total.Statuses[503] != 103 {
			t.Errorf("counted %+v", total)
		}
		if result.AllRight() {
			t.Error("AllAccepted is true after a notification was given up")
		}
	})
}

func TestEveryAttemptHasTheSameBodyAndANewToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := always(503)
		key := secret(t)
		e := emitter.Emitter{Targets: []emitter.Target{{Name: "t", Sender: s, Secret: key}}, SignaturePrefix: "Bearer "}
		play(t, &e, notes(1, 0))
		tokens := make(map[string]bool)
		for i, x := range s.sent {
			if x.body != s.sent[0].body {
				t.Fatalf("attempt %d has another body", i+1)
			}
			if x.token[:7] != "Bearer " {
				t.Fatalf("signature of attempt %d is %q, want the prefix first", i+1, x.token)
			}
			if err := signature.Verify(key, x.token[7:], []byte(x.body), x.at); err != nil {
				t.Fatalf("attempt %d: %v", i+1, err)
			}
			tokens[x.token] = true
		}
		if len(tokens) != len(s.sent) {
			t.Errorf("%d tokens for %d attempts", len(tokens), len(s.sent))
		}
	})
}

func TestRetries(t *testing.T) {
	const s = time.Second
	retryAfter := func(d time.Duration) *sender {
		return &sender{answer: func(_ context.Context, n int, _ *emitter.Request) emitter.Answer {
			if n == 0 {
				return emitter.Answer{Status: 429, RetryAfter: d}
			}
			return emitter.Answer{Status: 200}
		}}
	}
	tests := []struct {
		name string
		e    emitter.Emitter
		s    *sender
		want []time.Duration
	}{
		{"at speed 60 the waits are a sixtieth", emitter.Emitter{Speed: 60, RetryFor: 75 * s}, always(500),
			[]time.Duration{0, 5 * s / 60, 15 * s / 60, 35 * s / 60, 75 * s / 60}},
		{"at speed max there are none, and as many attempts", emitter.Emitter{Speed: emitter.Max, RetryFor: 75 * s}, always(500),
			[]time.Duration{0, 0, 0, 0, 0}},
		{"a retry just after the end is not made", emitter.Emitter{RetryFor: 15*s - 1}, always(500), []time.Duration{0, 5 * s}},
		{"a negative time means none", emitter.Emitter{RetryFor: -1}, always(500), []time.Duration{0}},
		{"waits count from the end of the answer", emitter.Emitter{RetryFor: 20 * s}, slowly(500, 2*s), []time.Duration{0, 7 * s, 19 * s}},
		{"Retry-After is ignored", emitter.Emitter{}, retryAfter(30 * s), []time.Duration{0, 5 * s}},
		{"Retry-After is obeyed", emitter.Emitter{RetryAfter: emitter.ObeyRetryAfter}, retryAfter(30 * s), []time.Duration{0, 30 * s}},
		{"Retry-After does not shorten the ladder", emitter.Emitter{RetryAfter: emitter.ObeyRetryAfter}, retryAfter(s), []time.Duration{0, 5 * s}},
		{"Retry-After beyond the end gives up", emitter.Emitter{RetryAfter: emitter.ObeyRetryAfter}, retryAfter(25 * time.Hour), []time.Duration{0}},
		{"206 is no success", emitter.Emitter{RetryFor: 5 * s}, always(206), []time.Duration{0, 5 * s}},
		{"206 is a success among 2xx", emitter.Emitter{Success: emitter.Success2xx}, always(206), []time.Duration{0}},
		{"205 is a success", emitter.Emitter{}, always(205), []time.Duration{0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				test.e.Targets = to(test.s)
				play(t, &test.e, notes(1, 0))
				got := test.s.moments(start)
				if !slices.EqualFunc(got, test.want, func(a, b time.Duration) bool { return (a - b).Abs() < time.Microsecond }) {
					t.Errorf("sent at %v, want %v", got, test.want)
				}
			})
		})
	}
}
