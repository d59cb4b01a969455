package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/scenario"
)

// The kinds of texts.
const (
	kindScenario = "scenario"
	kindWorkload = "workload"
)

// fileName is the name of a posted text in its problems.
const fileName = "scenario.yaml"

// place is a problem of a YAML text.
type place struct {
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in characters
	Text   string `json:"text"`   // what is wrong, and what was wanted
	Hint   string `json:"hint"`   // how to solve it, or ""
}

func places(found scenario.Problems) []place {
	all := make([]place, 0, len(found))
	for _, f := range found {
		all = append(all, place{f.Pos.Line, f.Pos.Column, f.What, f.Hint})
	}
	return all
}

// yamlOf reads a body of the form {"yaml": "…"}.
func yamlOf(r *http.Request) (string, error) {
	var in struct {
		YAML *string `json:"yaml"`
	}
	return textOf(decode(r, &in), &in.YAML)
}

// textOf is the text of a scenario or workload that a body has.
func textOf(p *problems, yaml **string) (string, error) {
	if *yaml == nil {
		p.add(malformed("yaml: missing; it is the text of a scenario or workload"))
	}
	if err := p.err(); err != nil {
		return "", err
	}
	return **yaml, nil
}

// parse reads a text with all scenarios that a workload names. Problems of the text are a
// scenario.Problems.
func (h *handler) parse(ctx context.Context, source string, values scenario.Values) (scenario.Document, error) {
	doc, err := values.ParseDocument(fileName, []byte(source))
	if err == nil && doc.Workload != nil {
		err = doc.Workload.Resolve(engine.Files(ctx, h.Store))
	}
	if err != nil && !errors.As(err, new(scenario.Problems)) {
		err = invalid("%v", err)
	}
	return doc, err
}

func titled(doc scenario.Document) (name, story, kind string) {
	if doc.Workload != nil {
		return doc.Workload.Name, doc.Workload.Story, kindWorkload
	}
	return doc.Scenario.Name, doc.Scenario.Story, kindScenario
}

// misnamed is the problem of a text that is saved under another name than its own: its runs
// would be mistaken for those of the other.
func misnamed(source, its, wanted string) *scenario.Problem {
	f := &scenario.Problem{
		File: fileName,
		What: fmt.Sprintf("the text is named %q, but saved as %q", its, wanted),
		Hint: fmt.Sprintf("write name: %s, or save it as %s", wanted, its),
	}
	f.Pos.Line, f.Pos.Column = 1, 1
	for i, line := range strings.Split(source, "\n") {
		if strings.HasPrefix(line, "name:") {
			f.Pos.Line, f.Line = i+1, line
			break
		}
	}
	return f
}

// checked is the result of a check.
type checked struct {
	Name     string   `json:"name"`
	Story    string   `json:"story"`
	Kind     string   `json:"kind"` // scenario, workload, or "" if the text has problems
	Problems []place  `json:"problems"`
	Warnings []string `json:"warnings,omitempty"` // what has no effect, or another one than expected
	Params   []param  `json:"params"`
	Timeline []moment `json:"timeline"`
	Lanes    []lane   `json:"lanes"`
}

// check checks a text for an editor: problems are part of the result, not an error.
func (h *handler) check(r *http.Request) (any, error) {
	var in struct {
		YAML *string           `json:"yaml"`
		Set  map[string]string `json:"set"`
	}
	p := decode(r, &in)
	p.add(engine.CheckSet(in.Set, "set"))
	source, err := textOf(p, &in.YAML)
	if err != nil {
		return nil, err
	}
	values := engine.ValuesOf(in.Set, "set")
	c := checked{Problems: []place{}, Params: []param{}, Timeline: []moment{}, Lanes: []lane{}}
	doc, err := h.parse(r.Context(), source, values)
	if found, is := errors.AsType[scenario.Problems](err); is {
		c.Problems = places(found)
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	c.Name, c.Story, c.Kind = titled(doc)
	c.Warnings = warnings(doc)
	if err := values.Check(settings.TrafficOf(doc).Scenarios...); err != nil { // somebody may be about to rename it
		c.Warnings = append(c.Warnings, "set: "+err.Error())
	}
	c.Params = paramsOf(doc)
	if doc.Scenario != nil {
		if c.Timeline, c.Lanes, err = draw(doc.Scenario); err != nil {
			return nil, invalid("%v", err)
		}
	}
	return c, nil
}

// param is a parameter.
type param struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// paramsOf lists the parameters of a scenario, or of those of a workload, each name once.
func paramsOf(doc scenario.Document) []param {
	all := []param{}
	for _, sc := range settings.TrafficOf(doc).Scenarios {
		for _, p := range sc.Params {
			if !slices.ContainsFunc(all, func(known param) bool { return known.Name == p.Name }) {
				all = append(all, param{p.Name, p.Value})
			}
		}
	}
	return all
}

// maxRows bounds the timeline of a check, and the stays of all its lanes: a scenario may have
// thousands, and nobody could read them.
const maxRows = 200

// moment is a row of a timeline.
type moment struct {
	At    int64  `json:"at"` // ms after the start
	Party string `json:"party"`
	Role  string `json:"role"` // empty for agent events
	Type  string `json:"type"`
}

// lane is one channel in the preview.
type lane struct {
	Party string `json:"party"`
	Role  string `json:"role"`
	Stays []stay `json:"stays"`
}

// stay is the time in one phase, in ms after the start.
type stay struct {
	Phase string `json:"phase"`
	From  int64  `json:"from"`
	To    int64  `json:"to"`
}

// draw previews a scenario with seed 1. Notifications that a fault adds are left out, since
// they are not part of the story.
func draw(sc *scenario.Scenario) (timeline []moment, lanes []lane, err error) {
	start := time.Date(2025, time.March, 3, 9, 0, 0, 0, time.UTC)
	p, err := plan.New(sc, plan.Options{Seed: 1, Start: start})
	if err != nil {
		return nil, nil, err
	}
	timeline, lanes = []moment{}, []lane{}
	for n := range p.Notifications() {
		if len(timeline) == maxRows {
			break
		}
		if !n.Extra {
			timeline = append(timeline, moment{n.At.Milliseconds(), n.Name, n.Role(), n.Type()})
		}
	}
	truth, rows := p.Truth(0), 0
	for _, c := range truth.Channels {
		l := lane{c.Name, c.Role.String(), []stay{}}
		for _, s := range c.Stays {
			if s.Phase == lifecycle.Ended {
				continue
			}
			if rows++; rows > maxRows {
				break
			}
			to := s.To
			if to.IsZero() {
				to = s.From
			}
			l.Stays = append(l.Stays, stay{s.Phase.String(), s.From.Sub(start).Milliseconds(), to.Sub(start).Milliseconds()})
		}
		if len(l.Stays) > 0 {
			lanes = append(lanes, l)
		}
	}
	return timeline, lanes, nil
}
