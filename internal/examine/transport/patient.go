package transport

import (
	"errors"
	"net/http"
	"strings"
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

	slowFailure = 3 * time.Second // after which a failure is as good as no answer: something has run dry

	failsAfter   = 3 // deliveries in a row that failed to the end of the ladder: then it is shorter
	failsForGood = 20
	shortLadder  = 50 * time.Millisecond
)

// Some fail for good now and then only, which costs the whole ladder each time: after so many failures it
// is some times the longest after which a further attempt has helped, and no less than leastLadder.
const (
	enoughFailures = 3
	manyFailures   = 20
	timesHelped    = 4
	leastLadder    = 150 * time.Millisecond
)

// patient counts what failed in a row. What was going on at the same time counts once.
type patient struct {
	mu     sync.Mutex
	hangs  int       // attempts that had no answer in time
	last   time.Time // when the last one that counts ended
	fails  int       // deliveries that failed to the end of the ladder
	dead   int       // of these, in a row, that had no answer
	failed time.Time // when the last one that counts ended

	failures int           // deliveries that failed to the end of the ladder, in all
	helped   time.Duration // the longest after which a further attempt has helped
	crashes  bool          // what is sent now has a crash in it: no attempt too few, unless it fails always and has been up again
	start    time.Time     // the last one
	gone     bool          // nobody listened, to the end of a ladder
	waited   time.Duration // that an attempt lasted which was broken off
	warm     bool          // there was an answer, since the last start, that is no reason to try again
	frozen   bool          // that took longer than coldPatience once
}

// ladder is how long a delivery is tried again.
func (p *patient) ladder() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.crashes && !(p.warm && p.failures >= manyFailures), p.failures < enoughFailures && !p.gone:
		return patience
	case p.gone:
		return shortLadder
	case p.fails >= failsForGood:
		return 0
	case p.fails >= failsAfter:
		return shortLadder
	case p.failures >= manyFailures:
		return min(patience, max(shortLadder, timesHelped*p.helped))
	}
	return min(patience, max(leastLadder, timesHelped*p.helped))
}

// cold reports whether the consumer may still be starting, if it answered so.
func (p *patient) cold(status int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.warm && !p.frozen && later(status)
}

// longest is the longest pause behind an answer.
func (p *patient) longest(status int) time.Duration {
	if p.cold(status) {
		return coldPause
	}
	return longestPause
}

// later reports whether a status says that it will be better after a while.
func later(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// enough reports whether a delivery was tried again for long enough: at least once, unless that never helps. Who answers may ask for
// more time.
func (p *patient) enough(a *emitter.Answer, spent time.Duration, attempts int) bool {
	ladder := p.ladder()
	switch {
	case ladder < patience:
	case p.cold(a.Status):
		ladder = coldPatience
	case a.RetryAfter > 0:
		ladder = max(ladder, min(a.RetryAfter, longestAsked)+longestPause)
	}
	return spent >= ladder && (attempts > 1 || ladder == 0)
}

// started tells that the consumer was started a moment ago.
func (p *patient) started() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.warm, p.start = false, time.Now()
}

// crash tells whether what is sent from now on has a crash in it.
func (p *patient) crash(is bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.crashes = is
}

// end takes into account how a delivery ended that began at a moment, and how long it was tried again.
func (p *patient) end(a *trial.Answer, fails bool, began time.Time, spent time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !fails:
		p.fails, p.dead, p.gone = 0, 0, false
		p.warm = p.warm || began.After(p.start) // not what was answered in the moment of a crash
		if a.Attempts > 1 {
			p.helped = max(p.helped, spent)
		}
	case !began.Before(p.failed):
		p.gone = strings.HasPrefix(a.Failure, string(emitter.ClassRefused))
		p.frozen = p.frozen || !p.warm && later(a.Status)
		p.fails++
		p.failures++
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

// forgive forgets what had no answer: the consumer may fail on nothing but what was sent.
func (p *patient) forgive() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangs, p.dead = 0, 0
}

// note takes an attempt into account, which began at a moment and may have had less time than usual.
func (p *patient) note(a *attempt, began time.Time, short bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case a.Failure.Class == emitter.ClassStopped:
		p.waited = time.Since(began)
	case a.Failure.Class != emitter.ClassTimeout && !(a.Status >= 500 && a.took > slowFailure):
		p.hangs = 0
	default:
		if short && a.Status == 0 {
			a.Failure.Text = "no complete response any more"
		}
		if !began.Before(p.last) {
			p.hangs++
			p.last = time.Now()
		}
	}
}
