package examine

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// queueing is a consumer whose conversations become known one after the other.
type queueing struct {
	mu    sync.Mutex
	known map[string]*trial.State
	from  map[string]time.Time
}

func (q *queueing) Close() error { return nil }

func (q *queueing) Ask(_ context.Context, id string) (*trial.State, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Now().Before(q.from[id]) {
		return nil, nil
	}
	return q.known[id], nil
}

// behindBy is an examination of such a consumer, with so many trials whose states were asked for too early. Those of the last ones, of
// which there are some, never become right.
func behindBy(t *testing.T, each time.Duration, trials, never int) *run {
	t.Helper()
	x := &Examination{Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Budget: time.Minute}
	r := x.prepared(nil)
	q := &queueing{known: map[string]*trial.State{}, from: map[string]time.Time{}}
	r.asker = &ask.Asker{Way: q}
	begun := time.Now()
	for i, made := range trialsOf(t, dimension.Options{Seed: 7, Start: x.Start, Profile: dimension.Profile{Aspects: everything, NextSecret: true}})[dimension.Order][:trials] {
		p := &trial.Played{Trial: made, Answers: make([]trial.Answer, len(made.Deliveries)), Told: map[string]*trial.State{}, Asked: begun}
		counts := map[string]int{}
		for k := range p.Answers {
			p.Answers[k] = trial.Answer{Status: 204, Attempts: 1, Sent: begun}
			counts[p.Deliveries[k].Channel]++
		}
		s := &trial.State{Channels: map[string]*trial.Channel{}}
		for id, n := range counts {
			s.Channels[id] = &trial.Channel{Notifications: &n}
		}
		id := p.Deliveries[0].Conversation
		if q.from[id] = begun.Add(time.Duration(i+1) * each); i < trials-never {
			q.known[id] = s
		}
		r.all, r.wrong[p] = append(r.all, p), true
	}
	return r
}

func TestAConsumerThatIsBehindIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		each          time.Duration
		never, wrong  int
		longest       time.Duration
		restartBefore bool
	}{
		{"at once", 0, 0, 0, time.Second, false},
		{"one after the other", 300 * time.Millisecond, 0, 0, 5 * time.Second, false},
		{"all but two", 300 * time.Millisecond, 2, 2, 5 * time.Second, false},
		{"never", 300 * time.Millisecond, 10, 10, 2 * time.Second, false},
		{"for longer than is waited", 10 * time.Second, 0, 9, 2 * time.Second, false},
		{"behind a restart nobody knows", 0, 0, 10, time.Second, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := behindBy(t, tt.each, 10, tt.never)
				if tt.restartBefore {
					r.restarted = time.Now()
				}
				defer func() {
					for _, release := range r.release {
						release()
					}
				}()
				time.Sleep(tt.each) // the first one is through
				begun := time.Now()
				if err := r.settled(t.Context()); err != nil {
					t.Fatal(err)
				}
				wrong := 0
				for _, p := range r.all {
					if r.wrong[p] {
						wrong++
					}
				}
				if took := time.Since(begun); wrong != tt.wrong || r.settledLate != 10-wrong || took > tt.longest {
					t.Errorf("%d wrong, want %d; %d settled, within %v", wrong, tt.wrong, r.settledLate, took)
				}
			})
		})
	}
}

// A queue is worked through also where no whole trial is right for long: each conversation that becomes known shows it.
func TestAQueueIsWaitedForWithinATrial(t *testing.T) {
	for _, c := range []struct {
		name    string
		each    time.Duration
		wrong   bool
		longest time.Duration
		behind  int
	}{
		{"one conversation after the other", 600 * time.Millisecond, false, 10 * time.Second, 0},
		{"stuck", time.Hour, true, 2 * time.Second, 0},
		{"for longer than is waited", 900 * time.Millisecond, false, 6 * time.Second, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := behindBy(t, 0, 0, 0)
				r.Examination.Budget = 40 * time.Second
				if c.behind > 0 {
					r.Examination.Budget = 20 * time.Second
				}
				q := r.asker.Way.(*queueing)
				i := slices.IndexFunc(trialsOf(t, dimension.Options{Seed: 7, Start: r.Start, Profile: dimension.Profile{Aspects: everything, NextSecret: true}})[dimension.Concurrency],
					func(made *trial.Trial) bool { return len(made.Conversations()) > 8 })
				p := &trial.Played{Trial: made[everything][false][dimension.Concurrency][i], Told: map[string]*trial.State{}, Asked: time.Now()}
				p.Answers = make([]trial.Answer, len(p.Deliveries))
				for k := range p.Answers {
					p.Answers[k] = trial.Answer{Status: 204, Attempts: 1, Sent: p.Asked}
					d := &p.Deliveries[k]
					s := q.known[d.Conversation]
					if s == nil {
						s = &trial.State{Channels: map[string]*trial.Channel{}}
						q.known[d.Conversation], q.from[d.Conversation] = s, p.Asked.Add(time.Duration(1+len(q.known))*c.each)
					}
					if s.Channels[d.Channel] == nil {
						s.Channels[d.Channel] = &trial.Channel{Notifications: new(0)}
					}
					*s.Channels[d.Channel].Notifications++
				}
				stuck := *p // wrong, whatever becomes of the other
				stuck.Trial = stuck.Trial.Renamed(1)
				r.all, r.wrong[p], r.wrong[&stuck] = []*trial.Played{p, &stuck}, true, true
				defer func() {
					if !r.wrong[&stuck] {
						t.Error("a state that does not change is judged no more")
					}
				}()
				defer func() {
					for _, release := range r.release {
						release()
					}
				}()
				begun := time.Now()
				if err := r.settled(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begun); r.wrong[p] != c.wrong || took > c.longest || r.stillBehind != c.behind {
					t.Errorf("wrong %t, want %t, within %s; %d behind", r.wrong[p], c.wrong, took, r.stillBehind)
				}
			})
		})
	}
}

// A wrong state of what came late is waited for beyond the time for sending. If that is not enough, nobody knows what became of it.
func TestTheStateOfWhatCameLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left    time.Duration // of the budget
		unknown bool
	}{"with time left": {10 * time.Second, false}, "at the end": {1500 * time.Millisecond, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := behindBy(t, time.Hour, 1, 1)
				r.transport = &transport.Transport{}
				r.until, r.end, r.lateness = time.Now().Add(time.Second), time.Now().Add(c.left), 50*time.Second
				p := r.all[0]
				p.Rules, p.Asked = append(slices.Clone(p.Rules), rulebook.RememberLong), time.Time{}
				if err := r.askLate(t.Context(), r.all); err != nil {
					t.Fatal(err)
				}
				if r.lateUnknown != c.unknown || p.Asked.IsZero() != c.unknown || (r.lateness == 0) != c.unknown || (r.whyNot(rulebook.RememberLong, &tested{played: 3, asked: 3, told: everything}) == NeedsTime) != c.unknown {
					t.Errorf("unknown is %v, asked at %v, %s late", r.lateUnknown, p.Asked, r.lateness)
				}
			})
		})
	}
}

// A state that is behind still tells what is right when duplicates have just come.
func TestTheStateOfWhatCameLateMayBeBehind(t *testing.T) {
	t.Parallel()
	for name, lag := range map[string]time.Duration{"not behind": 0, "behind by a second": time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := behindBy(t, lag, 1, 0) // it becomes right after that time
				r.transport = &transport.Transport{}
				r.until, r.end = time.Now().Add(30*time.Second), time.Now().Add(30*time.Second)
				if err := r.askAll(t.Context(), r.all); err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				if err := r.askLate(t.Context(), r.all); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begun); took < lag || took > 2*lag+time.Second {
					t.Errorf("it was asked for %s later, want %s to twice that", took, lag)
				}
			})
		})
	}
}
