package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/capacity"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/scenario"
)

// capacityFlags are all flags of capacity.
type capacityFlags struct {
	target    targetFlags
	send      sendFlags
	plan      planFlags
	report    reportFlags
	first     scenario.Rate
	most      scenario.Rate
	least     scenario.Rate
	precision float64
	limit     time.Duration
	resume    string
	output    string
}

func (p *program) capacityCommand() *cobra.Command {
	var f capacityFlags
	var c *capacitySearch
	cmd := &cobra.Command{
		Use:   "capacity SCENARIO…|WORKLOAD --to URL [flags]",
		Short: "Find out how much a consumer takes",
		Long: `capacity finds the highest rate of notifications that a consumer takes. It doubles the rate until
a window fails, halves what is left between, plays what it found for 30 s, and at last the
first rate once more. A window fails if a gate does, if a notification is not accepted, or
if what waits for a response grows throughout. Between failed windows it waits until the
consumer has recovered. Nothing is sent twice: a refused notification is not retried.
Conversations are under way when a window begins: the consumer gets updates of some that it never saw begin.

No limit is named that is ringback's own or the machine's, nor one of a consumer that became
slower meanwhile: the report says which. See docs/load.md.

Exit status 0 means that a limit was found, or that --most holds; 1 that the consumer has none that
could be named, or takes less than --least; 4 that ringback or the machine was the limit, or the time was over;
130 that it was interrupted: the report has all windows until then, and --resume goes on.`,
		Example: `  ringback capacity steady-calls --to http://127.0.0.1:8080/events --gate 'answer p99 < 500ms'
  ringback capacity inbound-call --to http://127.0.0.1:8080/events --least 200/s --report capacity.html --report capacity.json
  ringback capacity inbound-call --to http://127.0.0.1:8080/events --resume capacity.json`,
		Args: arguments(1, -1, "at least one scenario, or a workload", "no scenario; `ringback list` shows the ready-made ones"),
		PreRunE: func(cmd *cobra.Command, args []string) (err error) {
			if f.resume != "" && cmd.Flags().Changed("seed") {
				return usage("--seed: a search that is resumed goes on with its own seed; leave --seed out, or begin anew without --resume")
			}
			c, err = p.parseCapacity(&f)
			return err
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.prepare(cmd.Context(), args); err != nil {
				return err
			}
			return c.run(cmd.Context())
		},
	}
	section(cmd, "Target", f.target.add, f.send.addRequest, func(flags *pflag.FlagSet) {
		flags.Lookup("to").Usage = "`URL` send to this consumer"
		parsed(flags, &f.send.Connections, "connections", "512", "`N` requests in flight, at most", upTo(1_000_000))
	})
	section(cmd, "Search", f.addSearch)
	section(cmd, "Traffic", f.plan.addPlayed, f.plan.addFaults)
	section(cmd, "Result", func(flags *pflag.FlagSet) {
		choose(flags, &f.output, "output", "what to print on standard output", "text", "json", "quiet")
		flags.StringArrayVar(&f.report.files, "report", nil, "`FILE` write a report, .json or .html, after each window; may be repeated")
	})
	return cmd
}

// addSearch adds the flags about the search.
func (f *capacityFlags) addSearch(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.report.gates, "gate", nil, "`CONDITION` a window that does not meet it fails, such as 'answer p99 < 500ms'; may be repeated; see \"ringback help gates\"")
	parsed(flags, &f.first, "first", "10/s", "`RATE` notifications a second to begin with", aRate)
	parsed(flags, &f.most, "most", "20000/s", "`RATE` the highest rate that is tried", aRate)
	parsed(flags, &f.least, "least", "", "`RATE` fail unless the consumer takes so much", aRate)
	parsed(flags, &f.precision, "precision", "3%", "`PERCENT` by how much the rate that fails may be above the one that holds, from 1% to 50%", aPrecision)
	parsed(flags, &f.limit, "for", "3m", "`D` time limit, from 10s to 24h", aLimit)
	flags.StringVar(&f.resume, "resume", "", "`FILE` go on with the search of which this is a JSON report")
}

// capacitySearch is a search that has been checked.
type capacitySearch struct {
	*program
	flags   *capacityFlags
	s       playSettings
	senders settings.Senders
	gates   *reporting
	places  []report.Place
	windows windows
	result  capacity.Result
	search  capacity.Search
}

// checkWindowGates refuses gates that no rate decides.
func checkWindowGates(gates []gate.Gate) error {
	for _, g := range gates {
		switch g.Figure {
		case gate.Throughput:
			return usage("--gate %q: the throughput is what capacity looks for; use --least", g)
		case gate.Violations, gate.ChecksFailed:
			return usage("--gate %q: capacity has no data of that; judge what the consumer responds, as in 'refused < 1%%'", g)
		case gate.Notifications, gate.Duration, gate.Undelivered, gate.Faults, gate.Duplicates, gate.Forgeries, gate.BadBodies, gate.Dropped:
			return usage("--gate %q: the length of a window decides that, and not the consumer; judge what it responds, as in 'refused < 1%%' or 'answer p99 < 300ms'", g)
		}
	}
	return nil
}

// parseCapacity reads the flags.
func (p *program) parseCapacity(f *capacityFlags) (*capacitySearch, error) {
	c := &capacitySearch{program: p, flags: f}
	var errs [5]error
	f.send.Speed, f.send.RetryFor = "1", emitter.DefaultRetryFor
	f.send.Patience, f.send.Waiting = emitter.DefaultPatience, emitter.DefaultWaiting
	c.windows.emitter, errs[0] = f.send.Emitter()
	c.senders, errs[1] = f.target.Read(f.plan.types)
	c.s, errs[2] = f.plan.parse()
	files := f.report.files
	f.report.files = nil
	c.gates, errs[3] = f.report.parse()
	c.places, errs[4] = placesOf(files, []string{".json", ".html"})
	if err := inFlags(errs[:]...); err != nil {
		return nil, err
	}
	if err := checkWindowGates(c.gates.gates); err != nil {
		return nil, err
	}
	switch {
	case len(c.senders.Targets) != 1:
		return nil, usage("capacity looks at one consumer, got %d; name it with --to URL", len(c.senders.Targets))
	case perSecondOf(f.first) > perSecondOf(f.most):
		return nil, usage("--first: %s is more than --most %s", f.first, f.most)
	case !f.least.IsZero() && perSecondOf(f.least) > perSecondOf(f.most):
		return nil, usage("--least: %s is more than --most %s", f.least, f.most)
	}
	return c, nil
}

// instead leaves out what the traffic asks about the acceptance of notifications, where one of the first gates, which are those of the
// command line, does.
func instead(asked int, gates []gate.Gate) []gate.Gate {
	isCount := func(g gate.Gate) bool { return g.Kind == gate.Count }
	if !slices.ContainsFunc(gates[:asked], isCount) {
		return gates
	}
	return append(slices.Clone(gates[:asked]), slices.DeleteFunc(slices.Clone(gates[asked:]), isCount)...)
}

func perSecondOf(r scenario.Rate) float64 { return float64(r.Times) / r.Per.Seconds() }

// prepare checks everything else that can be checked before anything is sent.
func (c *capacitySearch) prepare(ctx context.Context, args []string) error {
	t, err := c.load(args, c.s.set)
	if err != nil {
		return err
	}
	if t.Workload != nil && t.Workload.AgentCount > 0 {
		fmt.Fprintln(c.err, "note: a rate of notifications leaves out the workload's pool of agents: each conversation brings its own")
	}
	o := c.s.Options
	o.Calls = scenario.Rate{Times: 1, Per: time.Second} // so that the workload's arrivals are left out
	if t.Workload != nil {
		o = o.With(t.Workload)
	}
	sending, err := t.Sending(c.s.Assume)
	if err != nil {
		return inFlags(err)
	}
	asked := len(c.gates.gates)
	e := &c.windows.emitter
	e.Targets, e.Drain = c.senders.Targets, c.drain
	e.Sockets = &emitter.Sockets{Most: policy.ConnectionsWithin(policy.OpenFiles())}
	settings.ApplySending(e, sending)
	if err := inFlags(checkTargets(ctx, e)); err != nil {
		return err
	}
	c.gates.of(t)
	c.gates.gates = instead(asked, c.gates.gates)
	c.windows.gates, c.windows.inUse = c.gates.gates, newInUse
	f := c.flags
	if c.windows.traffic, err = newTraffic(t.Scenarios, o, e.Targets[0].Types); err != nil {
		return err
	}
	c.result = capacity.Result{SchemaVersion: capacity.SchemaVersion, Version: version(), Target: e.Targets[0].Label(), Scenarios: t.Names(), Gates: []string{}, Seed: o.Seed}
	for _, g := range c.gates.gates {
		c.result.Gates = append(c.result.Gates, g.String())
	}
	c.search = capacity.Search{Offer: c.windows.play, Now: time.Now, First: perSecondOf(f.first), Most: perSecondOf(f.most), Precision: f.precision, For: f.limit,
		Needed: capacity.Needed(c.gates.gates), Tolerant: capacity.Tolerant(c.gates.gates), On: c.told}
	return c.goOn()
}

// goOn reads the windows of an earlier search.
func (c *capacitySearch) goOn() error {
	if c.flags.resume == "" {
		return nil
	}
	file, err := c.open(c.flags.resume)
	if err != nil {
		return usage("--resume: %w", err)
	}
	defer file.Close()
	earlier, err := capacity.Read(file)
	if err == nil {
		c.search.Done, err = c.result.Continues(earlier)
	}
	if err != nil {
		return usage("--resume: %s: %w", c.flags.resume, err)
	}
	c.windows.traffic.options.Seed = earlier.Seed
	c.result.Seed, c.windows.played = earlier.Seed, uint64(len(earlier.Steps))
	return nil
}

// told prints a window, and writes the reports, so that nothing is lost if the rest is.
func (c *capacitySearch) told(s capacity.Step) {
	if c.flags.output != "quiet" {
		fmt.Fprintln(c.err, s.String())
	}
	c.result.Ended = time.Now().UTC()
	_ = c.write() // its errors come at the end, when it is written again
}

func (c *capacitySearch) write() error {
	var errs []error
	for _, place := range c.places {
		err := place.Write(func(w io.Writer) error {
			if place.Format == ".html" {
				return c.result.WriteHTML(w)
			}
			return c.result.WriteJSON(w)
		})
		if err != nil {
			errs = append(errs, &statusError{exitFailed, fmt.Errorf("report: %w", err)})
		}
	}
	return errors.Join(errs...)
}

// run searches, reports and finds the exit status.
func (c *capacitySearch) run(ctx context.Context) error {
	if c.flags.output != "quiet" {
		fmt.Fprintf(c.err, "seed %d, to %s; at most %s\n", c.result.Seed, c.result.Target, c.flags.limit)
	}
	c.begin()
	ctx, stop := c.untilSignal(ctx)
	defer stop()
	c.result.Started = time.Now().UTC()
	err := c.search.Run(ctx, &c.result)
	written := c.write()
	switch c.flags.output {
	case "json":
		err = errors.Join(err, c.result.WriteJSON(c.out))
	case "text":
		fmt.Fprintln(c.err)
		err = errors.Join(err, c.result.WriteText(c.out))
	}
	return errors.Join(err, written, c.verdict())
}

// verdict is the exit status, and why.
func (c *capacitySearch) verdict() error {
	r := &c.result
	status := map[capacity.Whose]int{capacity.Somebody: exitInterrupted, capacity.Consumer: exitFailed}[r.Whose]
	least := perSecondOf(c.flags.least)
	switch {
	case status == 0 && !r.Named:
		status = exitInvalid
	case r.Named && !c.flags.least.IsZero() && r.Holds < least:
		return &statusError{exitFailed, fmt.Errorf("%s, less than --least %s", r.Headline(), c.flags.least)}
	case r.Named:
		return nil
	}
	return &statusError{status, errors.New(r.Headline())}
}

// aRate reads a rate above 0, such as 5/s.
func aRate(text string) (scenario.Rate, error) {
	r, err := scenario.ParseRate(text)
	switch {
	case err != nil || r.IsZero():
		err = fmt.Errorf("want a rate such as 200/s, got %q", text)
	case perSecondOf(r) < leastRate || perSecondOf(r) > mostRate:
		err = fmt.Errorf("want %g/s to %d/s, got %q", leastRate, mostRate, text)
	}
	return r, err
}

// leastRate is the lowest rate of a search, a second: below it, a window of seconds has no notification.
const leastRate = 0.1

// mostRate is the highest one that a plan may have.
const mostRate = 1_000_000

// aPrecision reads a percentage from 1% to 50%, as a share.
func aPrecision(text string) (float64, error) {
	number, is := strings.CutSuffix(strings.TrimSpace(text), "%")
	share, err := strconv.ParseFloat(number, 64)
	if !is || err != nil || !(share >= 1 && share <= 50) {
		return 0, fmt.Errorf("want a percentage from 1%% to 50%%, got %q", text)
	}
	return share / 100, nil
}

// aLimit reads how long a search may take.
func aLimit(text string) (time.Duration, error) {
	d, err := settings.ParseDuration(text)
	if err == nil && (d < 10*time.Second || d > 24*time.Hour) {
		err = fmt.Errorf("want 10s to 24h, got %q", text)
	}
	return d, err
}
