package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// run is an active run: one goroutine walks its plan and waits for the moments.
type run struct {
	engine *Engine
	id     string
	walk   *plan.Walk // nil: planned again, once the run may go on
	life   context.Context
	end    context.CancelFunc
	done   chan struct{} // closed when the goroutine has ended
	well   *time.Timer   // until then, the run may be what ends the program
	memory int64         // bytes that it may take; 0: it is not planned yet

	mu       sync.Mutex
	state    store.Run
	held     bool          // no time passes, because the store takes nothing
	changed  chan struct{} // closed at the next change
	reported time.Time     // when listeners last got the position
}

// enter makes a run one of those that go on, if there is memory for it. Without a plan, it is planned again when it is played.
func (e *Engine) enter(now store.Run, p *plan.Plan, memory int64) (*run, error) {
	g := &run{engine: e, id: now.ID, state: now, done: make(chan struct{}), changed: make(chan struct{})}
	e.mu.Lock()
	defer e.mu.Unlock()
	g.held = e.held
	if p != nil {
		if err := e.fits(memory); err != nil {
			return nil, err
		}
		g.walk, g.memory = p.Walk(), memory
		g.walk.Limit(memory)
	}
	g.life, g.end = context.WithCancel(e.life)
	g.well = time.AfterFunc(wellAfter, g.wentWell)
	e.runs[g.id] = g
	if order := now.Options.Order; order != "" {
		e.orders.Store(g.id, order == settings.NoOrder)
	}
	return g, nil
}

// leave takes a run away that was never played.
func (e *Engine) leave(g *run) {
	g.end()
	g.well.Stop()
	close(g.done)
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.runs, g.id)
	e.orders.Delete(g.id)
}

// play walks the plan to its end. It skips what was accepted before a restart; what fell due
// meanwhile follows at once.
func (g *run) play() {
	defer close(g.done)
	defer g.end()
	defer g.well.Stop()
	if !g.planned() {
		return
	}
	// A plan whose conversations begin all at once has much to do before its first notification.
	defer context.AfterFunc(g.life, g.walk.Stop)()
	g.mu.Lock()
	skip := g.state.Position
	g.mu.Unlock()
	place := uint64(0)
	burst := entry{run: g} // the notifications that leave together, mostly one
	for n := range g.walk.Notifications() {
		place++
		if place <= skip {
			at := g.moment(n.At)
			g.engine.observed.observe(g.engine, &entry{run: g, at: at}, &n, at, false)
			if g.life.Err() != nil {
				return
			}
			continue
		}
		if len(burst.notes) == 0 && !g.await(n.Due) {
			return
		}
		burst.add(n, g.moment(n.At))
		if burst.position = place; n.Follow > 0 {
			continue
		}
		if g.engine.intake.put(g.life, burst) != nil {
			return
		}
		burst = entry{run: g}
	}
	for g.life.Err() == nil {
		err := g.engine.intake.flush(g.life)
		if err == nil {
			err = g.complete()
		}
		if !inTrouble(err) {
			return
		}
		g.engine.pause(tryEvery)
	}
}

// complete ends a run whose plan was walked to its end, or to where it became too large.
func (g *run) complete() error {
	if err := g.walk.Err(); err != nil {
		return g.finish(store.RunFailed, err.Error())
	}
	return g.finish(store.RunEnded, "")
}

// planned makes the plan again after a restart. It reports false if the run ends instead. Of a run that is
// suspended nothing is planned before somebody resumes it.
func (g *run) planned() bool {
	if g.walk != nil {
		return true
	}
	suspended := func(s *store.Run) time.Duration {
		if s.State == store.RunPaused && s.Reason != "" {
			return time.Hour
		}
		return 0
	}
	if !g.wait(suspended) {
		return false
	}
	g.mu.Lock()
	now := g.state
	g.mu.Unlock()
	p, memory, err := g.engine.plan(g.life, now.Name+".yaml", &now)
	if err != nil {
		if g.life.Err() == nil { // what it names is gone, or this version reads it differently
			_ = g.finish(store.RunFailed, "it cannot go on: "+err.Error())
		}
		return false
	}
	g.engine.mu.Lock() // there was memory for it before
	g.walk, g.memory = p.Walk(), memory
	g.engine.mu.Unlock()
	g.walk.Limit(memory)
	return true
}

// await waits for a moment of the plan. It reports false if the run ends before.
func (g *run) await(due time.Duration) bool {
	return g.wait(func(s *store.Run) time.Duration {
		if s.State != store.RunGoing {
			return time.Hour // a paused run waits until something changes
		}
		return time.Until(momentOf(s, due))
	})
}

// wait waits as long as something says by what the run is now. It reports false if the run ends before.
func (g *run) wait(long func(*store.Run) time.Duration) bool {
	for g.life.Err() == nil {
		g.mu.Lock()
		changed, wait := g.changed, time.Hour
		if !g.held {
			wait = long(&g.state)
		}
		g.mu.Unlock()
		if wait <= 0 {
			return true
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-changed:
		case <-g.life.Done():
		}
		timer.Stop()
	}
	return false
}

// moment is the real moment of an offset in the plan, at most now.
func (g *run) moment(offset time.Duration) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.MinFunc([]time.Time{momentOf(&g.state, offset), time.Now()}, time.Time.Compare).UTC()
}

// momentOf is the real moment of an offset at the run's present speed.
func momentOf(r *store.Run, offset time.Duration) time.Time {
	if r.Speed >= emitter.Max {
		return r.Base
	}
	return r.Base.Add(scaled(offset-time.Duration(r.Offset), 1/r.Speed))
}

// advance notes that the plan was accepted up to a position.
func (g *run) advance(position uint64) {
	g.mu.Lock()
	g.state.Position = max(g.state.Position, position)
	now := g.state
	tell := time.Since(g.reported) >= time.Second
	if tell {
		g.reported = time.Now()
	}
	g.mu.Unlock()
	if tell {
		g.engine.Broadcast("run", now)
	}
}

// fail ends the run because its notifications cannot be stored.
func (g *run) fail(err error) {
	if g.engine.life.Err() == nil { // else it continues after the next Open
		_ = g.finish(store.RunFailed, err.Error()) // else it fails after the next Open
	}
}

// finish ends the run for good, unless that cannot be stored.
func (g *run) finish(state store.RunState, why string) error {
	g.mu.Lock()
	if g.isOver() {
		g.mu.Unlock()
		return nil
	}
	now := g.state
	g.rebase(time.Now())
	now.Base, now.Offset = g.state.Base, g.state.Offset
	now.State, now.Error, now.Ended = state, why, time.Now().UTC()
	now.Reason, now.Begun = "", 0
	if err := g.engine.store.SaveRun(context.WithoutCancel(g.life), now); err != nil {
		g.mu.Unlock()
		g.engine.logError("a run cannot be kept", err)
		return err
	}
	g.state = now
	g.mu.Unlock()
	g.engine.mu.Lock()
	delete(g.engine.runs, g.id)
	g.engine.mu.Unlock()
	g.end()
	g.engine.Broadcast("run", now)
	return nil
}

// hold lets no time of the plan pass, or lets it pass again, from where it was.
func (g *run) hold(held bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held == held {
		return
	}
	g.rebase(time.Now())
	g.held = held
	close(g.changed)
	g.changed = make(chan struct{})
}

// save stores from where the time of the plan passes again, which matters after the program was
// killed: else what fell due while the run was held would follow at once.
func (g *run) save() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.isOver() {
		return
	}
	if err := g.engine.store.SaveRun(context.WithoutCancel(g.life), g.state); err != nil {
		g.engine.logError("a run cannot be kept", err)
	}
}

func (g *run) isOver() bool {
	return g.state.State != store.RunGoing && g.state.State != store.RunPaused
}

// rebase makes now the moment from which moments of the plan are counted.
func (g *run) rebase(now time.Time) {
	if g.held {
		g.state.Base = now.UTC()
		return
	}
	rebase(&g.state, now)
}

// rebase does the same to a run for which time passes.
func rebase(r *store.Run, now time.Time) {
	if r.State == store.RunGoing && r.Speed < emitter.Max {
		r.Offset += int64(scaled(now.Sub(r.Base), r.Speed))
	}
	r.Base = now.UTC()
}

// ErrEnded means that the run or conversation has ended already.
var ErrEnded = errors.New("it is over")

// errClosed means that the engine has ended.
var errClosed = fmt.Errorf("the sandbox is closing: %w", context.Canceled)

// PauseRun pauses a run. It, ResumeRun, StopRun and SetRunSpeed fail with store.ErrNotFound or,
// if the run has ended, with ErrEnded; an invalid speed is an *Invalid.
func (e *Engine) PauseRun(ctx context.Context, id string) (store.Run, error) {
	return e.steer(ctx, id, func(s *store.Run) { s.State, s.Begun = store.RunPaused, 0 })
}

// ResumeRun continues a paused run where it was.
func (e *Engine) ResumeRun(ctx context.Context, id string) (store.Run, error) {
	return e.steer(ctx, id, func(s *store.Run) { s.State, s.Reason, s.Begun = store.RunGoing, "", 1 })
}

// SetRunSpeed sets how many seconds of the plan pass in a real second, from now on.
func (e *Engine) SetRunSpeed(ctx context.Context, id string, speed float64) (store.Run, error) {
	if err := checkSpeed(speed); err != nil {
		return store.Run{}, err
	}
	return e.steer(ctx, id, func(s *store.Run) { s.Speed = speed })
}

// StopRun ends a run early. Its notifications so far are still delivered.
func (e *Engine) StopRun(ctx context.Context, id string) (store.Run, error) {
	g, err := e.activeRun(ctx, id)
	if err != nil {
		return store.Run{}, err
	}
	if err := g.finish(store.RunStopped, ""); err != nil { // from here on it is stopped, even if the client leaves
		return store.Run{}, err
	}
	<-g.done
	if err := e.intake.flush(context.WithoutCancel(ctx)); err != nil && !inTrouble(err) { // what is not kept then is dropped
		return store.Run{}, err
	}
	e.observed.cut(e, id)
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state, nil
}

// steer changes a run and stores it.
func (e *Engine) steer(ctx context.Context, id string, how func(*store.Run)) (store.Run, error) {
	g, err := e.activeRun(ctx, id)
	if err != nil {
		return store.Run{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.isOver() {
		return g.state, ErrEnded
	}
	before := g.state
	g.rebase(time.Now())
	how(&g.state)
	if err := e.store.SaveRun(ctx, g.state); err != nil {
		g.state = before
		return before, err
	}
	close(g.changed)
	g.changed = make(chan struct{})
	g.well.Reset(wellAfter)
	e.Broadcast("run", g.state)
	return g.state, nil
}

// activeRun finds a run that has not ended.
func (e *Engine) activeRun(ctx context.Context, id string) (*run, error) {
	e.mu.Lock()
	g := e.runs[id]
	e.mu.Unlock()
	if g != nil {
		return g, nil
	}
	if _, err := e.store.Run(ctx, id); err != nil {
		return nil, err
	}
	return nil, ErrEnded
}
