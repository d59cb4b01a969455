package engine

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// Play is a request to play a scenario or workload.
type Play struct {
	Name    string    // ready-made or stored; or
	Source  string    // the YAML text
	Speed   float64   // seconds of the plan in a real second; 0: 1
	Seed    *uint64   // nil: any
	Start   time.Time // of the plan; zero: now at speed 1, otherwise so that it ends now
	Options store.Playing
}

// StartRun begins a run. Faults of the text are scenario.Faults; other mistakes are an
// *Invalid, and an unknown name is store.ErrNotFound.
func (r *Room) StartRun(ctx context.Context, p Play) (store.Run, error) {
	if p.Speed == 0 {
		p.Speed = 1
	}
	if err := checkSpeed(p.Speed); err != nil {
		return store.Run{}, err
	}
	name, text, err := r.source(ctx, &p)
	if err != nil {
		return store.Run{}, err
	}
	run := store.Run{ID: newID(time.Now()), Source: text, Options: p.Options, State: store.RunGoing,
		Start: p.Start, Speed: p.Speed, Seed: newSeed(), Created: time.Now().UTC()}
	if p.Seed != nil {
		run.Seed = *p.Seed
	}
	built, err := r.build(ctx, name, &run)
	if err != nil {
		return store.Run{}, err
	}
	run.Start = built.Start()
	run.Base = time.Now().UTC()
	if r.life.Err() != nil {
		return store.Run{}, errClosed
	}
	if err := r.store.SaveRun(ctx, run); err != nil {
		return store.Run{}, err
	}
	g := r.newGoing(run, built)
	g.begin()
	r.bell.ring("run", run)
	return run, nil
}

// build plans a run from what is kept of it, the same one every time. It fills in its name.
func (r *Room) build(ctx context.Context, name string, run *store.Run) (*plan.Plan, error) {
	doc, err := r.document(ctx, name, run.Source)
	if err != nil {
		return nil, err
	}
	if doc.Workload != nil {
		run.Name = doc.Workload.Name
	} else {
		run.Name = doc.Scenario.Name
	}
	return r.newPlan(doc, run)
}

// newSeed is as good as any other: the run keeps it.
func newSeed() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}
