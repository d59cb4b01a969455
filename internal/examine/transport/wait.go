package transport

import (
	"context"
	"runtime"
	"time"
)

// coarse is how long a wait is at least for which a timer is exact enough: it may fire more than a millisecond late, which is longer than
// quick consumers need for an answer.
const coarse = 2 * time.Millisecond

// still is how often the clock is read that does not move before a timer is used after all: virtual time stands while somebody is at work.
const still = 10_000

// wait returns after d, exactly also where d is short.
func wait(ctx context.Context, d time.Duration) {
	begun, passed, same := time.Now(), time.Duration(0), 0
	for d <= coarse && passed < d && same < still && ctx.Err() == nil {
		runtime.Gosched()
		if now := time.Since(begun); now > passed {
			passed, same = now, 0
		}
		same++
	}
	if passed < d {
		sleep(ctx, d-passed)
	}
}
