package engine

import (
	"context"
	"sync/atomic"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// Bounds of the runs that go on, paused ones included. Each of them survives a restart, so that there must be memory for
// all of them together at any time.
const (
	mostGoing    = 200       // runs
	memoryOfRuns = 256 << 20 // bytes for what is alive in all of them, and for their scenarios
	leastMemory  = 256 << 10 // bytes of one of them
)

// memoryForQueue is what a run may take at least in which conversations wait for agents, in bytes: how many do, only time tells.
var memoryForQueue int64 = 8 << 20

// plan plans a run, one at a time: what that takes on the way is many times what is left of it. It ends with ctx, and with the engine.
// Memory is how much memory the run may take from now on.
func (e *Engine) plan(ctx context.Context, name string, run *store.Run) (p *plan.Plan, memory int64, err error) {
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
	memory = max(leastMemory, 2*p.Memory())
	if p.Queues() {
		memory = max(memory, memoryForQueue)
	}
	return p, min(memory, memoryOfRuns), nil
}

// fits refuses a run for which there is no memory beside those that go on. The engine is locked.
func (e *Engine) fits(memory int64) error {
	taken := int64(0)
	for _, g := range e.runs {
		taken += g.memory
	}
	switch {
	case len(e.runs) >= mostGoing:
		return invalid("runs", "%d go on already, the maximum; stop one first", mostGoing)
	case taken+memory > memoryOfRuns:
		return invalid("runs", "this one takes up to %d MiB of memory, and those that go on up to %d MiB of the %d MiB that there are for all of them; stop one first, or let fewer conversations be alive at once",
			mib(memory), mib(taken), mib(memoryOfRuns))
	}
	return nil
}

// mib is a number of bytes in MiB, rounded up.
func mib(n int64) int64 { return (n + 1<<20 - 1) >> 20 }
