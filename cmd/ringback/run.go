package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/assume"
	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/report"
)

// runFlags are all flags of run.
type runFlags struct {
	plan   planFlags
	target targetFlags
	send   sendFlags
	log    string
	output string
	dryRun bool
}

func (p *program) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run SCENARIO… [flags]",
		Short: "Play scenarios to a consumer",
		Long: `run plays scenarios to one or many consumers and tells what became of every notification.
A SCENARIO is the name of a ready-made one (see "ringback list"), a path, or - for standard
input. Without --to it plays to a built-in receiver, which verifies everything.

The first interrupt begins nothing new and finishes what is under way, the second stops at
once; both end with a report.`,
		Example: `  ringback run inbound-call-with-hold --speed 20
  ringback run my-story.yaml --to http://127.0.0.1:8080/events --secret @secret.txt
  ringback run inbound-call-with-hold --to http://127.0.0.1:8080 --calls 5/s --for 10m --log run.jsonl
  ringback run outbound-busy --seed 7 --start 2025-03-03T09:00:00Z --speed max --output json`,
		Args: arguments(1, -1, "at least one scenario"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := p.prepareRun(cmd.Context(), &f, args, cmd.Flags())
			if err != nil || f.dryRun {
				return err
			}
			return r.play(cmd.Context())
		},
	}
	f.target.add(cmd.Flags())
	f.plan.add(cmd.Flags())
	f.send.add(cmd.Flags())
	cmd.Flags().StringVar(&f.log, "log", "", "`FILE` to append a row to for every attempt; see docs/log.md")
	cmd.Flags().StringVar(&f.output, "output", "text", "`text|json|quiet`: what to print on standard output")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "check everything, say what would be sent, and send nothing")
	return cmd
}

// playing is a run that has been checked and is ready.
type playing struct {
	*program
	plan    *plan.Plan
	emitter emitter.Emitter
	start   time.Time // real moment of the plan's start; zero: when play begins
	log     string
	output  string
	flags   map[string]string
	local   *local // the built-in receiver, if it is the target
}

// prepareRun checks everything that can be checked before anything is sent.
func (p *program) prepareRun(ctx context.Context, f *runFlags, args []string, flags *pflag.FlagSet) (*playing, error) {
	if f.output != "text" && f.output != "json" && f.output != "quiet" {
		return nil, usage("--output: want text, json or quiet, got %q", f.output)
	}
	s, err := f.plan.parse()
	if err != nil {
		return nil, err
	}
	r := &playing{program: p, log: f.log, output: f.output, flags: changed(flags)}
	if r.emitter, err = f.send.parse(); err != nil {
		return nil, err
	}
	targets, secret, development, err := f.target.parse(s.types)
	if err != nil {
		return nil, err
	}
	scs, err := p.load(args)
	if err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		r.local = newLocal(secret, prefix(s.Assume), nil)
		targets = []emitter.Target{r.local.target(s.types)}
	}
	r.emitter.Targets = targets
	assumeSending(&r.emitter, s.Assume)
	r.emitter.Drain = p.drain
	if err := checkTargets(ctx, &r.emitter); err != nil {
		return nil, &statusError{exitUsage, err}
	}
	if r.plan, err = newPlan(scs, s.Options, r.emitter.Speed); err != nil {
		return nil, err
	}
	if s.Start.IsZero() && r.emitter.Speed == 1 {
		r.start = r.plan.Start() // so that what the bodies say of their sending is true
	}
	r.announce(development)
	if f.dryRun {
		return r, r.describe()
	}
	return r, nil
}

// checkTargets finds out what is wrong with the targets without sending anything.
func checkTargets(ctx context.Context, e *emitter.Emitter) error {
	if err := e.Check(); err != nil {
		return err
	}
	var errs []error
	for i := range e.Targets {
		errs = append(errs, e.Targets[i].Look(ctx))
	}
	return errors.Join(errs...)
}

// assumeSending hands the assumptions about sending to the emitter.
func assumeSending(e *emitter.Emitter, set assume.Set) {
	if set.Is(assume.Success, "2xx") {
		e.Success = emitter.Success2xx
	}
	if set.Is(assume.RetryAfter, "obey") {
		e.RetryAfter = emitter.ObeyRetryAfter
	}
	if set.Is(assume.Redirects, "follow") {
		e.Redirects = emitter.FollowRedirects
	}
	e.SignaturePrefix = prefix(set)
}

// prefix is what stands before the token: a word without its blank is completed, since
// blanks at the end get lost in shells and files.
func prefix(set assume.Set) string {
	text := set.Get(assume.SignaturePrefix)
	if text != "" && !strings.HasSuffix(text, " ") {
		text += " "
	}
	return text
}

// play sends, reports and finds the exit status.
func (r *playing) play(ctx context.Context) (err error) {
	log, err := r.openLog()
	if err != nil {
		return err
	}
	if r.local != nil {
		stop := r.local.serve()
		defer stop()
	}
	lines := newLines(r.out, r.plan)
	r.emitter.On = func(a *emitter.Attempt) error {
		if r.output == "text" {
			lines.attempt(a)
		}
		return log.Record(a)
	}
	if r.start.IsZero() {
		r.start = time.Now()
	}
	result, err := r.emitter.Run(ctx, r.start, r.plan.Notifications())
	lines.flush()
	err = errors.Join(err, log.Close())
	if r.local != nil {
		r.local.finish()
	}
	return errors.Join(r.summarise(&result), failed(ctx, &result, err), r.verdict(&result))
}

func (r *playing) summarise(result *emitter.Result) error {
	s := report.New(report.Identity{Version: version(), Seed: r.plan.Seed(), PlanHash: r.plan.Hash(), Flags: r.flags}, result)
	switch r.output {
	case "json":
		return r.writeJSON(s)
	case "quiet":
		return nil
	}
	fmt.Fprintln(r.out)
	if err := s.WriteText(r.out); err != nil {
		return err
	}
	if r.local != nil {
		return r.local.write(r.out)
	}
	return nil
}
