package transport

import (
	"context"
	"runtime"
	"slices"
	"time"
)

// recent is how many of the last answers say how long one usually takes.
const recent = 63

// answered notes how long an answer took.
func (t *Transport) answered(took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.took = append(t.took, took); len(t.took) > recent {
		t.took = slices.Delete(t.took, 0, 1)
	}
}

// usually is the median of what the last answers took; 0 without any.
func (t *Transport) usually() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.took) == 0 {
		return 0
	}
	all := slices.Sorted(slices.Values(t.took))
	return all[len(all)/2]
}

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
