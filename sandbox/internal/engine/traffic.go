package engine

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
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
	stored, err := r.store.Scenario(ctx, p.Name)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return p.Name + ".yaml", stored, err
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
	return doc, doc.Workload.Resolve(Files(ctx, r.store))
}

// Files gives a workload the scenarios that it names: stored ones first, then ready-made ones.
// The sandbox reads no tables: files of the machine are none of a posted text's business.
func Files(ctx context.Context, s *store.Store) scenario.Files {
	return scenario.Files{
		Story: func(name string) (string, []byte, error) {
			text, err := s.Scenario(ctx, name)
			if err == nil || !errors.Is(err, store.ErrNotFound) {
				return name + ".yaml", []byte(text), err
			}
			ready, err := scenarios.Source(name)
			return name + ".yaml", ready, err
		},
		Table: func(path string, _ int) (string, []byte, error) {
			return "", nil, fmt.Errorf("the sandbox reads no files, so there is no %q", path)
		},
	}
}

// newPlan plans a document as a run wants it. What is wrong is an *Invalid.
func (r *Room) newPlan(doc scenario.Document, run *store.Run) (*plan.Plan, error) {
	p := &run.Options
	text := settings.Text{Versions: p.Versions, Count: p.Count, Calls: p.Calls, For: p.For, Faults: p.Faults, Assume: p.Assume}
	o, err := text.Options()
	if err != nil {
		return nil, problem(err)
	}
	o.Seed, o.Start, o.Assume = run.Seed, run.Start, r.options.Assume.Over(o.Assume)
	traffic := settings.TrafficOf(doc)
	if o, err = traffic.Options(o, settings.Pool{}); err != nil {
		return nil, problem(err)
	}
	planned, err := traffic.Plan(o, run.Speed)
	return planned, problem(err)
}

// problem is an error about the settings of a run as the API tells it.
func problem(err error) error {
	var p *settings.Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p):
		return invalid(string(p.Field), "%s", p.Advice(func(f settings.Field) string { return string(f) }))
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
