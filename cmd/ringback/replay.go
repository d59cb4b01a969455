package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/watch"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
)

// replayFlags are all flags of replay.
type replayFlags struct {
	sendingFlags
	choice selectFlags
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
		Args: arguments(1, 1, "one recording", "no recording; `ringback run … --log FILE` writes one"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.replay(cmd.Context(), &f, args[0], cmd.Flags())
		},
	}
	section(cmd, "Target", f.target.add, f.send.addRequest)
	section(cmd, "Selection", f.choice.addSelection)
	section(cmd, "Changes", f.choice.addChanges)
	section(cmd, "Pace", f.send.addPace, func(flags *pflag.FlagSet) {
		switched(flags, &f.choice.ByTime, "pace", "received", "time", "the intervals of the recording, or those of the times in its bodies; plain bodies have only the latter")
	})
	section(cmd, "Assumptions", func(flags *pflag.FlagSet) {
		flags.StringArrayVar(&f.choice.assume, "assume", nil, "`NAME=VALUE` choose how to send where the API's documentation is silent; may be repeated; see docs/assumptions.md")
	})
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
	development, err := r.chooseTargets(ctx, &f.target, nil, set)
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

// announceReplay prints on standard error what is sent, and what is needed to repeat it.
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

// selectFlags are the flags of replay that decide what is sent, and as what.
type selectFlags struct {
	recording.Options
	assume []string
	seed   string
}

// addSelection adds the flags that say what is sent.
func (f *selectFlags) addSelection(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.Types, "types", nil, "`PATTERN` send only these event types, such as channel.*; may be repeated (default all)")
	flags.StringSliceVar(&f.Subjects, "subject", nil, "`PATTERN` send only these subjects: channel IDs, and agent IDs of presences; may be repeated (default all)")
	parsed(flags, &f.From, "from", "", "`TIME` leave out what was first sent before, by its body, such as 2025-03-03T09:00:00Z", settings.ParseTime)
	parsed(flags, &f.Until, "until", "", "`TIME` leave out what was first sent then or later", settings.ParseTime)
	addRows(flags, &f.All)
}

// addRows adds --rows, which replay and diff share.
func addRows(flags *pflag.FlagSet, all *bool) {
	switched(flags, all, "rows", "accepted", "all", "rows that were accepted, or also those that were refused or failed")
}

// addChanges adds the flags that say what is changed before it is sent.
func (f *selectFlags) addChanges(flags *pflag.FlagSet) {
	switched(flags, &f.Renew, "ids", "keep", "renew", "IDs of notifications, conversations, interactions and channels; equal ones stay equal")
	flags.StringVar(&f.seed, "seed", "", "`N` random seed of new IDs (default a random one, printed)")
	switched(flags, &f.Shift, "times", "keep", "shift", "shift: move all times by the same whole seconds; see --start")
	parsed(flags, &f.Anchor, "start", "", "`TIME` of the first notification with --times shift (default now; at other speeds than 1, now minus the length)", settings.ParseTime)
}

// parse makes the options of a replay at a speed. Without --start, shifted times end now,
// or begin now if the story takes its real time.
func (f *selectFlags) parse(speed float64) (o recording.Options, set assume.Set, err error) {
	o = f.Options
	if err = checkTypes(o.Types); err != nil {
		return o, set, err
	}
	switch {
	case !o.Anchor.IsZero() && !o.Shift:
		return o, set, usage("--start needs --times shift")
	case f.seed != "" && !o.Renew:
		return o, set, usage("--seed needs --ids renew")
	case !o.From.IsZero() && !o.Until.IsZero() && !o.From.Before(o.Until):
		return o, set, usage("--until %s is not after --from %s", o.Until.Format(time.RFC3339Nano), o.From.Format(time.RFC3339Nano))
	case o.Anchor.IsZero():
		o.Anchor, o.AnchorLast = time.Now().Add(-time.Second), speed != 1 // the whole second before this one is over
	}
	if o.Renew {
		if o.Seed, err = settings.ParseSeed(f.seed); err != nil {
			return o, set, usage("--seed: %w", err)
		}
	}
	set, err = parseAssume(f.assume)
	return o, set, err
}

var _ planned = (*recording.Replay)(nil)
