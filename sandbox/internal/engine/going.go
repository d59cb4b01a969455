package engine

import (
	"context"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// run is a run that goes on: one goroutine walks its plan and waits for moments.
type run struct {
	room *Room
	id   string
	plan *plan.Plan
	life context.Context
	end  context.CancelFunc
	over chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	now     store.Run
	changed chan struct{} // closed with the next change
	told    time.Time     // when listeners last heard of the position
}

// newGoing files a run; begin starts it.
func (r *Room) newGoing(now store.Run, p *plan.Plan) *run {
	g := &run{room: r, id: now.ID, plan: p, now: now, over: make(chan struct{}), changed: make(chan struct{})}
	g.life, g.end = context.WithCancel(r.life)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs[g.id] = g
	return g
}

func (g *run) begin() { go g.play() }

// play walks the plan to its end. What was accepted before a restart is not accepted again,
// and what fell due meanwhile is made up for at once.
func (g *run) play() {
	defer close(g.over)
	defer g.end()
	g.mu.Lock()
	skip := g.now.Position
	g.mu.Unlock()
	place := uint64(0)
	for n := range g.plan.Notifications() {
		place++
		if place <= skip {
			g.room.floor.note(g.room, &entry{note: &n, run: g, at: g.moment(n.At)}, nil)
			if g.life.Err() != nil {
				return
			}
			continue
		}
		if !g.await(n.Due) {
			return
		}
		note := n
		e := entry{note: &note, body: n.AppendBody(nil), at: g.moment(n.At), run: g, position: place}
		if g.room.intake.put(g.life, e) != nil {
			return
		}
	}
	if g.room.intake.flush(g.life) != nil {
		return
	}
	g.finish(store.RunEnded, "")
}

// await waits for a moment of the plan. It is false when the run ends before.
func (g *run) await(due time.Duration) bool {
	for {
		g.mu.Lock()
		paused, changed := g.now.State != store.RunGoing, g.changed
		wait := time.Until(momentOf(&g.now, due))
		g.mu.Unlock()
		if g.life.Err() != nil {
			return false
		}
		if !paused && wait <= 0 {
			return true
		}
		if paused {
			wait = time.Hour // until something changes
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-changed:
		case <-g.life.Done():
		}
		timer.Stop()
	}
}

// moment is the real moment of an offset in the plan, at most now.
func (g *run) moment(offset time.Duration) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if at := momentOf(&g.now, offset); at.Before(now) {
		return at.UTC()
	}
	return now.UTC()
}

// momentOf is the real moment of an offset at the run's present speed.
func momentOf(r *store.Run, offset time.Duration) time.Time {
	if r.Speed >= emitter.Max {
		return r.Base
	}
	return r.Base.Add(scaled(offset-time.Duration(r.Offset), 1/r.Speed))
}

// moved says that a part of the plan was accepted.
func (g *run) moved(position uint64) {
	g.mu.Lock()
	g.now.Position = max(g.now.Position, position)
	now := g.now
	tell := time.Since(g.told) >= time.Second
	if tell {
		g.told = time.Now()
	}
	g.mu.Unlock()
	if tell {
		g.room.bell.ring("run", now)
	}
}

// fail ends the run because its notifications cannot be kept.
func (g *run) fail(err error) {
	if g.room.life.Err() == nil { // else it goes on after the next Open
		g.finish(store.RunFailed, err.Error())
	}
}

// finish ends the run for good.
func (g *run) finish(state store.RunState, why string) {
	g.mu.Lock()
	if g.isOver() {
		g.mu.Unlock()
		return
	}
	g.rebase(time.Now())
	g.now.State, g.now.Error, g.now.Ended = state, why, time.Now().UTC()
	now := g.now
	g.mu.Unlock()
	if err := g.room.store.SaveRun(context.WithoutCancel(g.life), now); err != nil {
		g.room.trouble("a run cannot be kept", err)
	}
	g.room.mu.Lock()
	delete(g.room.runs, g.id)
	g.room.mu.Unlock()
	g.end()
	g.room.bell.ring("run", now)
}

func (g *run) isOver() bool { return g.now.State != store.RunGoing && g.now.State != store.RunPaused }

// rebase makes now the moment from which the others are counted.
func (g *run) rebase(now time.Time) {
	if g.now.State == store.RunGoing && g.now.Speed < emitter.Max {
		g.now.Offset += int64(scaled(now.Sub(g.now.Base), g.now.Speed))
	}
	g.now.Base = now.UTC()
}

// steer changes the run, and keeps it.
func (g *run) steer(ctx context.Context, how func(*store.Run)) (store.Run, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.isOver() {
		return g.now, ErrOver
	}
	before := g.now
	g.rebase(time.Now())
	how(&g.now)
	if err := g.room.store.SaveRun(ctx, g.now); err != nil {
		g.now = before
		return before, err
	}
	close(g.changed)
	g.changed = make(chan struct{})
	g.room.bell.ring("run", g.now)
	return g.now, nil
}
