package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/scenario"
)

// The two kinds of texts.
const (
	kindScenario = "scenario"
	kindWorkload = "workload"
)

// fileName is what a posted text is called in its faults.
const fileName = "scenario.yaml"

// place is a fault of a YAML text.
type place struct {
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in characters
	Text   string `json:"text"`   // what is wrong, and what was wanted
	Hint   string `json:"hint"`   // how to put it right, or ""
}

func places(faults scenario.Faults) []place {
	all := make([]place, 0, len(faults))
	for _, f := range faults {
		all = append(all, place{f.Pos.Line, f.Pos.Column, f.Problem, f.Hint})
	}
	return all
}

// yamlOf reads a body of the form {"yaml": "…"}.
func yamlOf(r *http.Request) (string, error) {
	var in struct {
		YAML *string `json:"yaml"`
	}
	if err := decode(r, &in); err != nil {
		return "", err
	}
	if in.YAML == nil {
		return "", malformed("yaml: missing; it is the text of a scenario or workload")
	}
	return *in.YAML, nil
}

// parse reads a text with all that a workload names. What is wrong with the text is a
// scenario.Faults.
func (d *desk) parse(ctx context.Context, source string) (scenario.Document, error) {
	doc, err := scenario.ParseDocument(fileName, []byte(source))
	if err == nil && doc.Workload != nil {
		err = doc.Workload.Resolve(engine.Files(ctx, d.Store))
	}
	var faults scenario.Faults
	if err != nil && !errors.As(err, &faults) {
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

// misnamed is the fault of a text that is saved under another name than its own: a run of it
// could not be told from a run of the other.
func misnamed(source, its, wanted string) *scenario.Fault {
	f := &scenario.Fault{
		File:    fileName,
		Problem: fmt.Sprintf("the text calls itself %q, and is saved as %q", its, wanted),
		Hint:    fmt.Sprintf("write name: %s, or save it as %s", wanted, its),
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

// checked is what a text comes to.
type checked struct {
	Name     string   `json:"name"`
	Story    string   `json:"story"`
	Kind     string   `json:"kind"` // scenario, workload, or "" if the text has problems
	Problems []place  `json:"problems"`
	Timeline []moment `json:"timeline"`
	Lanes    []lane   `json:"lanes"`
}

// check judges a text as an editor needs it: faults are no error here.
func (d *desk) check(r *http.Request) (answer, error) {
	source, err := yamlOf(r)
	if err != nil {
		return answer{}, err
	}
	c := checked{Problems: []place{}, Timeline: []moment{}, Lanes: []lane{}}
	doc, err := d.parse(r.Context(), source)
	var faults scenario.Faults
	if errors.As(err, &faults) {
		c.Problems = places(faults)
		return answer{http.StatusOK, c}, nil
	}
	if err != nil {
		return answer{}, err
	}
	c.Name, c.Story, c.Kind = titled(doc)
	if doc.Scenario != nil {
		if c.Timeline, c.Lanes, err = draw(doc.Scenario); err != nil {
			return answer{}, invalid("%v", err)
		}
	}
	return ok(c)
}
