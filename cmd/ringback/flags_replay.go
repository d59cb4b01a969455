package main

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/scenario/assume"
)

// selectFlags are the flags of replay that decide what is sent, and as what.
type selectFlags struct {
	types, subjects, assume  []string
	from, until, start, seed string
	rows, ids, times, pace   string
}

// addSelection adds the flags that say what is sent.
func (f *selectFlags) addSelection(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.types, "types", nil, "`PATTERN` send only these event types, such as channel.*; may be repeated (default all)")
	flags.StringSliceVar(&f.subjects, "subject", nil, "`PATTERN` send only these subjects: channel IDs, and agent IDs of presences; may be repeated (default all)")
	flags.StringVar(&f.from, "from", "", "`TIME` leave out what was first sent before, by its body, such as 2025-03-03T09:00:00Z")
	flags.StringVar(&f.until, "until", "", "`TIME` leave out what was first sent then or later")
	flags.StringVar(&f.rows, "rows", "accepted", rowsUsage)
}

// rowsUsage describes --rows of replay and diff.
const rowsUsage = "`accepted|all` rows that were accepted, or also those that were refused or failed"

// addChanges adds the flags that say what is changed before it is sent.
func (f *selectFlags) addChanges(flags *pflag.FlagSet) {
	flags.StringVar(&f.ids, "ids", "keep", "`keep|renew` IDs of notifications, conversations, interactions and channels; equal ones stay equal")
	flags.StringVar(&f.seed, "seed", "", "`N` random seed of new IDs (default a random one, printed)")
	flags.StringVar(&f.times, "times", "keep", "`keep|shift` shift: move all times by the same whole seconds; see --start")
	flags.StringVar(&f.start, "start", "", "`TIME` of the first notification with --times shift (default now; at other speeds than 1 so that nothing lies in the future)")
}

// addPace adds the flags about when it is sent.
func (f *selectFlags) addPace(flags *pflag.FlagSet) {
	flags.StringVar(&f.pace, "pace", "received", "`received|time` the intervals of the recording, or those of the times in its bodies; plain bodies have only the latter")
}

// addAssumptions adds the flags about assumptions.
func (f *selectFlags) addAssumptions(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.assume, "assume", nil, "`NAME=VALUE` choose how to send where the API's documentation is silent; may be repeated; see docs/assumptions.md")
}

// oneOf finds out whether a flag has one of two values, and whether it is the second.
func oneOf(flag, value, first, second string) (isSecond bool, err error) {
	if value != first && value != second {
		return false, usage("%s: want %s or %s, got %q%s", flag, first, second, value, nearest.DidYouMean(value, []string{first, second}))
	}
	return value == second, nil
}

// parse makes the options of a replay at a speed. Without --start, shifted times end now,
// or begin now if the story takes its real time.
func (f *selectFlags) parse(speed float64) (o recording.Options, set assume.Set, err error) {
	o = recording.Options{Types: f.types, Subjects: f.subjects}
	for _, t := range []struct {
		flag, value string
		into        *time.Time
	}{{"--from", f.from, &o.From}, {"--until", f.until, &o.Until}, {"--start", f.start, &o.Anchor}} {
		if *t.into, err = settings.ParseTime(t.value); err != nil {
			return o, set, inFlag(t.flag, err)
		}
	}
	for _, c := range []struct {
		flag, value, first, second string
		into                       *bool
	}{{"--rows", f.rows, "accepted", "all", &o.All}, {"--ids", f.ids, "keep", "renew", &o.Renew},
		{"--times", f.times, "keep", "shift", &o.Shift}, {"--pace", f.pace, "received", "time", &o.ByTime}} {
		if *c.into, err = oneOf(c.flag, c.value, c.first, c.second); err != nil {
			return o, set, err
		}
	}
	switch {
	case f.start != "" && !o.Shift:
		return o, set, usage("--start moves nothing with --times keep; add --times shift")
	case f.seed != "" && !o.Renew:
		return o, set, usage("--seed decides nothing with --ids keep; add --ids renew")
	case !o.From.IsZero() && !o.Until.IsZero() && !o.From.Before(o.Until):
		return o, set, usage("--until %s is not after --from %s", f.until, f.from)
	case f.start == "":
		o.Anchor, o.AnchorLast = time.Now().Add(-time.Second), speed != 1 // the whole second before this one is over
	}
	if o.Renew {
		if o.Seed, err = parseSeed(f.seed); err != nil {
			return o, set, err
		}
	}
	set, err = parseAssume(f.assume)
	return o, set, err
}

var _ planned = (*recording.Replay)(nil)
