package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenarios"
)

// source finds the text of what is to be played, and its name in errors: a stored scenario
// goes before a ready-made one.
func (r *Room) source(ctx context.Context, p *Play) (name, text string, err error) {
	if p.Source != "" {
		if p.Name != "" {
			return "", "", invalid("scenario", "want either the name of a scenario or its text, got both")
		}
		return "scenario.yaml", p.Source, nil
	}
	if p.Name == "" {
		return "", "", invalid("scenario", "want the name of a scenario, or its text")
	}
	stored, err := r.store.Scenarios(ctx)
	if err != nil {
		return "", "", err
	}
	if text, ok := stored[p.Name]; ok {
		return p.Name + ".yaml", text, nil
	}
	ready, err := scenarios.Source(p.Name)
	if err != nil {
		return "", "", fmt.Errorf("no scenario is called %q: %w", p.Name, store.ErrNotFound)
	}
	return p.Name + ".yaml", string(ready), nil
}

// document parses what is to be played, with all that a workload names.
func (r *Room) document(ctx context.Context, name, text string) (scenario.Document, error) {
	doc, err := scenario.ParseDocument(name, []byte(text))
	if err != nil || doc.Workload == nil {
		return doc, err
	}
	stored, err := r.store.Scenarios(ctx)
	if err != nil {
		return doc, err
	}
	return doc, doc.Workload.Resolve(scenario.Files{
		Story: func(name string) (string, []byte, error) {
			if text, ok := stored[name]; ok {
				return name + ".yaml", []byte(text), nil
			}
			text, err := scenarios.Source(name)
			return name + ".yaml", text, err
		},
		Table: func(path string, _ int) (string, []byte, error) {
			return "", nil, fmt.Errorf("a workload in the sandbox has no file %q beside it", path)
		},
	})
}

// newPlan plans a document. Where start is zero, it is now at speed 1, and otherwise so long
// ago that the last notification is sent now: nothing lies in the future.
func newPlan(doc scenario.Document, o plan.Options, speed float64) (*plan.Plan, error) {
	scs := []*scenario.Scenario{doc.Scenario}
	if w := doc.Workload; w != nil {
		scs = w.Scenarios
		workload(w, &o)
	}
	given := !o.Start.IsZero()
	if !given {
		o.Start = time.Now().UTC().Truncate(time.Millisecond)
	}
	p, err := plan.NewMix(scs, o)
	if err == nil && !given && speed != 1 {
		o.Start = o.Start.Add(-p.Length()).Truncate(time.Millisecond)
		p, err = plan.NewMix(scs, o)
	}
	var own *Invalid
	if err != nil && !errors.As(err, &own) {
		err = invalid("options", "%v", err)
	}
	return p, err
}

// workload adds to the options what a workload says. Options stand over it.
func workload(w *scenario.Workload, o *plan.Options) {
	o.Assume = w.Assume.Over(o.Assume)
	o.Faults = append(slices.Clone(w.Faults), o.Faults...)
	for _, part := range w.Mix {
		o.Weights = append(o.Weights, part.Weight)
	}
	if o.Calls.IsZero() {
		o.Arrivals, o.Population = w.Stretches, w.Population
	}
	o.ConversationIDs = w.ConversationIDs
	if w.AgentCount == 0 {
		return
	}
	o.Pool = &plan.Pool{Count: w.AgentCount}
	if !w.Patience.IsZero() {
		o.Pool.Patience = &w.Patience
	}
	for _, a := range w.Agents {
		u := event.User{AgentID: a.AgentID}
		if a.UserID != "" {
			u.UserID, _ = event.ParseGUID(a.UserID) // it was read when the text was
		}
		o.Pool.Agents = append(o.Pool.Agents, u)
	}
	o.Pool.Agents = o.Pool.Agents[:min(o.Pool.Count, len(o.Pool.Agents))]
}

// options reads how a run is played.
func (r *Room) planOptions(p *store.Playing, population int) (o plan.Options, err error) {
	o.Count, o.Assume = p.Count, r.options.Assume
	if p.Versions != "" {
		if o.Versions, err = plan.ParseVersions(p.Versions); err != nil {
			return o, invalid("versions", "%v", err)
		}
	}
	if p.Calls != "" {
		if o.Calls, err = scenario.ParseRate(p.Calls); err == nil && o.Calls.IsZero() {
			err = errors.New("want a rate above 0")
		}
		if err != nil {
			return o, invalid("calls", "%v", err)
		}
	}
	if p.For != "" {
		if o.For, err = time.ParseDuration(p.For); err != nil || o.For <= 0 {
			return o, invalid("for", "want a time such as 10m, got %q", p.For)
		}
	}
	for _, text := range p.Faults {
		rule, err := scenario.ParseFault(text)
		if err != nil {
			return o, invalid("faults", "%v", err)
		}
		o.Faults = append(o.Faults, rule)
	}
	own := assume.Set{}
	for _, text := range p.Assume {
		name, value, found := strings.Cut(text, "=")
		if !found {
			return o, invalid("assume", "want NAME=VALUE, got %q", text)
		}
		if err := own.Change(name, value); err != nil {
			return o, invalid("assume", "%v", err)
		}
	}
	o.Assume = o.Assume.Over(own)
	return o, endless(&o, population)
}

// endless refuses traffic that nothing ends, and an end of what is no traffic.
func endless(o *plan.Options, population int) error {
	switch {
	case o.For > 0 || o.Count > 0:
		return nil
	case !o.Calls.IsZero():
		return invalid("calls", "a rate needs an end: say how long with for, or how many conversations with count")
	case population > 0:
		return invalid("options", "a population of %d conversations has no end of its own: say how long with for, or how many altogether with count", population)
	}
	return nil
}

// checkSpeed refuses what is no speed.
func checkSpeed(speed float64) error {
	if !(speed > 0) || math.IsInf(speed, 0) {
		return invalid("speed", "want a number above 0, got %v", speed)
	}
	return nil
}
