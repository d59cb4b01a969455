package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	asks "github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/judge"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/scenario"
)

// expectFlags say how the consumer's state is checked after the run.
type expectFlags struct {
	state    string
	commands bool
}

func (f *expectFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.state, "state", "", "`URL` base of the paths that expectations ask for (default the host of the first target)")
	flags.BoolVar(&f.commands, "allow-commands", false, "run the commands that expectations name")
}

// expecting holds the expectations of the scenarios, and how they are checked.
type expecting struct {
	expected [][]scenario.Expectation // of each scenario
	checker  judge.Checker
	target   emitter.Target // whose rules on addresses hold for requests
}

// check judges the URL of the state.
func (f *expectFlags) check() error {
	state := emitter.Target{URL: f.state}
	if err := state.CheckURL(); f.state != "" && err != nil {
		return usage("--state: %w", err)
	}
	return nil
}

// parse returns an error for expectations that cannot be checked, before anything is sent. It
// is nil if there are none.
func (f *expectFlags) parse(t *settings.Traffic, targets []emitter.Target, builtIn bool) (*expecting, error) {
	e := &expecting{expected: t.Expected(), checker: judge.Checker{Base: f.state, Commands: f.commands}}
	if !builtIn {
		e.target = targets[0]
	}
	if f.state != "" {
		state := e.target
		state.Name, state.URL = "", f.state
		if err := state.Check(); err != nil {
			return nil, usage("--state: %w", err)
		}
		e.target.Hide = slices.Concat(e.target.Hide, redact.URL(f.state))
	} else if u, err := url.Parse(e.target.URL); err == nil && !builtIn {
		e.checker.Base = (&url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}).String()
	}
	any := false
	for i, expected := range e.expected {
		for _, x := range expected {
			any = true
			e.target.Hide = append(slices.Clip(e.target.Hide), redact.URL(x.Get)...)
			switch {
			case strings.HasPrefix(x.Get, "/") && e.checker.Base == "":
				return nil, usage("%s has an expectation at %s, but no consumer to ask; add --to URL", t.Scenarios[i].Name, x.Get)
			case e.refuses(x.Get) != nil:
				return nil, usage("%s has an expectation at another host: %w", t.Scenarios[i].Name, e.refuses(x.Get))
			case len(x.Run) > 0 && !f.commands:
				return nil, usage("%s runs the command %q; allow it with --allow-commands", t.Scenarios[i].Name, x.Run[0])
			}
		}
	}
	if !any {
		return nil, nil
	}
	return e, nil
}

// refuses says why the host of an expectation with a whole URL may not be dialled, as far as that is known before.
func (e *expecting) refuses(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	other := e.target
	other.Name, other.URL = "", (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	return other.Check()
}

// ask checks the expectations. A run that was cut short is not checked; an interrupt during
// the checks interrupts the run.
func (r *playing) ask(ctx context.Context, result *emitter.Result) []report.Check {
	e := r.expect
	if e == nil || result.Stop != "" {
		return nil
	}
	client, done, err := e.target.Client(emitter.DefaultTimeout)
	if err != nil {
		return []report.Check{{Name: "expect", Detail: err.Error()}}
	}
	defer done()
	ctx, stop := r.untilSignal(ctx)
	defer stop()
	e.checker.Client, e.checker.Secrets = client, asks.Secrets(&e.target)
	checks := e.checker.Check(ctx, counting{r.part, r.conversations()}, func(i uint64) []scenario.Expectation {
		return e.expected[r.part.ScenarioOf(i)]
	})
	if ctx.Err() != nil {
		result.Stop = emitter.StopDrained
		return nil
	}
	return checks
}

// counting is a plan with a known number of conversations.
type counting struct {
	judge.Played
	conversations uint64
}

func (c counting) Conversations() uint64 { return c.conversations }

// writeChecks writes a line for each check, with the reason if it failed.
func writeChecks(w io.Writer, all []report.Check) {
	for _, c := range all {
		switch {
		case !c.Passed:
			fmt.Fprintf(w, "check failed: %s: %s\n", c.Name, c.Detail)
		case c.Detail != "":
			fmt.Fprintf(w, "check: %s: %s\n", c.Name, c.Detail)
		default:
			fmt.Fprintf(w, "check ok: %s\n", c.Name)
		}
	}
}
