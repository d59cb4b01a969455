package engine

import (
	"context"
	"sync/atomic"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// Bounds of the runs that go on, paused ones included. Each of them survives a restart, so that there must be room for
// all of them together at any time.
const (
	mostGoing    = 200       // runs
	memoryOfRuns = 256 << 20 // bytes for what is alive in all of them, and for their scenarios
	leastRoom    = 256 << 10 // bytes of one of them
)

// roomForQueue is what a run may take at least in which conversations wait for agents, in bytes: how many do, only time tells.
var roomForQueue int64 = 8 << 20

// plan plans a run, one at a time: what that takes on the way is many times what is left of it. It ends with ctx, and with the engine.
// Room is how much memory the run may take from now on.
func (e *Engine) plan(ctx context.Context, name string, run *store.Run) (p *plan.Plan, room int64, err error) {
	select {
	case e.planning <- struct{}{}:
		defer func() { <-e.planning }()
	case <-ctx.Done():
		return nil, 0, context.Cause(ctx)
	case <-e.life.Done():
		return nil, 0, errClosed
	}
	stop := &atomic.Bool{}
	end := func() { stop.Store(true) }
	left, closed := context.AfterFunc(ctx, end), context.AfterFunc(e.life, end)
	p, err = e.build(ctx, name, run, stop)
	switch goesOn, stays := closed(), left(); {
	case !goesOn:
		return nil, 0, errClosed
	case !stays:
		return nil, 0, context.Cause(ctx)
	case err != nil:
		return nil, 0, err
	}
	room = max(leastRoom, 2*p.Memory())
	if p.Queues() {
		room = max(room, roomForQueue)
	}
	return p, min(room, memoryOfRuns), nil
}

// hasRoom refuses a run for which there is no room beside those that go on. The engine is locked.
func (e *Engine) hasRoom(room int64) error {
	taken := int64(0)
	for _, g := range e.runs {
		taken += g.room
	}
	switch {
	case len(e.runs) >= mostGoing:
		return invalid("runs", "%d go on already, the maximum; stop one first", mostGoing)
	case taken+room > memoryOfRuns:
		return invalid("runs", "this one takes up to %d MiB of memory, and those that go on up to %d MiB of the %d MiB that there are for all of them; stop one first, or let fewer conversations be alive at once",
			mib(room), mib(taken), mib(memoryOfRuns))
	}
	return nil
}

// mib is a number of bytes in MiB, rounded up.
func mib(n int64) int64 { return (n + 1<<20 - 1) >> 20 }
