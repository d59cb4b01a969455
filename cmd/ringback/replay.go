package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
)

// replayFlags are all flags of replay.
type replayFlags struct {
	target targetFlags
	choice selectFlags
	send   sendFlags
	report reportFlags
	log    string
	output string
	dryRun bool
	watch  watchFlags
}

func (p *program) replayCommand() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay FILE.ndjson [flags]",
		Short: "Send recorded notifications again",
		Long: `replay sends the bodies of a recording again, with fresh signatures, and tells what became
of each, as run does. A recording is what "receive --log" writes, or bodies, one a line, as
"plan --format ndjson" prints them; - is standard input. The attempt log of "run --log" is
none, for it has no bodies. Without --to it sends to a built-in receiver.

The whole recording is read before anything is sent. It is sent in the order of its lines;
what belongs to one conversation is sent one after the other.`,
		Example: `  ringback replay got.ndjson --to http://127.0.0.1:8080/events --speed 10
  ringback replay got.ndjson --to http://127.0.0.1:8080/events --ids renew --times shift --types channel.*
  ringback plan inbound-call --format ndjson | ringback replay - --speed max`,
		Args: arguments(1, 1, "one recording"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.replay(cmd.Context(), &f, args[0], cmd.Flags())
		},
	}
	f.target.add(cmd.Flags())
	f.choice.add(cmd.Flags())
	f.send.add(cmd.Flags())
	f.report.add(cmd.Flags())
	cmd.Flags().StringVar(&f.log, "log", "", "`FILE` to append a row to for every attempt; see docs/log.md")
	cmd.Flags().StringVar(&f.output, "output", "text", "`text|json|quiet`: what to print on standard output")
	f.watch.add(cmd.Flags())
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "check everything, say what would be sent, and send nothing")
	return cmd
}

func (p *program) replay(ctx context.Context, f *replayFlags, path string, flags *pflag.FlagSet) error {
	r, replay, err := p.prepareReplay(ctx, f, path, flags)
	if err != nil || f.dryRun {
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
	output, err := f.watch.parse(f.output, flags.Changed)
	if err != nil {
		return nil, nil, err
	}
	r := &playing{program: p, log: f.log, output: output, flags: changed(flags), watched: f.watch}
	if r.emitter, err = f.send.parse(); err != nil {
		return nil, nil, err
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
	r.gauge(&plan.Options{})
	r.announceReplay(replay, &options, development)
	if f.dryRun {
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
	fmt.Fprintf(r.err, "start %s, plan %.12s, %s\n", replay.Start().Format("2006-01-02T15:04:05.999Z"), replay.Hash(), formatSpeed(r.emitter.Speed))
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
