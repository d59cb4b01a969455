package main

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
)

// planFlags are the flags that decide what a plan contains. run and plan have the same.
type planFlags struct {
	seed     string
	start    string
	versions string
	traffic  trafficFlags
	lag      string
	assume   []string
	types    []string
	faults   []string
	shard    string
}

// addTraffic adds the flags that say what happens, and how often.
func (f *planFlags) addTraffic(flags *pflag.FlagSet) {
	f.traffic.add(flags)
	flags.StringSliceVar(&f.types, "types", nil, "`PATTERN` send only these event types, such as channel.*; may be repeated (default all)")
	flags.StringVar(&f.versions, "event-version", "v0", "`v0|v1|both` generation of the event types")
	flags.StringVar(&f.seed, "seed", "", "`N` random seed (default a random one, printed)")
	flags.StringVar(&f.start, "start", "", "`TIME` scenario time of the first step, such as 2025-03-03T09:00:00Z (default now; at other speeds than 1 so that nothing lies in the future)")
	flags.StringVar(&f.lag, "lag", "250ms", "`SPAN` delay from an event to its notification, such as 250ms or 100ms..2s")
	flags.StringVar(&f.shard, "shard", "", "`K/N` shard K of N, from 0; auto: that of the Kubernetes Job's pod; see docs/shards.md")
}

// addFaults adds the flags about faults and assumptions.
func (f *planFlags) addFaults(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.faults, "fault", nil, "`RULE` inject a fault, such as 'duplicate 2% of channel.held.*'; may be repeated; see docs/faults.md")
	flags.StringArrayVar(&f.assume, "assume", nil, "`NAME=VALUE` choose where the API's documentation is silent; may be repeated; see docs/assumptions.md")
}

// add adds all of them.
func (f *planFlags) add(cmd *cobra.Command) {
	section(cmd, "Traffic", f.addTraffic)
	section(cmd, "Faults and assumptions", f.addFaults)
}

// playSettings are the parsed flags. Start is zero if none was given.
type playSettings struct {
	plan.Options
	types  []string
	seeded bool // the seed was given
	pool   settings.Pool
}

func (f *planFlags) parse() (s playSettings, err error) {
	text := settings.Text{Versions: f.versions, Lag: f.lag, Faults: f.faults, Assume: f.assume}
	f.traffic.fill(&text)
	if s.Options, err = text.Options(); err != nil {
		return s, inFlags(err)
	}
	s.types, s.seeded = f.types, f.seed != ""
	if s.Seed, err = parseSeed(f.seed); err != nil {
		return s, err
	}
	if f.start != "" {
		if s.Start, err = time.Parse(time.RFC3339Nano, f.start); err != nil {
			return s, usage("--start: want a time such as 2025-03-03T09:00:00Z, got %q", f.start)
		}
	}
	if s.Shard, err = parseShard(f.shard, os.LookupEnv); err != nil {
		return s, err
	}
	return s, f.traffic.read(&s)
}

// apply adds to the settings of the flags what a workload says. Flags stand over it.
func (s *playSettings) apply(t *settings.Traffic) (err error) {
	s.Options, err = t.Options(s.Options, s.pool)
	return inFlags(err)
}

// inFlags is an error about settings in the words of the command line.
func inFlags(err error) error {
	if err == nil {
		return nil
	}
	var problems []string
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		var p *settings.Problem
		if !errors.As(err, &p) {
			return err
		}
		problems = append(problems, p.Text(flagOf))
	}
	return usage("%s", strings.Join(problems, "\n"))
}

// flagOf is the flag that sets a field.
func flagOf(f settings.Field) string {
	switch f {
	case settings.Versions:
		return "--event-version"
	case settings.Faults:
		return "--fault"
	}
	return "--" + strings.ReplaceAll(string(f), "_", "-")
}

func parseSeed(text string) (uint64, error) {
	if text == "" {
		var b [8]byte
		rand.Read(b[:4]) // 32 bits are easier to copy than 64; it never fails
		return binary.LittleEndian.Uint64(b[:]), nil
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, usage("--seed: want a whole number from 0 to 2^64-1, got %q", text)
	}
	return seed, nil
}

// parseDuration reads a time; an empty text is none.
func parseDuration(flag, text string) (time.Duration, error) {
	d, err := settings.ParseDuration(text)
	if err != nil {
		return 0, usage("%s: %v", flag, err)
	}
	return d, nil
}

func parseAssume(pairs []string) (assume.Set, error) {
	set, err := settings.ParseAssume(pairs)
	return set, inFlags(err)
}
