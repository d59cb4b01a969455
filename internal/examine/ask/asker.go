package ask

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/redact"
)

// Asker asks for the states of many conversations until each is as it is expected, or until they had
// the time to become so. It learns how long a consumer needs for that, so that states which stay wrong
// cost less and less time. Way is required. It is not safe for concurrent use.
type Asker struct {
	Way Way

	// Settle is how long states may take to become right; 0 means 2 s.
	Settle time.Duration

	// Secrets is what no problem and no unknown word of a state may show.
	Secrets *redact.Secrets

	each    time.Duration // that an answer took in the round before
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
	longestPause = 100 * time.Millisecond // each question may have to be waited for so much longer than the state takes
)

// How many questions are put at the same time: more where an answer takes long. Many more would not find
// room at servers that serve one connection at a time.
const (
	together     = 4
	togetherSlow = 8
	slow         = 20 * time.Millisecond
	neverTwice   = 4 // times in a row that a state was another one than before: it does not settle
	mostHangs    = 3 // in a row; then the others are not put
)

// Told is what was told.
type Told struct {
	States map[string]*trial.State // by conversation; absent: not known, or see Errors
	Errors map[string]error        // why there is none
	Asked  time.Time               // when the last one was told
	Took   time.Duration           // from the first question to the last answer
	Wrong  int                     // conversations that did not become as expected

	// Less is how many conversations were told less of than a moment before.
	Less int

	// Unsettled are conversations whose state was another one each of the last times, until the time was over.
	Unsettled []string
}

// Within is how long states may take now: Settle, or less if enough was learnt.
func (a *Asker) Within() time.Duration {
	settle := cmp.Or(a.Settle, DefaultSettle)
	if a.wrongs < enoughWrongs {
		return settle
	}
	return min(settle, max(leastSettle, timesLongest*a.longest))
}

// leastLag is how long states may be behind that were never seen to be: most were asked for when they had caught up.
const leastLag = 500 * time.Millisecond

// Lag is twice as long as states have taken to become right: what was sent so long ago shows in them. It is no longer than Settle.
func (a *Asker) Lag() time.Duration {
	return min(max(leastLag, 2*a.longest), cmp.Or(a.Settle, DefaultSettle))
}

// All asks for all conversations, again and again for those that are not right yet. Right is called
// with nil for a conversation that is not known; nil instead of it takes whatever is told first. The
// error is that of ctx.
func (a *Asker) All(ctx context.Context, conversations []string, right func(conversation string, s *trial.State) bool) (Told, error) {
	told := Told{States: map[string]*trial.State{}, Errors: map[string]error{}}
	changes := map[string]int{}
	begin, within := time.Now(), a.Within()
	open := slices.Clone(conversations)
	var settled time.Duration // after which nothing changed any more
	for pause, last := firstPause, false; ; pause = min(2*pause, longestPause) {
		r := a.round(ctx, open, right, &told, changes)
		told.Asked = time.Now()
		if told.Took = told.Asked.Sub(begin); r.changed {
			settled = told.Took
		}
		if ctx.Err() != nil {
			return told, ctx.Err()
		}
		if told.Wrong += len(open) - r.good - len(r.open); len(r.open) == 0 || last || r.hung != nil {
			told.Wrong += len(r.open)
			for _, id := range r.open {
				if changes[id] >= neverTwice {
					told.Unsettled = append(told.Unsettled, id)
				}
			}
			a.learn(&told, within, settled)
			return told, nil
		}
		open = r.open
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

// round asks for each of some conversations once.
type round struct {
	told    *Told
	changes map[string]int // in a row, by conversation
	right   func(string, *trial.State) bool

	mu      sync.Mutex
	waiting []string // for a question
	good    int      // conversations that are right
	open    []string // that are not, and may become so
	inRow   int      // answers that did not come in time
	hung    error    // too many of these
	again   bool     // it is not the first one
	changed bool     // some tell something else than before
}

// round asks, and takes what is told over.
func (a *Asker) round(ctx context.Context, conversations []string, right func(string, *trial.State) bool, told *Told, changes map[string]int) *round {
	r := &round{told: told, changes: changes, right: right, waiting: conversations, again: !told.Asked.IsZero()}
	most, began := together, time.Now()
	if a.each > slow {
		most = togetherSlow
	}
	most = min(most, len(conversations))
	var workers sync.WaitGroup
	for range most {
		workers.Go(func() {
			for id, err, ok := r.take(ctx); ok; id, err, ok = r.take(ctx) {
				var s *trial.State
				if err == nil {
					s, err = a.Way.Ask(ctx, id)
					err = discreet(a.Secrets, err)
					discreetly(a.Secrets, s)
				}
				r.put(id, s, err)
			}
		})
	}
	workers.Wait()
	if n := len(conversations); n > 0 {
		a.each = time.Since(began) * time.Duration(most) / time.Duration(n)
	}
	return r
}

// take is the next conversation; useless is why it is not asked for.
func (r *round) take(ctx context.Context) (id string, useless error, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 || ctx.Err() != nil {
		return "", nil, false
	}
	id, r.waiting = r.waiting[0], r.waiting[1:]
	return id, r.hung, true
}

// put notes what was told.
func (r *round) put(id string, s *trial.State, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.told.States[id]
	if r.changes[id]++; !r.again || err != nil || alike(before, s, false) { // times may go on
		r.changes[id] = 0
	}
	if r.again && err == nil && s.Extent() < before.Extent() {
		r.told.Less++
	}
	r.changed = r.changed || r.again && err == nil && !alike(before, s, true)
	delete(r.told.States, id)
	delete(r.told.Errors, id)
	if r.inRow++; !errors.Is(err, context.DeadlineExceeded) {
		r.inRow = 0
	}
	if r.inRow >= mostHangs {
		r.hung = err
	}
	switch {
	case err != nil:
		r.told.Errors[id] = err
	case s != nil:
		r.told.States[id] = s
	}
	problem, _ := errors.AsType[*Problem](err)
	switch {
	case err == nil && (r.right == nil || r.right(id, s)):
		r.good++
	case problem == nil || !problem.Lasting:
		r.open = append(r.open, id)
	}
}

// alike reports whether two states tell the same, of which a time that is not told is NaN. Without times, they may go on as those of
// a phase do that lasts, and figures are not compared.
func alike(a, b *trial.State, times bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	if times && !maps.Equal(a.Figures, b.Figures) {
		return false
	}
	return maps.EqualFunc(a.Channels, b.Channels, func(a, b *trial.Channel) bool {
		without, other := *a, *b
		without.Seconds, other.Seconds = nil, nil
		return (timesAlike(a.Seconds, b.Seconds) || !times && goesOn(a, b)) && reflect.DeepEqual(without, other)
	})
}

func timesAlike(a, b map[string]float64) bool {
	return maps.EqualFunc(a, b, func(x, y float64) bool { return x == y || x != x && y != y })
}

// goesOn reports whether the times of a channel, told once and again later, differ by those of one phase that have grown: it lasts, or
// the consumer takes it to.
func goesOn(before, now *trial.Channel) bool {
	if len(before.Seconds) > len(now.Seconds) {
		return false
	}
	grown := 0
	for phase, is := range now.Seconds {
		switch was := before.Seconds[phase]; {
		case was == is || was != was && is != is:
		case is > was:
			grown++
		default:
			return false
		}
	}
	return grown <= 1
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
