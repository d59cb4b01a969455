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
	var r *playing
	var set assume.Set
	cmd := &cobra.Command{
		Use:   "replay FILE [flags]",
		Short: "Send recorded notifications again",
		Long: `replay sends the bodies of a recording again, with fresh signatures, and reports what became
of each, as run does. A recording is what "receive --log" writes, or notifications, as "plan
--format ndjson" prints them.
` + readsJSON + `
"run --log" files cannot be replayed, because they hold no bodies. Without --to, replay sends
to a built-in receiver.

The whole recording is read before anything is sent. Notifications are sent in the order of
the file, those of one conversation one after the other.`,
		Example: `  ringback replay got.ndjson --to http://127.0.0.1:8080/events --speed 10
  ringback replay got.ndjson --to http://127.0.0.1:8080/events --ids renew --times shift --types channel.*
  ringback plan inbound-call --format ndjson | ringback replay - --speed max`,
		Args: arguments(1, 1, "one recording", "no recording; `ringback receive --log FILE` or `ringback plan … --format ndjson` makes one"),
		PreRunE: func(cmd *cobra.Command, args []string) (err error) {
			var wrong error
			r, err = p.parseSending(&f.sendingFlags, nil, cmd.Flags())
			set, wrong = f.choice.parse(r.emitter.Speed)
			return inFlags(err, wrong, apart(cmd, args, written(r.log, r.reporting.places)))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.replay(cmd.Context(), &f, set, args[0])
		},
	}
	section(cmd, "Target", f.target.add, f.send.addRequest)
	section(cmd, "Selection", f.choice.addSelection)
	section(cmd, "Changes", f.choice.addChanges)
	section(cmd, "Pace", f.send.addPace, func(flags *pflag.FlagSet) {
		switched(flags, &f.choice.ByTime, "pace", "received", "time", "the intervals of the recording, or those of the times in its bodies; plain bodies have only the latter")
	})
	section(cmd, "Assumptions", func(flags *pflag.FlagSet) {
		flags.StringSliceVar(&f.choice.assume, "assume", nil, "`NAME=VALUE` choose how to send where the API's documentation is silent; may be repeated; see docs/assumptions.md")
	})
	section(cmd, "Watching", f.watch.add)
	section(cmd, "Result", f.report.add, f.stop.add, f.result.add)
	return cmd
}

func (r *playing) replay(ctx context.Context, f *replayFlags, set assume.Set, path string) error {
	replay, err := r.prepareReplay(ctx, f, set, path)
	if err != nil || f.result.dryRun {
		return err
	}
	played := r.play(ctx)
	if err := replay.Err(); err != nil {
		return errors.Join(&statusError{exitFailed, err}, played)
	}
	return played
}

// prepareReplay checks everything else that can be checked before anything is sent.
func (r *playing) prepareReplay(ctx context.Context, f *replayFlags, set assume.Set, path string) (*recording.Replay, error) {
	if err := r.chooseTargets(ctx, nil, set, true); err != nil {
		return nil, err
	}
	name, open := r.recorded(path)
	replay, err := recording.NewReplay(name, open, f.choice.Options)
	if o, is := errors.AsType[*recording.OptionError](err); is {
		err = fmt.Errorf("%w (%s)", err, map[string]string{"All": "--rows all", "Anchor": "--start"}[o.Field])
	}
	if err != nil {
		return nil, &statusError{exitUsage, err}
	}
	r.reporting.of(&settings.Traffic{})
	r.plan = replay
	r.extent = watch.Measure(replay, &plan.Options{})
	r.announceReplay(replay, &f.choice.Options)
	if r.output != "quiet" {
		r.noteIdle(set, settings.IsSending)
	}
	if f.result.dryRun {
		return replay, r.describe()
	}
	return replay, nil
}

// announceReplay prints on standard error what is sent, and what is needed to repeat it.
func (r *playing) announceReplay(replay *recording.Replay, o *recording.Options) {
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
	r.noteSecrets(r.senders.Development, r.senders.Warnings)
	r.noteConnections()
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

// parse completes the options of a replay at a speed. Without --start, shifted times end now,
// or begin now if the story takes its real time.
func (f *selectFlags) parse(speed float64) (set assume.Set, err error) {
	o := &f.Options
	errs := []error{checkTypes(o.Types)}
	if !o.Anchor.IsZero() && !o.Shift {
		errs = append(errs, usage("--start needs --times shift"))
	}
	if f.seed != "" && !o.Renew {
		errs = append(errs, usage("--seed needs --ids renew"))
	}
	if !o.From.IsZero() && !o.Until.IsZero() && !o.From.Before(o.Until) {
		errs = append(errs, usage("--until %s is not after --from %s", o.Until.Format(time.RFC3339Nano), o.From.Format(time.RFC3339Nano)))
	}
	if o.Anchor.IsZero() {
		o.Anchor, o.AnchorLast = time.Now().Add(-time.Second), speed != 1 // the whole second before this one is over
	}
	if o.Renew {
		if o.Seed, err = settings.ParseSeed(f.seed); err != nil {
			errs = append(errs, usage("--seed: %w", err))
		}
	}
	set, err = parseAssume(f.assume)
	return set, errors.Join(append(errs, err)...)
}

var _ planned = (*recording.Replay)(nil)
