package main

import (
	"crypto/rand"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
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

func (f *planFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.seed, "seed", "", "`N`: what all random choices come from (default a random one, printed)")
	flags.StringVar(&f.start, "start", "", "`TIME` of the first step, such as 2025-03-03T09:00:00Z (default now; at other speeds so that nothing lies in the future)")
	flags.StringVar(&f.versions, "event-version", "v0", "`v0|v1|both`: generation of the event types")
	flags.StringSliceVar(&f.types, "types", nil, "`PATTERN` of the event types to send, such as channel.* (default all)")
	f.traffic.add(flags)
	flags.StringVar(&f.lag, "lag", "250ms", "`SPAN` from an event to its sending, such as 250ms or 100ms..2s")
	flags.StringArrayVar(&f.faults, "fault", nil, "`RULE` of what goes wrong on purpose, such as 'duplicate 2% of channel.held.*'; may be repeated; see docs/faults.md")
	flags.StringArrayVar(&f.assume, "assume", nil, "`NAME=VALUE`: a choice where the API's documentation is silent; see docs/assumptions.md")
	flags.StringVar(&f.shard, "shard", "", "`K/N`: play only the conversations K modulo N, K from 0; auto: the shard of the Kubernetes Job's pod; see docs/shards.md")
}

// settings are the parsed flags. Start is zero if none was given.
type settings struct {
	plan.Options
	types  []string
	seeded bool // the seed was given
	agents agentSettings
}

func (f *planFlags) parse() (settings, error) {
	s := settings{types: f.types}
	var err error
	if s.Seed, err = parseSeed(f.seed); err != nil {
		return s, err
	}
	if f.start != "" {
		if s.Start, err = time.Parse(time.RFC3339Nano, f.start); err != nil {
			return s, usage("--start: want a time such as 2025-03-03T09:00:00Z, got %q", f.start)
		}
	}
	if s.Versions, err = plan.ParseVersions(f.versions); err != nil {
		return s, usage("--event-version: %v", err)
	}
	if s.Shard, err = parseShard(f.shard, os.LookupEnv); err != nil {
		return s, err
	}
	s.seeded = f.seed != ""
	if err := f.traffic.parse(&s); err != nil {
		return s, err
	}
	lag, err := scenario.ParseSpan(f.lag)
	if err != nil {
		return s, usage("--lag: %v", err)
	}
	s.Lag = &lag
	if s.Faults, err = parseFaults(f.faults); err != nil {
		return s, err
	}
	s.Assume, err = parseAssume(f.assume)
	return s, err
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
	if text == "" {
		return 0, nil
	}
	span, err := scenario.ParseSpan(text)
	if err == nil && span.Min() != span.Max() {
		return 0, usage("%s: want one time such as 10m, got %q", flag, text)
	}
	if err != nil || span.IsZero() {
		return 0, usage("%s: want a time such as 30s or 10m, got %q", flag, text)
	}
	return span.Min(), nil
}

func parseAssume(pairs []string) (assume.Set, error) {
	var set assume.Set
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return set, usage("--assume: want NAME=VALUE, got %q", pair)
		}
		if err := set.Change(name, value); err != nil {
			return set, usage("--assume: %v", err)
		}
	}
	return set, nil
}
