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

// wait returns after d, exactly also where d is short.
func wait(ctx context.Context, d time.Duration) {
	if d > coarse {
		sleep(ctx, d)
		return
	}
	for begun := time.Now(); time.Since(begun) < d && ctx.Err() == nil; {
		runtime.Gosched()
	}
}
