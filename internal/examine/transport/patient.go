package transport

import (
	"errors"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
)

// ErrSilent tells that the consumer has stopped to answer: many attempts in a row, at different times, had
// no answer in time.
var ErrSilent = errors.New("the consumer does not answer any more")

// How much a consumer that hangs may cost: a whole examination would else end in waiting.
const (
	shortAfter = 3 // attempts in a row without an answer in time; then there is less time, and no retry
	overAfter  = 10
	shortLimit = time.Second
)

// patient counts attempts in a row that had no answer in time. Those that are made together count once.
type patient struct {
	mu    sync.Mutex
	hangs int
	last  time.Time // when the last one that counts ended
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
	return p.hangs >= overAfter
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
