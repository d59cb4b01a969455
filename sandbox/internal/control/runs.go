package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// The speeds of a run: a minute in seventeen hours, and a day in less than a tenth of a second.
const minSpeed, maxSpeed = 0.001, 1_000_000

// seed is a whole number, as a JSON number or as a string, since JavaScript loses digits of large
// numbers.
type seed struct{ value *uint64 }

func (s *seed) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	n, err := strconv.ParseUint(string(bytes.Trim(data, `"`)), 10, 64)
	if err != nil {
		return malformed("seed: want a whole number from 0 to %d, got %s", uint64(math.MaxUint64), show.Line(string(data), maxShown))
	}
	s.value = &n
	return nil
}

func (h *handler) runs(r *http.Request) (any, error) {
	all, err := h.Store.Runs(r.Context(), false)
	return map[string]any{"runs": list(all)}, err
}

func (h *handler) run(r *http.Request) (any, error) {
	if _, err := wait(r); err != nil {
		return nil, err
	}
	return h.Store.Run(r.Context(), r.PathValue("id"))
}

// startRun starts a run of a scenario or workload of the library, or of a posted text.
func (h *handler) startRun(r *http.Request) (any, error) {
	var in struct {
		Scenario string        `json:"scenario"`
		YAML     string        `json:"yaml"`
		Speed    *float64      `json:"speed"`
		Seed     seed          `json:"seed"`
		Options  store.Playing `json:"options"`
	}
	p := decode(r, &in)
	_, err := wait(r)
	p.add(err)
	if (in.Scenario == "") == (in.YAML == "") {
		p.add(malformed("give either scenario, a name of the library, or yaml, a text"), "scenario", "yaml")
	}
	play := engine.Play{Name: in.Scenario, Source: in.YAML, Speed: 1, Seed: in.Seed.value, Options: in.Options}
	if in.Speed != nil {
		play.Speed = *in.Speed
	}
	p.add(checkSpeed(play.Speed))
	p.add(errors.Join(engine.CheckOptions(in.Options), checkAssume(in.Options.Assume)))
	source := in.YAML
	if in.Scenario != "" {
		found, err := h.find(r.Context(), in.Scenario)
		p.add(err, "scenario")
		source = found.YAML
	}
	doc, err := h.parse(r.Context(), source, engine.ValuesOf(in.Options.Set, "options.set"))
	if in.YAML != "" { // what is wrong with a stored text, the engine says
		p.add(err, "yaml")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	run, err := h.Engine.StartRun(r.Context(), play)
	return struct {
		store.Run
		Warnings []string `json:"warnings,omitempty"`
	}{run, warnings(doc)}, err
}

// warnings lists the assumptions about requests and responses that a text chooses, each once: in
// the sandbox they have no effect; and what means something else than to an earlier version.
func warnings(doc scenario.Document) (all []string) {
	var sets []assume.Set
	if doc.Workload != nil {
		sets = append(sets, doc.Workload.Assume)
		for _, sc := range doc.Workload.Scenarios {
			sets = append(sets, sc.Assume)
		}
	} else if doc.Scenario != nil {
		sets = append(sets, doc.Scenario.Assume)
	}
	for _, set := range sets {
		for _, choice := range ofDeliveries(set) {
			if text := "assume: " + choice; !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	for _, advice := range doc.Advice() {
		all = append(all, fmt.Sprintf("line %d: %s; %s", advice.Pos.Line, advice.What, advice.Hint))
	}
	return all
}

// ofDeliveries says of each assumption about requests and responses that a set chooses where to
// choose it instead.
func ofDeliveries(set assume.Set) (all []string) {
	for i := range assume.Rows() {
		n := assume.Name(i)
		value, chosen := set.Chosen(n)
		what, whole := "all deliveries", settings.IsSending(n)
		if n == assume.MissingScope {
			what, whole = "the API", true
		}
		if chosen && whole {
			all = append(all, fmt.Sprintf("%s=%s counts for %s of the sandbox, not for one run; choose it when the sandbox is started", n, value, what))
		}
	}
	return all
}

// checkAssume refuses the assumptions about requests and responses, which would have no effect.
func checkAssume(pairs []string) (err error) {
	set, _ := settings.ParseAssume(pairs) // the engine checks them
	for _, choice := range ofDeliveries(set) {
		err = errors.Join(err, invalid("options.assume: %s", choice))
	}
	return err
}

func checkSpeed(speed float64) error {
	if !(speed >= minSpeed && speed <= maxSpeed) {
		return invalid("speed: want %v to %d, got %v", minSpeed, maxSpeed, speed)
	}
	return nil
}

func (h *handler) changeRun(r *http.Request) (any, error) {
	var in struct {
		Speed *float64 `json:"speed"`
	}
	p := decode(r, &in)
	if in.Speed == nil {
		p.add(malformed("speed: missing; nothing else of a run can be changed"))
	} else {
		p.add(checkSpeed(*in.Speed))
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return h.Engine.SetRunSpeed(r.Context(), r.PathValue("id"), *in.Speed)
}

// onRun lets the engine do something with the run of the path.
func onRun(do func(Engine, context.Context, string) (store.Run, error)) func(*handler, *http.Request) (any, error) {
	return func(h *handler, r *http.Request) (any, error) { return do(h.Engine, r.Context(), r.PathValue("id")) }
}
