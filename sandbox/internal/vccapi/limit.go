package vccapi

import (
	"math"
	"sync"
	"time"
)

// Limit bounds requests, those for tokens apart from the others. The vendor's figures are not
// public; the zero value lets a script that sets up hundreds of subscriptions through.
type Limit struct {
	PerSecond float64 // in the long run; 0: 100
	Burst     int     // at once; 0: 500
}

// bucket is a token bucket: it leaks in what PerSecond says and holds Burst at most.
type bucket struct {
	now  func() time.Time
	rate float64
	most float64

	mu   sync.Mutex
	left float64
	at   time.Time
}

func newBucket(l Limit, now func() time.Time) *bucket {
	if l.PerSecond <= 0 {
		l.PerSecond = 100
	}
	if l.Burst <= 0 {
		l.Burst = 500
	}
	return &bucket{now: now, rate: l.PerSecond, most: float64(l.Burst), left: float64(l.Burst), at: now()}
}

// take lets one request through, or says after how many whole seconds the next one may come.
func (b *bucket) take() (wait int, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if d := now.Sub(b.at); d > 0 { // a clock that was set back gives nothing
		b.left = min(b.most, b.left+b.rate*d.Seconds())
	}
	b.at = now
	if b.left < 1 {
		return int(math.Ceil((1 - b.left) / b.rate)), false
	}
	b.left--
	return 0, true
}
