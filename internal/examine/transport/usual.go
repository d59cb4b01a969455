package transport

import (
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
