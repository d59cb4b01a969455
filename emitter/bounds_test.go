package emitter_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
)

func TestPatienceEndsARunAgainstATargetThatIsNotThere(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name     string
		patience time.Duration
		every    time.Duration
		want     time.Duration
	}{
		{"30 seconds unless said otherwise", 0, s, 30 * s},
		{"another time", 12 * s, s, 12 * s},
		{"not before the last first attempt", 12 * s, 10 * s, 20 * s},
		{"negative means for ever", -1, 0, 85_875 * s},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				e := emitter.Emitter{Targets: []emitter.Target{{URL: "http://ann:pass@127.0.0.1:9/?key=1", Sender: dead()}}, Patience: test.patience}
				result := play(t, &e, notes(3, test.every))
				if got := time.Since(start); got != test.want {
					t.Errorf("run took %v, want %v", got, test.want)
				}
				if got := result.Total().GivenUp; got != 3 {
					t.Errorf("%d given up, want 3", got)
				}
				wantSame(t, "diagnoses", result.Targets[0].Diagnoses(), []string{
					"http://127.0.0.1:9/ never responded: connection refused; is the consumer running, and on this port?"})
			})
		})
	}
}

// An attempt that failed shortly before patience ended, and is filed afterwards, is the last.
func TestPatienceEndsAlsoForWhatIsBeingFiled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got rows
		start := time.Now()
		e := emitter.Emitter{Targets: to(dead()), Patience: 10 * time.Second, On: func(a *emitter.Attempt) error {
			if a.Number == 2 && !a.Closing() {
				time.Sleep(6 * time.Second) // virtual: from 5 s to 11 s
			}
			return got.on(a)
		}}
		play(t, &e, notes(1, 0))
		wantSame(t, "rows", got.list, []string{
			"0/1 retrying connection-refused: connection refused",
			"0/2 retrying connection-refused: connection refused",
			"0/2 given-up silent: the target never responded: connection refused",
		})
		if took := time.Since(start); took != 11*time.Second {
			t.Errorf("the run took %v, want 11s", took)
		}
	})
}

func TestPatienceWaitsForAttemptsInFlight(t *testing.T) {
	tests := []struct {
		name     string
		takes    time.Duration // an attempt
		all      []plan.Notification
		attempts uint64
		want     time.Duration
	}{
		{"a retry is in flight when it ends", 20 * time.Second, notes(1, 0), 2, 45 * time.Second},
		{"a first attempt still waits for the one before it", 40 * time.Second, inOneStory(notes(2, 0)), 2, 80 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, start := slowly(0, test.takes), time.Now()
				e := emitter.Emitter{Targets: to(s), Connections: 1, RetryFor: time.Hour}
				if test.takes > 30*time.Second {
					e.RetryFor = -1
				}
				result := play(t, &e, test.all)
				total := result.Total()
				if got := time.Since(start); got != test.want || total.Attempts != test.attempts {
					t.Errorf("run took %v with %d attempts, want %v with %d", got, total.Attempts, test.want, test.attempts)
				}
			})
		})
	}
}

func TestATargetThatAnswersOnceKeepsItsLadder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := dead(), time.Now()
		refuse := s.answer
		s.answer = func(ctx context.Context, n int, r *emitter.Request) emitter.Answer {
			if n == 0 {
				return emitter.Answer{Status: 500}
			}
			return refuse(ctx, n, r)
		}
		e := emitter.Emitter{Targets: to(s)}
		play(t, &e, notes(1, 0))
		if got, want := time.Since(start), 85_875*time.Second; got != want {
			t.Errorf("run took %v, want %v", got, want)
		}
	})
}

// A dead target neither fills memory nor holds up the one beside it.
func TestWaitingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alive := always(200)
		e := emitter.Emitter{
			Targets: []emitter.Target{{Name: "dead", Sender: dead()}, {Name: "alive", Sender: alive}},
			Waiting: 10, Connections: 2,
		}
		start := time.Now()
		result := play(t, &e, notes(100, time.Second))
		wantSame(t, "moments", alive.moments(start)[:3], []time.Duration{0, time.Second, 2 * time.Second})
		if got, want := alive.sent[99].at.Sub(start), 99*time.Second; got != want {
			t.Errorf("the last notification came to the living target after %v, want %v", got, want)
		}
		figures := result.Targets[0].Figures
		if figures.GivenUp != 100 || figures.QueueFull != 95 || figures.Accepted != 0 {
			t.Errorf("%d given up, %d of them for want of room; want 100, 95: half of 10 may wait for a retry", figures.GivenUp, figures.QueueFull)
		}
	})
}

func TestRoomForRetriesIsFreedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{answer: func(_ context.Context, n int, _ *emitter.Request) emitter.Answer {
			return emitter.Answer{Status: []int{500, 200}[n%2]}
		}}
		e := emitter.Emitter{Targets: to(s), Waiting: 2}
		result := play(t, &e, notes(10, 10*time.Second))
		if total := result.Total(); total.Accepted != 10 || total.QueueFull != 0 {
			t.Errorf("%d accepted, %d without room; want 10, 0: one waits at a time", total.Accepted, total.QueueFull)
		}
	})
}

// With one connection and more to do than it can, both kinds of attempts get their share.
func TestFirstAttemptsAndRetriesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kinds strings.Builder
		e := emitter.Emitter{Targets: to(slowly(500, 700*time.Millisecond)), Connections: 1, RetryFor: time.Hour, On: func(a *emitter.Attempt) error {
			kinds.WriteString(map[bool]string{true: "f", false: "r"}[a.Number == 1])
			return nil
		}}
		play(t, &e, notes(100, 0))
		if got, want := kinds.String()[:33], "fffffffff"+strings.Repeat("rf", 12); got != want {
			t.Errorf("attempts are %s, want %s", got, want)
		}
	})
}

// Without a schedule the plan waits for the target.
func TestASlowTargetHoldsUpThePlanAtFullSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		taken, most := 0, 0
		s := &sender{}
		s.answer = func(ctx context.Context, n int, _ *emitter.Request) emitter.Answer {
			synctest.Wait()
			most = max(most, taken-n)
			return answerAfter(ctx, time.Second, emitter.Answer{Status: 200})
		}
		e := emitter.Emitter{Targets: to(s), Waiting: 20, Connections: 1, Speed: emitter.Max}
		result := playSeq(t, &e, func(yield func(plan.Notification) bool) {
			for _, n := range notes(50, 0) {
				taken++
				if !yield(n) {
					return
				}
			}
		})
		if want := 1 + 10 + 1; most != want || result.Total().Accepted != 50 {
			t.Errorf("%d taken and unanswered, want %d: one in flight, half of 20 waiting, one in hand; %d accepted", most, want, result.Total().Accepted)
		}
	})
}

// With a schedule nothing waits for the target: what finds no room is not sent, and said so.
func TestWhatFindsNoRoomIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, got := time.Now(), finals{}
		fast := always(200)
		e := emitter.Emitter{
			Targets: []emitter.Target{{Name: "slow", Sender: slowly(200, time.Second), Waiting: 20}, {Name: "fast", Sender: fast}},
			Waiting: 1000, Connections: 1, On: got.on,
		}
		result := play(t, &e, notes(50, 10*time.Millisecond))
		slow := result.Targets[0].Figures
		if slow.Accepted != 11 || slow.NotSent != 39 || slow.Attempts != 11 {
			t.Errorf("%d accepted, %d not sent, %d attempts; want 11 (one in flight and half of 20), 39, 11", slow.Accepted, slow.NotSent, slow.Attempts)
		}
		if at := fast.sent[49].at.Sub(start); at != 490*time.Millisecond || result.Targets[1].Accepted != 50 {
			t.Errorf("the other target got its last notification after %v, %d accepted; want 490ms, 50", at, result.Targets[1].Accepted)
		}
		if len(got) != 100 || result.AllRight() || len(result.Invalid) > 0 || len(result.Overloaded) != 1 || !strings.Contains(result.Overloaded[0], "39 of 50 notifications not sent") {
			t.Errorf("%d notifications ended, all right %v, overloaded %q", len(got), result.AllRight(), result.Overloaded)
		}
		for what, n := range got {
			if n != 1 {
				t.Errorf("%s has %d final rows, want 1", what, n)
			}
		}
	})
}
