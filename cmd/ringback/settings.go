package main

import (
	"errors"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/spf13/pflag"
)

// inFlags is an error about settings in the words of the command line: problems of files
// have an exit status of their own, everything else is wrong usage.
func inFlags(err error) error {
	if err == nil {
		return nil
	}
	var problems []error
	all := []error{err}
	if _, one := err.(scenario.Faults); one {
		return &statusError{exitScenario, err}
	} else if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		var p *settings.Problem
		var faults scenario.Faults
		switch {
		case errors.As(err, &p):
			problems = append(problems, &flagError{p})
		case errors.As(err, &faults):
			return &statusError{exitScenario, faults}
		default:
			return &statusError{exitUsage, err}
		}
	}
	return &statusError{exitUsage, errors.Join(problems...)}
}

// flagError is a problem of a setting that a flag sets.
type flagError struct{ *settings.Problem }

func (e *flagError) Error() string { return e.Text(flagOf) }

// flagOf is the flag that sets a field.
func flagOf(f settings.Field) string {
	switch f {
	case settings.Versions:
		return "--event-version"
	case settings.Faults:
		return "--fault"
	case settings.Headers:
		return "--header"
	}
	return "--" + strings.ReplaceAll(string(f), "_", "-")
}

// inFlag is an error about the value of a flag.
func inFlag(flag string, err error) error {
	if err == nil {
		return nil
	}
	return usage("%s: %w", flag, err)
}

// parseDuration reads a time; an empty text is none.
func parseDuration(flag, text string) (time.Duration, error) {
	d, err := settings.ParseDuration(text)
	return d, inFlag(flag, err)
}

func parseSeed(text string) (uint64, error) {
	seed, err := settings.ParseSeed(text)
	return seed, inFlag("--seed", err)
}

func parseAssume(pairs []string) (assume.Set, error) {
	set, err := settings.ParseAssume(pairs)
	return set, inFlags(err)
}

// load reads what the arguments of run and plan name.
func (p *program) load(args []string) (*settings.Traffic, error) {
	t, err := settings.Loader{In: p.in}.Load(args)
	return t, inFlags(err)
}

// newPlan plans traffic.
func newPlan(t *settings.Traffic, o plan.Options, speed float64) (*plan.Plan, error) {
	p, err := t.Plan(o, speed)
	if err != nil {
		return nil, &statusError{exitUsage, err}
	}
	return p, nil
}

// changed lists the flags that differ from their defaults, for reports. Values in which
// secrets travel are left out.
func changed(flags *pflag.FlagSet) map[string]string {
	all := map[string]string{}
	flags.Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "secret", "next-secret", "header":
			all[f.Name] = "(not shown)"
		case "to":
			all[f.Name] = "(see targets)"
		default:
			all[f.Name] = f.Value.String()
		}
	})
	return all
}
