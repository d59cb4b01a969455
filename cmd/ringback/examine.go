package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/judge"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/assume"
)

// examineFlags are all flags of examine.
type examineFlags struct {
	target  targetFlags
	state   string
	restart string
	within  time.Duration
	timeout time.Duration
	checks  []string
	list    bool
	seed    uint64
	assume  []string
	output  string
}

func (p *program) examineCommand() *cobra.Command {
	var f examineFlags
	var set assume.Set
	var s settings.Senders
	cmd := &cobra.Command{
		Use:   "examine --to URL [flags]",
		Short: "Check whether a consumer is correct",
		Long: `examine plays short calls to a consumer. Each holds something that a correct consumer copes
with: forged tokens, duplicates, disorder, unknown types, parties without identifiers. It
prints a line for each check, with the reason if one fails. See docs/examine.md.

With --state it also asks the consumer for the state of each call, and compares. With
--restart it also checks that what was accepted survives a crash.`,
		Example: `  ringback examine --to http://127.0.0.1:8080/events
  ringback examine --to http://127.0.0.1:8080/events --state 'http://127.0.0.1:8080/calls/{conversationId}'
  ringback examine --to http://127.0.0.1:8080/events --check duplicate,disorder --output json
  ringback examine --list`,
		Args: noArguments,
		PreRunE: func(*cobra.Command, []string) (err error) {
			if !f.list {
				set, s, err = f.parse()
			}
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.list {
				for _, c := range judge.Checks() {
					fmt.Fprintf(p.out, "%-18s %s\n", c.Name, c.Want)
				}
				return nil
			}
			x, err := p.prepareExamination(cmd.Context(), &f, set, s)
			if err != nil {
				return err
			}
			return p.examine(cmd.Context(), x, f.output)
		},
	}
	section(cmd, "Target", f.target.add)
	cmd.Flags().Lookup("to").Usage = "`URL` examine this consumer"
	section(cmd, "Checks", f.add)
	return cmd
}

func (f *examineFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.state, "state", "", "`URL` where the consumer shows the state of a call, with {conversationId} in it")
	flags.StringVar(&f.restart, "restart", "", "`COMMAND` kills the consumer and starts it again; words separated by blanks")
	flags.StringSliceVar(&f.checks, "check", nil, "`NAME` run this check, and those that it depends on; may be repeated (default all)")
	flags.BoolVar(&f.list, "list", false, "list the checks and run none")
	choose(flags, &f.output, "output", "what to print on standard output", "text", "json")
	flags.DurationVar(&f.within, "within", judge.DefaultWithin, "`D` time limit for the state to become right")
	flags.DurationVar(&f.timeout, "timeout", judge.DefaultTimeout, "`D` time limit for a complete response")
	addSeed(flags, &f.seed, "random seed")
	flags.StringSliceVar(&f.assume, "assume", nil, "`NAME=VALUE` choose how to send where the API's documentation is silent; may be repeated; see docs/assumptions.md")
}

// parse reads the flags.
func (f *examineFlags) parse() (set assume.Set, s settings.Senders, err error) {
	var errs []error
	for _, limit := range []struct {
		flag  string
		value time.Duration
	}{{"within", f.within}, {"timeout", f.timeout}} {
		if limit.value <= 0 {
			errs = append(errs, usage("--%s: want a time such as 2s, got %s", limit.flag, limit.value))
		}
	}
	set, err = parseAssume(f.assume)
	errs = append(errs, err)
	known := nearest.Names(judge.Checks(), func(c judge.Check) string { return c.Name })
	var unknown []string
	for _, name := range f.checks {
		if !slices.Contains(known, name) {
			unknown = append(unknown, fmt.Sprintf("%q%s", name, nearest.DidYouMean(name, known)))
		}
	}
	if unknown != nil {
		errs = append(errs, usage("--check: unknown check %s; want some of %s", strings.Join(unknown, " and "), strings.Join(known, ", ")))
	}
	if s, err = f.target.Read(nil); err == nil && len(s.Targets) != 1 {
		err = usage("examine: want one consumer, got %d; name it with --to URL", len(s.Targets))
	}
	return set, s, inFlags(append(errs, err)...)
}

// prepareExamination checks everything that can be checked before anything is sent.
func (p *program) prepareExamination(ctx context.Context, f *examineFlags, set assume.Set, s settings.Senders) (*judge.Examination, error) {
	x := &judge.Examination{Target: s.Targets[0], State: f.state, Within: f.within, Timeout: f.timeout, Only: f.checks,
		Seed: f.seed, Start: time.Now().UTC().Add(-time.Hour).Truncate(time.Millisecond)}
	settings.ApplySending(&x.Sending, set)
	if f.restart != "" {
		x.Restart = restarting(strings.Fields(f.restart))
	}
	if err := errors.Join(x.Check(), x.Target.Look(ctx)); err != nil {
		return nil, &statusError{exitUsage, err}
	}
	p.noteSecrets(s.Development, s.Warnings)
	p.noteIdle(set, settings.IsSending)
	return x, nil
}

// restarting runs a command; the error holds its output.
func restarting(words []string) func(context.Context) error {
	return func(ctx context.Context) error {
		if len(words) == 0 {
			return errors.New("the command is empty")
		}
		cmd := exec.CommandContext(ctx, words[0], words[1:]...)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		cmd.WaitDelay = time.Second // a consumer left behind may hold the pipes
		if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
			firstLine, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
			return fmt.Errorf("%s: %w %s", words[0], err, firstLine)
		}
		return nil
	}
}

// examine makes the checks and prints the findings.
func (p *program) examine(ctx context.Context, x *judge.Examination, output string) error {
	c := show.ColoursFor(p.out)
	if output == "text" {
		x.On = func(f judge.Finding) { p.printFinding(c, &f) }
	}
	ctx, stop := p.untilSignal(ctx)
	defer stop()
	findings, err := x.Run(ctx)
	if ctx.Err() != nil {
		return &statusError{exitInterrupted, nil}
	}
	if err != nil {
		return &statusError{exitFailed, err}
	}
	passed := judge.Passed(findings)
	if output == "json" {
		err = jsontext.WriteIndented(p.out, struct {
			SchemaVersion int             `json:"schema_version"`
			Version       string          `json:"version"`
			Seed          uint64          `json:"seed"`
			Passed        bool            `json:"passed"`
			Checks        []judge.Finding `json:"checks"`
		}{1, version(), x.Seed, passed, findings})
	} else {
		count := map[judge.Verdict]int{}
		for _, f := range findings {
			count[f.Verdict]++
		}
		fmt.Fprintf(p.out, "\n%s: %d ok, %d failed, %d skipped; seed %d\n",
			show.Counted(uint64(len(findings)), "check"), count[judge.OK], count[judge.Failed], count[judge.Skipped], x.Seed)
	}
	if err == nil && !passed {
		return &statusError{exitFailed, nil}
	}
	return err
}

func (p *program) printFinding(c show.Colours, f *judge.Finding) {
	switch f.Verdict {
	case judge.OK:
		fmt.Fprintf(p.out, "%s       %-18s %s\n", c.Good("ok"), f.Check, f.Want)
	case judge.Skipped:
		detail := f.Detail
		switch detail {
		case judge.NeedsState:
			detail = "pass --state URL"
		case judge.NeedsRestart:
			detail = "pass --restart COMMAND"
		}
		fmt.Fprintf(p.out, "skipped  %-18s %s\n", f.Check, detail)
	default:
		fmt.Fprintf(p.out, "%s   %-18s %s\n%28s%s\n", c.Bad("FAILED"), f.Check, f.Reason, "", f.Detail)
	}
}
