package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
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

// StartRun begins a run. Faults of the text are scenario.Problems; other mistakes are an
// *Invalid, and an unknown name is store.ErrNotFound.
func (e *Engine) StartRun(ctx context.Context, p Play) (store.Run, error) {
	p.Speed = cmp.Or(p.Speed, 1)
	if err := checkSpeed(p.Speed); err != nil {
		return store.Run{}, err
	}
	name, text, err := e.source(ctx, &p)
	if err != nil {
		return store.Run{}, err
	}
	e.mu.Lock()
	err = e.fits(leastMemory)
	e.mu.Unlock()
	if err != nil { // before anything is planned
		return store.Run{}, err
	}
	run := store.Run{ID: newID(time.Now()), Source: text, Options: p.Options, State: store.RunGoing, Begun: 1,
		Start: p.Start, Speed: p.Speed, Seed: newSeed(), Created: time.Now().UTC()}
	if p.Seed != nil {
		run.Seed = *p.Seed
	}
	if run.Options.Order == "" && e.options.Unordered { // kept, so that it goes on as it began
		run.Options.Order = settings.NoOrder
	}
	built, memory, err := e.plan(ctx, name, &run)
	if err != nil {
		return store.Run{}, err
	}
	run.Start = built.Start()
	run.Base = time.Now().UTC()
	if e.life.Err() != nil {
		return store.Run{}, errClosed
	}
	g, err := e.enter(run, built, memory)
	if err != nil {
		return store.Run{}, err
	}
	if err := e.store.SaveRun(ctx, run); err != nil {
		e.leave(g)
		return store.Run{}, err
	}
	go g.play()
	e.Broadcast("run", run)
	return run, nil
}

// build plans a run from what is kept of it, the same one every time. It fills in its name.
func (e *Engine) build(ctx context.Context, name string, run *store.Run, stop *atomic.Bool) (*plan.Plan, error) {
	values := ValuesOf(run.Options.Set, "options.set")
	doc, err := values.ParseDocument(name, []byte(run.Source))
	switch {
	case err != nil:
		return nil, err
	case doc.Workload == nil:
		run.Name = doc.Scenario.Name
	default:
		if err := doc.Workload.Resolve(Files(ctx, e.store)); err != nil {
			return nil, err
		}
		run.Name = doc.Workload.Name
	}
	if err := values.Check(settings.TrafficOf(doc).Scenarios...); err != nil {
		return nil, invalid("options.set", "%v", err)
	}
	return e.newPlan(doc, run, stop)
}

// ValuesOf are values of parameters; from is the member that has them. No variable of the
// environment is read: those of the machine are none of a posted text's business.
func ValuesOf(set map[string]string, from string) (v scenario.Values) {
	for _, name := range slices.Sorted(maps.Keys(set)) {
		v.Set = append(v.Set, scenario.Param{Name: name, Value: set[name], From: from})
	}
	return v
}

// newSeed is as good as any other: the run keeps it.
func newSeed() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])
}

// source finds the text of what is to be played, and its name in errors.
func (e *Engine) source(ctx context.Context, p *Play) (name, text string, err error) {
	switch {
	case p.Source != "" && p.Name != "":
		return "", "", invalid("scenario", "want either the name of a scenario or its text, got both")
	case p.Source != "":
		return "scenario.yaml", p.Source, nil
	case p.Name == "":
		return "", "", invalid("scenario", "want the name of a scenario, or its text")
	}
	name, found, err := find(ctx, e.store, p.Name)
	if _, unknown := errors.AsType[*scenarios.UnknownError](err); unknown {
		err = fmt.Errorf("no scenario is called %q: %w", p.Name, store.ErrNotFound)
	}
	return name, string(found), err
}

// find returns the text of a scenario, a stored one before a ready-made one, and its name in errors.
func find(ctx context.Context, s *store.Store, name string) (string, []byte, error) {
	text, err := s.Scenario(ctx, name)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return name + ".yaml", []byte(text), err
	}
	ready, err := scenarios.Source(name)
	return name + ".yaml", ready, err
}

// Files gives a workload the scenarios that it names: stored ones first, then ready-made ones.
// The sandbox reads no tables: files of the machine are none of a posted text's business.
func Files(ctx context.Context, s *store.Store) scenario.Files {
	return scenario.Files{
		Story: func(name string) (string, []byte, error) { return find(ctx, s, name) },
		Table: func(path string, _ int) (string, []byte, error) {
			return "", nil, fmt.Errorf("the sandbox reads no files, so there is no %q", path)
		},
	}
}

// newPlan plans a document as a run wants it. What is wrong is an *Invalid.
func (e *Engine) newPlan(doc scenario.Document, run *store.Run, stop *atomic.Bool) (*plan.Plan, error) {
	o, err := options(run.Options)
	if err != nil {
		return nil, err
	}
	o.Seed, o.Start, o.Assume = run.Seed, run.Start, e.options.Assume.Over(o.Assume)
	o.Memory, o.Stop = memoryOfRuns, stop
	traffic := settings.TrafficOf(doc)
	if o, err = traffic.Options(o, settings.Pool{}); err != nil {
		return nil, problem(err)
	}
	planned, err := traffic.Plan(o, run.Speed)
	return planned, problem(err)
}

// CheckOptions checks each option for itself. The error joins an *Invalid for each problem.
func CheckOptions(p store.Playing) error {
	_, err := options(p)
	return errors.Join(err, CheckSet(p.Set, "options.set"))
}

// mostSet is how many parameters may be given at once, as many as a scenario has at most.
const mostSet = 100

// CheckSet refuses values of too many parameters; from is the member that has them.
func CheckSet(set map[string]string, from string) error {
	if len(set) > mostSet {
		return invalid(from, "want at most %d parameters, got %d", mostSet, len(set))
	}
	return nil
}

func options(p store.Playing) (plan.Options, error) {
	text := settings.Text{Versions: p.Versions, Count: p.Count, Calls: p.Calls, For: p.For, Order: p.Order, Faults: p.Faults, Assume: p.Assume}
	o, err := text.Options()
	return o, problem(err)
}

// problem is an error about the settings of a run as the API tells it, each of those it joins.
func problem(err error) error {
	if all, several := err.(interface{ Unwrap() []error }); several {
		var told error
		for _, err := range all.Unwrap() {
			told = errors.Join(told, problem(err))
		}
		return told
	}
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*settings.Problem](err); ok {
		if p.Field == settings.Start {
			return invalid("speed", "%s; want 1, or fewer conversations", p.Reason) // no request has a start
		}
		return invalid("options."+string(p.Field), "%s", p.Advice(func(f settings.Field) string { return string(f) }))
	}
	return invalid("options", "%v", err)
}

// checkSpeed refuses what is no speed.
func checkSpeed(speed float64) error {
	if !(speed > 0) || math.IsInf(speed, 0) {
		return invalid("speed", "want a number above 0, got %v", speed)
	}
	return nil
}
