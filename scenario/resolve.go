package scenario

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// Files gives a workload what it names. Each function returns a text and the name that it
// has in errors; this package opens no file itself.
type Files struct {
	Story func(scenario string) (name string, text []byte, err error)       // a ready-made name or a path, as in the mix
	Table func(path string, most int) (name string, text []byte, err error) // a CSV file of at most so many bytes; more may be cut off
}

// Resolve completes a workload: it parses the scenarios of the mix, reads the files that
// the workload names, and makes stretches of its arrivals. An error contains the Problems of
// the workload and of all those files.
func (w *Workload) Resolve(files Files) error {
	r := resolving{Workload: w, File: w.file.Copy(), files: files, told: map[string]bool{}}
	r.mix()
	r.arrivals()
	w.Agents = table(&r, w.AgentsFrom, MaxAgentsFile, ReadAgents)
	w.ConversationIDs = table(&r, w.IDsFrom, MaxIDsFile, ReadConversationIDs)
	if w.AgentCount == 0 {
		w.AgentCount = len(w.Agents)
	}
	var all Problems
	if errors.As(r.Err(), &all) {
		r.others = append(all, r.others...)
	}
	if len(r.others) > 0 {
		return r.others
	}
	return nil
}

// resolving is a workload that is being completed. Problems of the workload collect in the
// file, those of the files that it names in others.
type resolving struct {
	*Workload
	*source.File
	files  Files
	others Problems
	told   map[string]bool // of them
}

// note keeps the problems of another file.
func (r *resolving) note(err error) {
	var problems Problems
	if errors.As(err, &problems) {
		for _, p := range problems { // a scenario may be there with several sets of values
			if !r.told[p.Error()] {
				r.told[p.Error()], r.others = true, append(r.others, p)
			}
		}
	}
}

// table reads a file that the workload names, if it names one; nil where that failed.
func table[T any](r *resolving, ref FileRef, most int, parse func(name string, text []byte) ([]T, error)) []T {
	if ref.Path == "" {
		return nil
	}
	name, text, err := r.files.Table(ref.Path, most+1)
	if err != nil {
		r.Errorf(ref.Pos, "%v", err)
		return nil
	}
	all, err := parse(name, text)
	r.note(err)
	return all
}

// mix parses the scenarios, each once for the values that are set, as long as there are not too many operations in them.
func (r *resolving) mix() {
	parsed, operations := map[string]*Scenario{}, 0
	r.Scenarios = nil
	for _, part := range r.Mix {
		if operations > maxMixed {
			r.Errorf(part.Pos, "mix: the scenarios before this one take more than %d operations, each counted once for the values that are set", maxMixed).
				Hint = "a step is one to nine operations: play fewer or shorter scenarios together, or with fewer different values"
			r.Scenarios = append(r.Scenarios, nil)
			return
		}
		key := fmt.Sprintf("%q %+v", part.Scenario, part.Set)
		sc, known := parsed[key]
		if !known {
			sc = r.story(part)
			parsed[key] = sc
			if sc != nil {
				operations += len(story.Ops(sc.Program))
				r.misset(part.Set, sc)
				r.note(sc.CheckUnder(r.Assume))
				sc.strangers(r.File, r.Expect, sc.Name, "put what only some scenarios can fulfil into their own expect")
			}
		}
		r.Scenarios = append(r.Scenarios, sc)
	}
	if !slices.Contains(r.Scenarios, nil) {
		r.misset(r.Set, r.Scenarios...)
	}
}

func (r *resolving) story(part Part) *Scenario {
	name, text, err := r.files.Story(part.Scenario)
	if err != nil {
		r.Errorf(part.Pos, "mix: %v", err)
		return nil
	}
	values := r.values
	values.Set = slices.Concat(r.Set, part.Set, values.Set)
	doc, err := values.ParseDocument(name, text)
	r.note(err)
	if doc.Workload != nil {
		r.Errorf(part.Pos, "mix: %s is a workload; want a scenario", part.Scenario).Hint = "write the scenarios of its mix here"
	}
	return doc.Scenario
}

// arrivals makes stretches of what the workload says about arrivals.
func (r *resolving) arrivals() {
	r.Stretches = nil
	for i := range r.Arrivals {
		a := &r.Arrivals[i]
		if a.pieces() > maxStretches {
			r.Errorf(a.Pos, "arrivals: the wave repeats more than %d times", maxStretches/knots).Hint = "use a larger every, or a shorter over"
			continue
		}
		r.Stretches = append(r.Stretches, r.stretches(a)...)
	}
	if len(r.Arrivals) == 0 || r.Err() != nil || r.others != nil {
		return
	}
	if len(r.Stretches) > maxStretches {
		r.Errorf(r.Arrivals[0].Pos, "arrivals: more than %d stretches", maxStretches)
	}
	for _, s := range r.Stretches {
		if !s.From.IsZero() || !s.To.IsZero() {
			return
		}
	}
	r.Errorf(r.Arrivals[0].Pos, "arrivals: nothing ever begins, since all rates are 0")
}

func (r *resolving) stretches(a *Arrival) []Stretch {
	switch {
	case a.CSV.Path != "":
		return r.curve(a)
	case a.Steps != nil:
		var all []Stretch
		for _, rate := range a.Steps {
			all = append(all, Stretch{From: rate, To: rate, Over: a.Each, Poisson: a.Poisson})
		}
		return all
	case a.Every > 0:
		return a.waves()
	}
	return []Stretch{{From: a.From, To: a.To, Over: a.Over, Poisson: a.Poisson}}
}

func (r *resolving) curve(a *Arrival) []Stretch {
	points := table(r, a.CSV, maxCurve, parseCurve)
	if points == nil {
		return nil
	}
	if length := points[len(points)-1].at - points[0].at; a.Over > length {
		r.Errorf(a.Pos, "arrivals: over is %s, but %s ends after %s", show.Brief(a.Over), a.CSV.Path, show.Brief(length)).
			Hint = "leave over out to play the whole curve, or add another entry behind it"
		return nil
	}
	return curve(points, a.Over, a.Poisson)
}
