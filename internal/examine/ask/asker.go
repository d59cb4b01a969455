package ask

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Asker asks for the states of many conversations until each is as it is expected, or until they had
// the time to become so. It learns how long a consumer needs for that, so that states which stay wrong
// cost less and less time. Way is required. It is not safe for concurrent use.
type Asker struct {
	Way Way

	// Settle is how long states may take to become right; 0 means 2 s.
	Settle time.Duration

	longest time.Duration // after which a state has changed, or become right
	wrongs  int           // how often some did not become right within the whole Settle
}

// DefaultSettle is how long states may take to become right.
const DefaultSettle = 2 * time.Second

// When the time is shortened to what was learnt: after so many times, and to no less.
const (
	enoughWrongs = 3
	leastSettle  = 60 * time.Millisecond
	timesLongest = 4
)

// The first question is put at once; the pauses between questions double.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = 250 * time.Millisecond
)

const (
	together  = 4 // questions at the same time
	mostHangs = 3 // in a row; then the others are not put
)

// Told is what was told.
type Told struct {
	States map[string]*trial.State // by conversation; absent: not known, or see Errors
	Errors map[string]error        // why there is none
	Asked  time.Time               // when the last one was told
	Took   time.Duration           // from the first question to the last answer
	Wrong  int                     // conversations that did not become as expected
}

// Within is how long states may take now: Settle, or less if enough was learnt.
func (a *Asker) Within() time.Duration {
	settle := cmp.Or(a.Settle, DefaultSettle)
	if a.wrongs < enoughWrongs {
		return settle
	}
	return min(settle, max(leastSettle, timesLongest*a.longest))
}

// All asks for all conversations, again and again for those that are not right yet. Right is called
// with nil for a conversation that is not known; nil instead of it takes whatever is told first. The
// error is that of ctx.
func (a *Asker) All(ctx context.Context, conversations []string, right func(conversation string, s *trial.State) bool) (Told, error) {
	told := Told{States: map[string]*trial.State{}, Errors: map[string]error{}}
	begin, within := time.Now(), a.Within()
	open := slices.Clone(conversations)
	var settled time.Duration // after which nothing changed any more
	for pause, last := firstPause, false; ; pause = min(2*pause, longestPause) {
		again, hangs := a.round(ctx, open, right, &told)
		told.Asked = time.Now()
		if told.Took = told.Asked.Sub(begin); again.changed {
			settled = told.Took
		}
		if ctx.Err() != nil {
			return told, ctx.Err()
		}
		if told.Wrong += len(open) - len(again.right) - len(again.open); len(again.open) == 0 || last || hangs {
			told.Wrong += len(again.open)
			a.learn(&told, within, settled)
			return told, nil
		}
		open = again.open
		left := within - told.Took
		last = left <= pause
		if !sleep(ctx, min(pause, max(0, left))) {
			return told, ctx.Err()
		}
	}
}

// learn notes how long it took. A conversation without an answer says nothing.
func (a *Asker) learn(told *Told, within, settled time.Duration) {
	if len(told.Errors) > 0 {
		return
	}
	a.longest = max(a.longest, settled)
	if told.Wrong > 0 && within >= cmp.Or(a.Settle, DefaultSettle) {
		a.wrongs++
	}
}

// sorted is what became of the conversations of a round; those that cannot become right are in neither.
type sorted struct {
	right, open []string
	changed     bool // some tell something else than before
}

// round asks for each conversation once.
func (a *Asker) round(ctx context.Context, conversations []string, right func(string, *trial.State) bool, told *Told) (all sorted, hangs bool) {
	var mu sync.Mutex
	var workers sync.WaitGroup
	next, inRow := 0, 0
	again := len(conversations) > 0 && !told.Asked.IsZero()
	take := func() (id string, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(conversations) || ctx.Err() != nil {
			return "", false
		}
		next++
		return conversations[next-1], true
	}
	var hung error
	put := func(id string, s *trial.State, err error) {
		mu.Lock()
		defer mu.Unlock()
		fits := err == nil && (right == nil || right(id, s))
		all.changed = all.changed || again && !reflect.DeepEqual(told.States[id], s)
		delete(told.States, id)
		delete(told.Errors, id)
		if inRow++; !errors.Is(err, context.DeadlineExceeded) {
			inRow = 0
		}
		if inRow >= mostHangs {
			hung = err
		}
		problem, _ := errors.AsType[*Problem](err)
		switch {
		case err != nil:
			told.Errors[id] = err
		case s != nil:
			told.States[id] = s
		}
		switch {
		case fits:
			all.right = append(all.right, id)
		case problem == nil || !problem.Lasting:
			all.open = append(all.open, id)
		}
	}
	for range min(together, len(conversations)) {
		workers.Go(func() {
			for id, ok := take(); ok; id, ok = take() {
				mu.Lock()
				failed := hung
				mu.Unlock()
				if failed != nil {
					put(id, nil, failed)
					continue
				}
				s, err := a.Way.Ask(ctx, id)
				put(id, s, err)
			}
		})
	}
	workers.Wait()
	return all, hung != nil
}

// sleep waits, and reports whether ctx goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
