package pace

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Whichever way is waited, the same comes of it, and the report says which it was.
func TestBothWaysToWaitPlayThePlan(t *testing.T) {
	for _, way := range []Way{Timers, Kernel} {
		t.Run(fmt.Sprint(way), func(t *testing.T) {
			want := "timers"
			if way == Kernel && runtime.GOOS == "linux" && runtime.GOMAXPROCS(0) > 1 {
				want = "kernel sleep"
			}
			c := NewClock(time.Now(), 1)
			p, release := NewPacer(c, way)
			defer release()
			for _, offset := range []time.Duration{0, time.Millisecond, time.Millisecond, 40 * time.Millisecond, 41 * time.Millisecond} {
				moment, going := p.Until(t.Context(), offset)
				if now := time.Now(); !going || now.Before(moment) || !moment.Equal(c.Load().Moment(offset)) {
					t.Errorf("offset %v: woken at %v, going %v; want at %v or later", offset, now, going, moment)
				}
			}
			if got := p.Waited(); got != want {
				t.Errorf("waited by %q, want %q", got, want)
			}
		})
	}
}

// GOMAXPROCS belongs to the process: however many pacers come and go, it stays.
func TestAPacerLeavesTheProcessAlone(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	var pacing sync.WaitGroup
	for range 8 {
		pacing.Go(func() {
			p, release := NewPacer(NewClock(time.Now(), 1), Kernel)
			defer release()
			if got := p.Waited(); got != "timers" {
				t.Errorf("on one processor, waited by %q, want timers", got)
			}
			if got := runtime.GOMAXPROCS(0); got != 1 {
				t.Errorf("GOMAXPROCS is %d, want 1", got)
			}
		})
	}
	pacing.Wait()
	if got := runtime.GOMAXPROCS(0); got != 1 {
		t.Errorf("GOMAXPROCS is %d afterwards, want 1", got)
	}
}
