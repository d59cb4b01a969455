package settings

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// Text says how traffic is played, as users write it in flags and in JSON. Empty fields
// mean the defaults of a plan.
type Text struct {
	Versions   string // v0, v1 or both
	Count      uint64 // conversations; 0: each scenario once, or as many as For allows
	Calls      string // rate at which conversations begin, such as 5/s
	Events     string // rate of notifications
	Population int    // conversations alive at the same time
	For        string // no conversation begins later, such as 10m
	Lag        string // from an event to its sending, such as 250ms or 100ms..2s
	Faults     []string
	Assume     []string // NAME=VALUE
}

// Options reads the texts. Each problem is a *Problem, and all of them are joined.
func (t *Text) Options() (o plan.Options, err error) {
	o.Count, o.Population = t.Count, t.Population
	var errs []error
	problem := func(f Field, err error) {
		if err != nil {
			errs = append(errs, &Problem{Field: f, Reason: err.Error()})
		}
	}
	if t.Versions != "" {
		o.Versions, err = plan.ParseVersions(t.Versions)
		problem(Versions, err)
	}
	o.Calls, err = parseRate(t.Calls)
	problem(Calls, err)
	o.Events, err = parseRate(t.Events)
	problem(Events, err)
	if t.Population < 0 {
		problem(Population, fmt.Errorf("want a whole number from 1, got %d", t.Population))
	}
	o.For, err = ParseDuration(t.For)
	problem(For, err)
	if t.Lag != "" {
		lag, err := scenario.ParseSpan(t.Lag)
		problem(Lag, err)
		o.Lag = &lag
	}
	for _, text := range t.Faults {
		rule, err := scenario.ParseFault(text)
		problem(Faults, err)
		o.Faults = append(o.Faults, rule)
	}
	if errs == nil {
		errs = append(errs, oneBeginning(&o))
	}
	o.Assume, err = ParseAssume(t.Assume)
	return o, errors.Join(append(errs, err)...)
}

// oneBeginning refuses more than one setting that says when conversations begin.
func oneBeginning(o *plan.Options) error {
	var given []Field
	for _, s := range []struct {
		field Field
		given bool
	}{{Calls, !o.Calls.IsZero()}, {Events, !o.Events.IsZero()}, {Population, o.Population > 0}} {
		if s.given {
			given = append(given, s.field)
		}
	}
	if len(given) > 1 {
		return &Problem{Field: given[1], Reason: "more than one setting says when conversations begin", Cure: "use only", With: given}
	}
	return nil
}

// parseRate reads a rate above 0; an empty text is none.
func parseRate(text string) (r scenario.Rate, err error) {
	if text == "" {
		return r, nil
	}
	if r, err = scenario.ParseRate(text); err == nil && r.IsZero() {
		err = fmt.Errorf("want a rate above 0, got %q", text)
	}
	return r, err
}

// ParseDuration reads a time above 0, such as 30s; an empty text is none.
func ParseDuration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	span, err := scenario.ParseSpan(text)
	if err == nil && span.Min() != span.Max() {
		return 0, fmt.Errorf("want one time such as 10m, got %q", text)
	}
	if err != nil || span.IsZero() {
		return 0, fmt.Errorf("want a time such as 30s or 10m, got %q", text)
	}
	return span.Min(), nil
}

// ParseAssume reads choices of the form NAME=VALUE. Each problem is a *Problem, and all of
// them are joined.
func ParseAssume(pairs []string) (set assume.Set, err error) {
	var errs []error
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			errs = append(errs, &Problem{Field: Assume, Reason: fmt.Sprintf("want NAME=VALUE, got %q", pair)})
		} else if err := set.Change(name, value); err != nil {
			errs = append(errs, &Problem{Field: Assume, Reason: err.Error()})
		}
	}
	return set, errors.Join(errs...)
}
