package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/watch"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// runFlags are all flags of run.
type runFlags struct {
	sendingFlags
	plan   planFlags
	expect expectFlags
	at     string
}

// sendingFlags are those that run and replay share.
type sendingFlags struct {
	target targetFlags
	send   sendFlags
	report reportFlags
	result resultFlags
	watch  watchFlags
	stop   stopFlags
}

func (p *program) runCommand() *cobra.Command {
	var f runFlags
	var r *playing
	var s playSettings
	cmd := &cobra.Command{
		Use:   "run SCENARIO…|WORKLOAD [flags]",
		Short: "Play scenarios to a consumer",
		Long: `run plays scenarios to one or more consumers and reports what became of every notification.
A SCENARIO is the name of a ready-made one (see "ringback list"), a path, or - for standard
input. Without --to, run plays to a built-in receiver, which verifies everything.

A WORKLOAD is a mix of scenarios with arrivals or a population, perhaps with a pool of
agents. It is played alone. --count and --for bound it; --calls, --events and --population
replace its arrivals. See docs/load.md.

The first interrupt starts nothing new and finishes what is under way; the second stops the
run at once. Both end with a report.`,
		Example: `  ringback run inbound-call-with-hold --speed 20
  ringback run my-story.yaml --to http://127.0.0.1:8080/events --secret @secret.txt
  ringback run inbound-call-with-hold --to http://127.0.0.1:8080 --calls 5/s --for 10m --log run.jsonl
  ringback run monday-morning --to http://127.0.0.1:8080 --speed 60
  ringback run outbound-busy --seed 7 --start 2025-03-03T09:00:00Z --speed max --output json`,
		Args: arguments(1, -1, "at least one scenario, or a workload", "no scenario; `ringback list` shows the ready-made ones"),
		PreRunE: func(cmd *cobra.Command, args []string) (err error) {
			r, s, err = p.parseRun(&f, cmd.Flags())
			return inFlags(err, apart(cmd, slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return !settings.IsPath(arg) }), written(r.log, r.reporting.places)))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := r.prepareRun(cmd.Context(), &f, s, args); err != nil || f.result.dryRun {
				return err
			}
			return r.play(cmd.Context())
		},
	}
	section(cmd, "Target", f.target.add, f.send.addRequest)
	section(cmd, "Traffic", f.plan.addTraffic)
	section(cmd, "Pace", f.send.addPace, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.at, "at", "", "`MOMENT` real time at which the scenario starts, such as 2026-03-02T09:00:00Z or +30s; at speed 1 also the default of --start (default at once)")
	})
	section(cmd, "Faults and assumptions", f.plan.addFaults)
	section(cmd, "Watching", f.watch.add)
	section(cmd, "Result", f.report.add, f.stop.add, f.result.add, f.expect.add)
	return cmd
}

// parseRun reads the flags.
func (p *program) parseRun(f *runFlags, flags *pflag.FlagSet) (r *playing, s playSettings, err error) {
	r, err = p.parseSending(&f.sendingFlags, f.plan.types, flags)
	s, wrong := f.plan.parse()
	return r, s, inFlags(err, wrong, r.settleShard(f, &s), f.expect.check())
}

// parseSending reads the flags that run and replay share.
func (p *program) parseSending(f *sendingFlags, types []string, flags *pflag.FlagSet) (*playing, error) {
	r := &playing{program: p, log: f.result.log, flags: changed(flags)}
	var errs [7]error
	r.output, errs[0] = f.watch.parse(f.result.output, flags.Changed)
	r.watched = f.watch
	r.emitter, errs[1] = f.send.Emitter()
	f.target.AllowOther = f.watch.push != ""
	r.senders, errs[2] = f.target.Read(types)
	r.reporting, errs[3] = f.report.parse()
	errs[4] = logNamed(f.result.log)
	r.push, errs[5] = f.watch.pushTo(f.target.Allow)
	r.early, errs[6] = f.stop.parse()
	return r, inFlags(errs[:]...)
}

// prepareRun checks everything else that can be checked before anything is sent.
func (r *playing) prepareRun(ctx context.Context, f *runFlags, s playSettings, args []string) error {
	t, err := r.load(args, s.set)
	if err != nil {
		return err
	}
	chosen := s.Assume // before the workload's lies under it
	applied := s.apply(t)
	sending, err := t.Sending(s.Assume)
	if err := inFlags(applied, err); err != nil {
		return err
	}
	if err := r.chooseTargets(ctx, s.types, sending, false); err != nil {
		return err
	}
	if s.Unordered {
		if err := settings.CheckOrder(r.emitter.Targets, r.emitter.Connections); err != nil {
			return inFlags(err)
		}
	}
	if r.expect, err = f.expect.parse(t, r.emitter.Targets, r.local != nil); err != nil {
		return err
	}
	r.places = r.reporting.of(t)
	pl, err := r.newPlan(t, s.Options, r.emitter.Speed)
	if err != nil {
		return err
	}
	if r.part, err = settings.PartOf(pl, s.Shard); err != nil {
		return inFlags(err)
	}
	r.plan = r.part
	r.extent = watch.Measure(r.plan, &s.Options)
	if end, over := pl.Until(); over && pl.AtEnd() == plan.Cut {
		r.emitter.CutAt = end
	}
	if pl.Commits(fault.RotateKey) {
		if err := settings.CheckRotation(r.emitter.Targets); err != nil {
			return inFlags(err)
		}
	}
	if s.Start.IsZero() && r.emitter.Speed == 1 {
		r.start = r.plan.Start() // so that what the bodies say of their sending is true
	}
	r.announce()
	if r.output != "quiet" {
		r.noteIdleOf(chosen, t)
		r.noteAdvice(chosen, t)
	}
	if f.result.dryRun {
		return r.describe()
	}
	return nil
}

// play sends, reports and finds the exit status.
func (r *playing) play(ctx context.Context) (err error) {
	walking, walked := r.untilSignal(ctx)
	defer walked()
	walking, end := r.early.prepare(walking, &r.emitter)
	defer end()
	watching, err := r.watch()
	if err != nil {
		return err
	}
	defer watching.Stop()
	record, endLog, err := r.openLog()
	if err != nil {
		return err
	}
	if r.local != nil {
		stop, err := r.local.serve()
		if err != nil {
			return errors.Join(err, endLog())
		}
		defer stop()
	}
	lines := r.newLines(watching)
	r.emitter.On = r.rows(lines, watching, record)
	if r.start.IsZero() {
		r.start = time.Now()
	}
	r.begin()
	ctx = r.await(ctx)
	r.early.began = time.Now()
	watching.Start(ctx)
	sending, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	notifications, activity := r.walk(walking, cut)
	result, err := r.emitter.Run(sending, r.start, notifications)
	watching.Stop()
	lines.end()
	closed := endLog()
	r.checks = r.ask(ctx, &result)
	if r.output == "text" {
		writeChecks(r.out, r.checks)
	}
	if r.local != nil {
		r.local.finish()
	}
	summary, verdict := r.summary(&result)
	watching.Report(summary)
	summary.Activity = activity()
	summarised := r.summarise(summary)
	r.summariseStep(func(w io.Writer) error { return summary.WriteAs(w, report.Markdown, r.reporting.details) })
	outcome := r.pushMetrics(ctx, watching, summary, cmp.Or(failed(ctx, &result, err), closed, summarised, r.reporting.write(summary), verdict))
	if outcome != nil && r.output == "quiet" {
		return r.inALine(outcome)
	}
	return outcome
}

// inALine says in one line what went wrong, and what makes another run the same one.
func (r *playing) inALine(err error) error {
	status := exitFailed
	if se, is := errors.AsType[*statusError](err); is {
		status = se.status
	}
	return &statusError{status, fmt.Errorf("%s (%s)", strings.ReplaceAll(err.Error(), "\n", "; "), r.headline())}
}

// summarise prints the result of the run.
func (r *playing) summarise(s *report.Summary) error {
	switch r.output {
	case "json":
		return s.WriteJSON(r.out)
	case "quiet":
		return nil
	}
	fmt.Fprintln(r.out)
	err := s.WriteText(r.out)
	if err == nil && r.local != nil {
		err = writeVerdict(r.out, &r.local.verdict)
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil // nobody reads any more
	}
	return err
}
