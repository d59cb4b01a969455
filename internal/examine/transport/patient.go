package transport

import (
	"errors"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
)

// ErrSilent tells that the consumer has stopped to answer: many attempts in a row, at different times, had
// no answer, or none in time.
var ErrSilent = errors.New("the consumer does not answer any more")

// How much a consumer may cost that hangs, fails always or is gone: a whole examination would else end in
// waiting.
const (
	shortAfter = 3  // attempts in a row without an answer in time: then there is less time, and no retry
	overAfter  = 10 // of these, or of deliveries in a row without any answer: then it is given up
	shortLimit = time.Second

	failsAfter   = 3 // deliveries in a row that failed to the end of the ladder: then it is shorter
	failsForGood = 20
	shortLadder  = 50 * time.Millisecond
)

// patient counts what failed in a row. What was going on at the same time counts once.
type patient struct {
	mu     sync.Mutex
	hangs  int       // attempts that had no answer in time
	last   time.Time // when the last one that counts ended
	fails  int       // deliveries that failed to the end of the ladder
	dead   int       // of these, in a row, that had no answer
	failed time.Time // when the last one that counts ended
}

// ladder is how long a delivery is tried again.
func (p *patient) ladder() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.fails >= failsForGood:
		return 0
	case p.fails >= failsAfter:
		return shortLadder
	}
	return patience
}

// end takes into account how a delivery ended that began at a moment.
func (p *patient) end(a *trial.Answer, fails bool, began time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !fails:
		p.fails, p.dead = 0, 0
	case !began.Before(p.failed):
		p.fails++
		p.failed = time.Now()
		if p.dead++; a.Status != 0 {
			p.dead = 0
		}
	}
}

// limit is the time that the next attempt has.
func (p *patient) limit(full time.Duration) time.Duration {
	if p.short() {
		return min(full, shortLimit)
	}
	return full
}

func (p *patient) short() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hangs >= shortAfter
}

func (p *patient) over() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(p.hangs, p.dead) >= overAfter
}

// note takes an attempt into account, which began at a moment and may have had less time than usual.
func (p *patient) note(a *attempt, began time.Time, short bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case a.Failure.Class == emitter.ClassStopped:
	case a.Failure.Class != emitter.ClassTimeout:
		p.hangs = 0
	default:
		if short {
			a.Failure.Text = "no complete response any more"
		}
		if !began.Before(p.last) {
			p.hangs++
			p.last = time.Now()
		}
	}
}
