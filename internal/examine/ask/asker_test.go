package ask

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// late is a consumer whose states become right some time after they are first asked for.
type late struct {
	mu    sync.Mutex
	after map[string]time.Duration // below 0: never
	errs  map[string]error
	takes time.Duration // a question
	first map[string]time.Time
	asked int
	now   int
	most  int
}

func (l *late) Close() error { return nil }

func (l *late) Ask(ctx context.Context, id string) (*trial.State, error) {
	l.mu.Lock()
	if l.first == nil {
		l.first = map[string]time.Time{}
	}
	if l.first[id].IsZero() {
		l.first[id] = time.Now()
	}
	l.asked++
	l.now++
	l.most = max(l.most, l.now)
	after, first, err := l.after[id], l.first[id], l.errs[id]
	l.mu.Unlock()
	defer func() { l.mu.Lock(); l.now--; l.mu.Unlock() }()
	if !sleep(ctx, l.takes) {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	if after < 0 || time.Since(first) < after {
		return nil, nil
	}
	return &trial.State{Channels: map[string]*trial.Channel{id: {}}}, nil
}

func known(_ string, s *trial.State) bool { return s != nil }

func ids(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

func TestAllConversationsShareOneWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &late{after: map[string]time.Duration{}, takes: time.Millisecond}
		for i, id := range ids(100) {
			l.after[id] = time.Duration(i) * 15 * time.Millisecond
		}
		a := &Asker{Way: l}
		told, err := a.All(t.Context(), ids(100), known)
		if err != nil || len(told.States) != 100 || told.Wrong != 0 || told.Took < 1485*time.Millisecond || told.Took > 1485*time.Millisecond+2*longestPause {
			t.Errorf("%d states, %d wrong, %v after %v", len(told.States), told.Wrong, err, told.Took)
		}
		if l.most != together {
			t.Errorf("%d questions at the same time, want %d", l.most, together)
		}
		if time.Since(told.Asked) != 0 {
			t.Errorf("asked at %v", told.Asked)
		}
	})
}

func TestSlowAnswersAreAskedForMoreAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &late{takes: 100 * time.Millisecond}
		a := &Asker{Way: l}
		for _, want := range []time.Duration{100 * 100 / together * time.Millisecond, 1300 * time.Millisecond} {
			if told, err := a.All(t.Context(), ids(100), known); err != nil || told.Took != want {
				t.Errorf("%v, %v; want %v", told.Took, err, want)
			}
		}
		l.takes = time.Millisecond
		for _, want := range []time.Duration{13 * time.Millisecond, 25 * time.Millisecond} {
			if told, err := a.All(t.Context(), ids(100), known); err != nil || told.Took != want {
				t.Errorf("%v, %v; want %v", told.Took, err, want)
			}
		}
	})
}

func TestWhatStaysWrongWaitsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &late{after: map[string]time.Duration{"1": -1, "3": -1}, errs: map[string]error{"4": lasting("HTML"), "5": &Problem{Text: "500"}}}
		a := &Asker{Way: l, Settle: time.Second}
		told, err := a.All(t.Context(), ids(6), known)
		if err != nil || told.Wrong != 4 || len(told.States) != 2 || len(told.Errors) != 2 || told.Took != time.Second {
			t.Errorf("%+v, %v", told, err)
		}
		l.asked = 0
		if told, err = a.All(t.Context(), []string{"4"}, known); l.asked != 1 || told.Wrong != 1 || told.Took != 0 {
			t.Errorf("a problem that lasts was asked for %d times: %+v, %v", l.asked, told, err)
		}
		if told, err = a.All(t.Context(), []string{"0", "1"}, nil); err != nil || told.Took != 0 || told.Wrong != 0 {
			t.Errorf("without an expectation: %+v, %v", told, err)
		}
		if told, err = a.All(t.Context(), nil, known); err != nil || told.Took != 0 {
			t.Errorf("no conversations: %+v, %v", told, err)
		}
	})
}

func TestTheTimeIsLearnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &late{after: map[string]time.Duration{"wrong": -1}}
		a := &Asker{Way: l}
		n := 0
		right := func(after time.Duration) {
			n++
			id := fmt.Sprint("right", n)
			l.after[id] = after
			if told, err := a.All(t.Context(), []string{id}, known); err != nil || told.Wrong != 0 {
				t.Fatalf("%+v, %v", told, err)
			}
		}
		wrong := func(want time.Duration) {
			t.Helper()
			if told, err := a.All(t.Context(), []string{"wrong"}, known); err != nil || told.Wrong != 1 || told.Took != want {
				t.Errorf("took %v, want %v; %v", told.Took, want, err)
			}
		}
		for range 8 {
			right(100 * time.Millisecond)
		}
		for range enoughWrongs {
			wrong(DefaultSettle)
		}
		if a.longest < 100*time.Millisecond || a.longest > 200*time.Millisecond {
			t.Errorf("longest is %v", a.longest)
		}
		wrong(timesLongest * a.longest)
		right(0)
		right(350 * time.Millisecond)
		wrong(min(DefaultSettle, timesLongest*a.longest))
		b := &Asker{Way: l, wrongs: 100, longest: time.Microsecond}
		if b.Within() != leastSettle {
			t.Errorf("within %v, want %v", b.Within(), leastSettle)
		}
	})
}

func TestAConsumerThatHangsIsNotAskedForEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := &Problem{Text: "no answer", Err: context.DeadlineExceeded}
		l := &late{takes: 10 * time.Second, errs: map[string]error{}}
		for _, id := range ids(100) {
			l.errs[id] = hangs
		}
		a := &Asker{Way: l}
		told, err := a.All(t.Context(), ids(100), known)
		if err != nil || told.Wrong != 100 || len(told.Errors) != 100 || told.Took > 21*time.Second || l.asked > 8 {
			t.Errorf("%d wrong after %v and %d questions, %v", told.Wrong, told.Took, l.asked, err)
		}
	})
}

func TestAnEndedContextEndsTheQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &late{takes: 10 * time.Second}
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := (&Asker{Way: l}).All(ctx, ids(100), known)
		if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || took != 25*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// shifting is a consumer that tells other times of one channel whenever it is asked for.
type shifting struct {
	asked float64
	next  map[string]float64 // what is added each time, by phase
}

func (s *shifting) Close() error { return nil }

func (s *shifting) Ask(context.Context, string) (*trial.State, error) {
	phase, seconds := "ended", map[string]float64{"connected": 10, "held": 5, "wrap": 3}
	s.asked++
	for of, more := range s.next {
		seconds[of] += s.asked * more
	}
	return &trial.State{Channels: map[string]*trial.Channel{"1": {Phase: &phase, Seconds: seconds}}}, nil
}

// The times of one phase may grow, whatever phase is told: it lasts, or is never closed, which is a mistake that has a name.
func TestTimesThatShiftNeverSettle(t *testing.T) {
	for _, tt := range []struct {
		name string
		next map[string]float64
		want int
	}{
		{"none", nil, 0},
		{"one grows", map[string]float64{"wrap": 0.5}, 0},
		{"one shrinks", map[string]float64{"wrap": -0.1}, 1},
		{"all grow", map[string]float64{"connected": 0.5, "held": 0.5, "wrap": 0.5}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := Asker{Way: &shifting{next: tt.next}, Settle: 2 * time.Second}
				told, err := a.All(t.Context(), ids(1), func(string, *trial.State) bool { return false })
				if err != nil || len(told.Unsettled) != tt.want {
					t.Errorf("unsettled %q, error %v; want %d", told.Unsettled, err, tt.want)
				}
			})
		})
	}
}

// turns tells a conversation by turns, as several processes do.
type turns struct {
	tells []*trial.State
	asked int
}

func (t *turns) Close() error { return nil }

func (t *turns) Ask(context.Context, string) (*trial.State, error) {
	t.asked++
	return t.tells[t.asked%len(t.tells)], nil
}

// Who tells less than before is counted; who only comes to know more is not.
func TestWhoTellsLessIsCounted(t *testing.T) {
	of := func(n int) *trial.State {
		return &trial.State{Channels: map[string]*trial.Channel{"c": {Notifications: &n}}}
	}
	for name, c := range map[string]struct {
		tells []*trial.State
		less  bool
	}{
		"two processes":           {[]*trial.State{of(1), of(2)}, true},
		"one of two knows it":     {[]*trial.State{nil, of(2)}, true},
		"one that knows too much": {[]*trial.State{of(9)}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := &Asker{Way: &turns{tells: c.tells}}
			told, err := a.All(t.Context(), []string{"1"}, func(string, *trial.State) bool { return false })
			if err != nil || told.Less > 0 != c.less {
				t.Errorf("%s: less %d times, %v", name, told.Less, err)
			}
		})
	}
}
