package main

import (
	"errors"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// planFlags are the flags that decide what a plan contains. run and plan have the same.
type planFlags struct {
	settings.Text
	types []string
	set   []string
}

// addTraffic adds the flags that say what happens, and how often.
func (f *planFlags) addTraffic(flags *pflag.FlagSet) {
	flags.StringVar(&f.Calls, "calls", "", "`RATE` start conversations at this rate of scenario time, such as 5/s (default all at once, or the workload's arrivals)")
	flags.StringVar(&f.For, "for", "", "`D` how long the traffic goes on, in scenario time, such as 10m: no conversation starts after it; see --at-end")
	flags.StringVar(&f.AtEnd, "at-end", "", "`finish|drain|cut` what becomes of conversations under way after --for: they go on to their ends; or only what was due is delivered; or nothing more is sent (default drain with --events, otherwise finish)")
	parsed(flags, &f.Count, "count", "", "`N` number of conversations (default each scenario once, or the workload's arrivals)", upTo(uint64(scenario.MaxConversations)))
	flags.StringVar(&f.Events, "events", "", "`RATE` instead of --calls: send notifications at this rate, such as 2000/s, with as many conversations as that takes")
	parsed(flags, &f.Population, "population", "", "`N` instead of --calls: keep this many conversations alive; when one ends, the next starts", upTo(scenario.MaxAtOnce))
	flags.StringVar(&f.Agents, "agents", "", "`N|@FILE` pool of agents that all conversations share: a number, or a CSV file with agentId, userId or both (default each conversation brings its own)")
	flags.StringVar(&f.AgentPatience, "agent-patience", "", "`SPAN` callers stop waiting for an agent of the pool after this time, such as 30s..2m (default never)")
	flags.StringVar(&f.ConversationIDs, "conversation-ids", "", "`FILE` use the conversation IDs in this file, one per line (default made from the seed)")
	flags.StringVar(&f.Start, "start", "", "`TIME` scenario time of the first step, such as 2025-03-03T09:00:00Z (default now; at other speeds than 1, now minus the length)")
	f.addPlayed(flags)
	flags.StringVar(&f.Shard, "shard", "", "`K/N` shard K of N, from 0; auto: the one that Kubernetes, Slurm, AWS Batch, Nomad or a CI job gives; see docs/shards.md")
}

// addPlayed adds the flags that say what is played, however often.
func (f *planFlags) addPlayed(flags *pflag.FlagSet) {
	addSet(flags, &f.set)
	flags.StringSliceVar(&f.types, "types", nil, "`PATTERN` send only these event types, such as channel.*; may be repeated (default all)")
	flags.StringVar(&f.Versions, "event-version", "v0", "`v0|v1|both` generation of the event types")
	flags.StringVar(&f.Seed, "seed", "", "`N` random seed (default a random one, printed)")
	flags.StringVar(&f.Lag, "lag", "", "`SPAN` delay from an event to its notification, such as 250ms or 100ms..2s (default about 500ms, in order)")
	flags.StringVar(&f.Order, "order", settings.InConversation, "`conversation|none` whether notifications of a conversation wait for one another; none: they leave in bursts that follow from the seed; see docs/load.md")
}

// addSet adds the flag for parameters. Commas belong to the values.
func addSet(flags *pflag.FlagSet, into *[]string) {
	flags.StringArrayVar(into, "set", nil, "`NAME=VALUE` value of a parameter of the scenarios, such as hold=2m; may be repeated (default those of the files)")
}

// addFaults adds the flags about faults and assumptions.
func (f *planFlags) addFaults(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.Faults, "fault", nil, "`RULE` inject a fault, such as 'duplicate 2% of channel.held.*'; may be repeated; see docs/faults.md")
	flags.StringSliceVar(&f.Assume, "assume", nil, "`NAME=VALUE` choose where the API's documentation is silent; may be repeated; see docs/assumptions.md")
}

// playSettings are the parsed flags. Start is zero if none was given.
type playSettings struct {
	plan.Options
	types []string
	pool  settings.Pool
	set   []scenario.Param
}

func (f *planFlags) parse() (s playSettings, err error) {
	s.types = f.types
	var pooled, unset error
	s.Options, err = f.Options()
	s.pool, pooled = f.Pool()
	s.set, unset = settings.ParseSet(f.set, "--set")
	return s, inFlags(err, pooled, unset, checkTypes(f.types))
}

// checkTypes finds patterns that can only be mistyped.
func checkTypes(patterns []string) error {
	var errs []error
	for _, pattern := range patterns {
		if err := nearest.EventType(pattern); err != nil {
			errs = append(errs, usage("--types: %w; `ringback schema event` lists them, * stands for any run of characters", err))
		}
	}
	return errors.Join(errs...)
}

// apply adds the settings of a workload; flags take precedence.
func (s *playSettings) apply(t *settings.Traffic) (err error) {
	s.Options, err = t.Options(s.Options, s.pool)
	return inFlags(err)
}

// targetFlags say where to send, and as whom.
type targetFlags struct{ settings.TargetText }

func (f *targetFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.To, "to", nil, "`URL` send to this consumer; may be repeated (default the built-in receiver)")
	flags.StringVar(&f.Secret, "secret", "", "`BASE64|@FILE` signing secret of the subscription; @FILE or RINGBACK_SECRET keeps it out of process lists (default the public development secret)")
	f.addConnection(flags)
	flags.StringVar(&f.NextSecret, "next-secret", "", "`BASE64|@FILE` secret used after a rotate-key fault (default a second development secret)")
}

// addConnection adds the flags that say how targets are reached.
func (f *targetFlags) addConnection(flags *pflag.FlagSet) {
	flags.StringVar(&f.File, "targets", "", "`FILE` targets with a URL, secret, types, headers and TLS settings each; see docs/targets.md")
	flags.StringArrayVar(&f.Headers, "header", nil, "`NAME:VALUE` send this header with each request; may be repeated")
	flags.StringSliceVar(&f.Allow, "allow-target", nil, "`HOST` allow this public host, or network such as 203.0.113.0/24; may be repeated")
	flags.StringVar(&f.CA, "ca", "", "`FILE` trust these certificate authorities (PEM) besides the system's")
	flags.StringVar(&f.Cert, "cert", "", "`FILE` client certificate (PEM); needs --key")
	flags.StringVar(&f.Key, "key", "", "`FILE` key of the client certificate (PEM)")
	flags.BoolVar(&f.Insecure, "insecure", false, "accept any certificate; for tests on your own machine")
}

// sendFlags say how to send.
type sendFlags struct{ settings.SendText }

// addRequest adds the flags about single requests.
func (f *sendFlags) addRequest(flags *pflag.FlagSet) {
	flags.DurationVar(&f.Timeout, "timeout", emitter.DefaultTimeout, "`D` time limit for a complete response")
	flags.TextVar(&f.Engine, "engine", emitter.AutoEngine, "`auto|http|lane` HTTP client to use; see docs/targets.md")
	flags.BoolVar(&f.Traceparent, "traceparent", false, "send a traceparent header (W3C Trace Context): a trace for each notification, a span for each attempt")
}

// addPace adds the flags about when requests are sent.
func (f *sendFlags) addPace(flags *pflag.FlagSet) {
	flags.StringVar(&f.Speed, "speed", "1", "`N|max` scenario seconds per real second; max: as fast as the targets respond")
	flags.DurationVar(&f.RetryFor, "retry-for", emitter.DefaultRetryFor, "`D` stop retrying after this scenario time (0: no retries)")
	flags.DurationVar(&f.Patience, "patience", emitter.DefaultPatience, "`D` give up on a target that has never responded, after this long (0: at once; negative: never)")
	flags.IntVar(&f.Connections, "connections", emitter.DefaultConnections, "`N` requests in flight per target, at most")
	flags.IntVar(&f.Waiting, "waiting", emitter.DefaultWaiting, "`N` notifications queued per target, at most: half for first attempts, half for retries; more are not sent, and counted")
}

// resultFlags say what run and replay write beside reports.
type resultFlags struct {
	output string
	log    string
	dryRun bool
}

func (f *resultFlags) add(flags *pflag.FlagSet) {
	choose(flags, &f.output, "output", "what to print on standard output", "text", "json", "quiet")
	flags.StringVar(&f.log, "log", "", "`FILE` append a row for every attempt; see docs/log.md")
	flags.BoolVar(&f.dryRun, "dry-run", false, "check everything and say what would be sent, but send nothing")
}

func parseAssume(pairs []string) (assume.Set, error) {
	set, err := settings.ParseAssume(pairs)
	return set, inFlags(err)
}

// changed lists the flags that differ from their defaults, for reports. Values in which
// secrets travel are left out.
func changed(flags *pflag.FlagSet) map[string]string {
	all := map[string]string{}
	flags.Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "to":
			all[f.Name] = "(see targets)"
		default:
			if all[f.Name] = f.Value.String(); secretive(f.Name, all[f.Name]) {
				all[f.Name] = "(not shown)"
			}
		}
	})
	return all
}
