package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// ErrOver says that something has ended already.
var ErrOver = errors.New("it is over")

// errClosed says that the room ends.
var errClosed = fmt.Errorf("the sandbox is closing: %w", context.Canceled)

// PauseRun lets a run wait. It, ResumeRun, StopRun and SetRunSpeed fail with store.ErrNotFound
// or, if the run is over, with ErrOver; a bad speed is an *Invalid.
func (r *Room) PauseRun(ctx context.Context, id string) (store.Run, error) {
	return r.steer(ctx, id, func(s *store.Run) { s.State = store.RunPaused })
}

// ResumeRun lets a paused run go on where it was.
func (r *Room) ResumeRun(ctx context.Context, id string) (store.Run, error) {
	return r.steer(ctx, id, func(s *store.Run) { s.State = store.RunGoing })
}

// SetRunSpeed changes how many seconds of the plan pass in a real second, from now on.
func (r *Room) SetRunSpeed(ctx context.Context, id string, speed float64) (store.Run, error) {
	if err := checkSpeed(speed); err != nil {
		return store.Run{}, err
	}
	return r.steer(ctx, id, func(s *store.Run) { s.Speed = speed })
}

// StopRun ends a run before its end. What it has raised so far is still delivered.
func (r *Room) StopRun(ctx context.Context, id string) (store.Run, error) {
	g, err := r.going(ctx, id)
	if err != nil {
		return store.Run{}, err
	}
	g.end() // from here on a client that leaves changes nothing
	<-g.over
	if err := r.intake.flush(context.WithoutCancel(ctx)); err != nil {
		return store.Run{}, err
	}
	g.finish(store.RunStopped, "")
	r.floor.cut(r, id)
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now, nil
}

func (r *Room) steer(ctx context.Context, id string, how func(*store.Run)) (store.Run, error) {
	g, err := r.going(ctx, id)
	if err != nil {
		return store.Run{}, err
	}
	return g.steer(ctx, how)
}

// going finds a run that goes on.
func (r *Room) going(ctx context.Context, id string) (*run, error) {
	r.mu.Lock()
	g := r.runs[id]
	r.mu.Unlock()
	if g != nil {
		return g, nil
	}
	if _, err := r.store.Run(ctx, id); err != nil {
		return nil, err
	}
	return nil, ErrOver
}
