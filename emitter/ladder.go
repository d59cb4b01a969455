package emitter

import (
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
)

// The retry ladder, in the plan's time. Assumption: only the 24 hours are documented.
const (
	firstWait   = 5 * time.Second
	longestWait = 15 * time.Minute
)

// ladderWait is how long a notification waits after its attempt number n, from 1, failed.
func ladderWait(n int) time.Duration {
	const doublings = 8 // 5 s doubled eight times is over 15 min
	if n > doublings {
		return longestWait
	}
	return min(firstWait<<(n-1), longestWait)
}

// retry plans the next attempt of d, whose attempt just failed at moment now. It reports
// false when that would be more than limit after the first attempt.
//
// At speed Max no time passes between attempts, so the waits of the ladder are what counts.
func (d *delivery) retry(p *pace.Pace, now time.Time, atLeast, limit time.Duration) bool {
	wait := max(ladderWait(d.attempts), atLeast)
	d.waited += wait
	if p.Timeless() {
		d.due = now
		return d.waited <= limit
	}
	d.offset = p.Offset(now) + wait
	d.due = p.Moment(d.offset)
	return d.offset-d.first <= limit
}
