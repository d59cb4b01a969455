package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/watch"
	"github.com/ringback/ringback/plan"
)

// replayFlags are all flags of replay.
type replayFlags struct {
	target targetFlags
	choice selectFlags
	send   sendFlags
	report reportFlags
	result resultFlags
	watch  watchFlags
}

func (p *program) replayCommand() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay FILE.ndjson [flags]",
		Short: "Send recorded notifications again",
		Long: `replay sends the bodies of a recording again, with fresh signatures, and reports what became
of each, as run does. A recording is what "receive --log" writes, or bodies, one per line, as
"plan --format ndjson" prints them; - is standard input. "run --log" files cannot be replayed,
because they hold no bodies. Without --to, replay sends to a built-in receiver.

The whole recording is read before anything is sent. Notifications are sent in the order of
the lines, those of one conversation one after the other.`,
		Example: `  ringback replay got.ndjson --to http://127.0.0.1:8080/events --speed 10
  ringback replay got.ndjson --to http://127.0.0.1:8080/events --ids renew --times shift --types channel.*
  ringback plan inbound-call --format ndjson | ringback replay - --speed max`,
		Args: arguments(1, 1, "one recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.replay(cmd.Context(), &f, args[0], cmd.Flags())
		},
	}
	section(cmd, "Target", f.target.add, f.send.addRequest)
	section(cmd, "Selection", f.choice.addSelection)
	section(cmd, "Changes", f.choice.addChanges)
	section(cmd, "Pace", f.send.addPace, f.choice.addPace)
	section(cmd, "Assumptions", f.choice.addAssumptions)
	section(cmd, "Watching", f.watch.add)
	section(cmd, "Result", f.report.add, f.result.add)
	return cmd
}

func (p *program) replay(ctx context.Context, f *replayFlags, path string, flags *pflag.FlagSet) error {
	r, replay, err := p.prepareReplay(ctx, f, path, flags)
	if err != nil || f.result.dryRun {
		return err
	}
	played := r.play(ctx)
	if err := replay.Err(); err != nil {
		return errors.Join(&statusError{exitFailed, err}, played)
	}
	return played
}

// prepareReplay checks everything that can be checked before anything is sent.
func (p *program) prepareReplay(ctx context.Context, f *replayFlags, path string, flags *pflag.FlagSet) (*playing, *recording.Replay, error) {
	output, err := f.watch.parse(f.result.output, flags.Changed)
	if err != nil {
		return nil, nil, err
	}
	r := &playing{program: p, log: f.result.log, output: output, flags: changed(flags), watched: f.watch}
	if r.emitter, err = f.send.Emitter(); err != nil {
		return nil, nil, inFlags(err)
	}
	options, set, err := f.choice.parse(r.emitter.Speed)
	if err != nil {
		return nil, nil, err
	}
	development, err := r.aim(ctx, &f.target, nil, set)
	if err != nil {
		return nil, nil, err
	}
	name, open := p.recorded(path)
	replay, err := recording.NewReplay(name, open, options)
	if err != nil {
		return nil, nil, &statusError{exitUsage, err}
	}
	if r.reporting, err = f.report.parse(&settings.Traffic{}); err != nil {
		return nil, nil, err
	}
	r.plan = replay
	r.extent = watch.Measure(replay, &plan.Options{})
	r.announceReplay(replay, &options, development)
	if f.result.dryRun {
		return r, replay, r.describe()
	}
	return r, replay, nil
}

// announceReplay says on standard error what is sent, and what is needed to repeat it.
func (r *playing) announceReplay(replay *recording.Replay, o *recording.Options, development bool) {
	if r.output == "quiet" {
		return
	}
	if o.Renew {
		fmt.Fprintf(r.err, "seed %d, ", o.Seed)
	}
	fmt.Fprintf(r.err, "start %s, plan %.12s, %s\n", replay.Start().Format("2006-01-02T15:04:05.999Z"), replay.Hash(), watch.FormatSpeed(r.emitter.Speed))
	if replay.Rest() > 0 {
		fmt.Fprintf(r.err, "%d of %d notifications are selected", replay.Count(), replay.Count()+replay.Rest())
		if n := replay.Unaccepted(); n > 0 {
			fmt.Fprintf(r.err, "; %d were not accepted when they were recorded (--rows all sends them)", n)
		}
		fmt.Fprintln(r.err)
	}
	if development {
		fmt.Fprintln(r.err, developmentNote())
	}
}
