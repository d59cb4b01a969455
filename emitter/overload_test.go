package emitter_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
)

// serially answers one request after the other, however many connections there are.
func serially(status int, after time.Duration) *sender {
	s := slowly(status, after)
	answer, one := s.answer, make(chan struct{}, 1)
	s.answer = func(ctx context.Context, n int, r *emitter.Request) emitter.Answer {
		one <- struct{}{}
		defer func() { <-one }()
		return answer(ctx, n, r)
	}
	return s
}

// tooLate lets one of so many requests time out, and accepts the others in the same time.
func tooLate(of int) *sender {
	return &sender{answer: func(ctx context.Context, n int, _ *emitter.Request) emitter.Answer {
		if n%of == 0 {
			return answerAfter(ctx, 4*time.Second, emitter.Answer{Failure: emitter.Failure{Class: emitter.ClassTimeout, Text: "no answer in time"}})
		}
		return answerAfter(ctx, 4*time.Second, emitter.Answer{Status: 204})
	}}
}

// Who is to blame if what was offered was not taken follows from where the time of the connections went.
func TestWhoWasTooSlow(t *testing.T) {
	slow := func(*emitter.Attempt) error { time.Sleep(50 * time.Millisecond); return nil } // a log on a slow disk
	for _, c := range []struct {
		name                string
		to                  func() *sender
		on                  func(*emitter.Attempt) error
		rate                int    // 0: all at once
		invalid, overloaded string // the beginning of the only sentence, or nothing
		more                bool   // that sentence says that more connections may help
	}{
		{"a serial consumer", func() *sender { return serially(204, 50*time.Millisecond) }, nil, 60, "", "consumer sustained 20/s of 60/s; all 64 connections busy for ", false},
		{"a serial consumer that keeps up", func() *sender { return serially(204, 50*time.Millisecond) }, nil, 19, "", "", false},
		{"a consumer with too few connections", func() *sender { return slowly(204, 4*time.Second) }, nil, 20, "", "consumer sustained 16/s of 20/s; all 64 connections busy for ", true},
		{"a serial consumer that gets all at once", func() *sender { return serially(204, 50*time.Millisecond) }, nil, 0, "", "consumer too slow: all 64 connections busy for 11.8 s; 216 notifications sent over a second late", false},
		{"a consumer that answers too late", func() *sender { return tooLate(1) }, nil, 20, "", "consumer sustained nothing of 20/s: no response in time; all 64 connections busy for ", false},
		{"a consumer that answers too late, and gets all at once", func() *sender { return tooLate(1) }, nil, 0, "", "consumer sustained nothing: no response in time; all 64 connections busy for ", false},
		{"a consumer that accepts nothing", func() *sender { return slowly(500, 4*time.Second) }, nil, 20, "", "consumer sustained nothing of 20/s: no response was as it should be; all 64 connections busy for ", false},
		{"a consumer that accepts half", func() *sender { return tooLate(2) }, nil, 20, "", "consumer sustained 7.97/s of 20/s; all 64 connections busy for ", false},
		{"a log that takes too long", func() *sender { return always(204) }, slow, 60, "load generator too slow: the only connection busy for ", "", false},
		{"a log that takes long", func() *sender { return always(204) }, slow, 19, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &emitter.Emitter{Targets: to(c.to()), On: c.on, Timeout: time.Minute}
				if c.on != nil {
					e.Connections = 1 // a lock that others wait for would hold the virtual time
				}
				all := notes(300, 0)
				if c.rate > 0 {
					all = notes(60*c.rate, time.Second/time.Duration(c.rate))
				}
				result := play(t, e, all)
				if said := strings.Join(result.Overloaded, ""); strings.HasSuffix(said, "; responses took no longer than before, so more connections may help") != c.more {
					t.Errorf("overloaded: %q, want to hear of more connections: %v", said, c.more)
				}
				for _, part := range []struct {
					name, want string
					got        []string
				}{{"invalid", c.invalid, result.Invalid}, {"overloaded", c.overloaded, result.Overloaded}} {
					if part.want == "" && len(part.got) > 0 || part.want != "" && (len(part.got) != 1 || !strings.HasPrefix(part.got[0], part.want)) {
						t.Errorf("%s: %q, want %q", part.name, part.got, part.want)
					}
				}
			})
		})
	}
}
