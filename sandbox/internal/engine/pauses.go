package engine

import (
	"math"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// calm is how long a store must have taken everything before a pause at its limit is told as over: under a load that consumers cannot
// keep up with, the limit is met and left again every few seconds.
const calm = 10 * time.Second

// pauses chooses what the terminal is told of the store. The zero value is ready.
type pauses struct {
	status string    // of the pause that was told; empty: of none, or that it is over
	last   time.Time // when it was seen last
	warned bool      // that the store is tight: it may be so again and again
}

// lines are what is to be told when the store is so.
func (p *pauses) lines(now Storage, at time.Time) (lines []string) {
	if now.Paused {
		if p.last = at; now.Status != p.status {
			p.status = now.Status
			lines = append(lines, "paused: "+now.Reason)
		}
		return lines
	}
	if p.status != "" && p.left(at) <= 0 {
		p.status = ""
		lines = append(lines, "the state takes everything again; what was paused goes on")
	}
	if now.Status == storageTight && !p.warned {
		p.warned = true
		lines = append(lines, "warning: "+now.Reason)
	}
	return lines
}

// left is how long it takes until there is something to tell, if nothing changes until then.
func (p *pauses) left(at time.Time) time.Duration {
	switch p.status {
	case "":
		return math.MaxInt64
	case string(store.OverLimit):
		return p.last.Add(calm).Sub(at)
	}
	return 0
}
