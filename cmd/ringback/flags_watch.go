package main

import (
	"cmp"
	"errors"
	"strings"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/watch"
)

// watchFlags say how a run is watched and steered.
type watchFlags struct {
	progress string
	quiet    bool
	control  string
	metrics  string
	push     string
	pprof    string
}

func (f *watchFlags) add(flags *pflag.FlagSet) {
	choose(flags, &f.progress, "progress", "how to follow the run on standard error; see docs/watching.md", "auto", "screen", "lines", "off")
	flags.BoolVar(&f.quiet, "quiet", false, "print nothing unless something goes wrong: --output quiet --progress off")
	flags.StringVar(&f.control, "control", "", "`HOST:PORT` steer the run over HTTP at this loopback address; port 0: any free port")
	flags.StringVar(&f.metrics, "metrics", "", "`HOST:PORT` serve Prometheus metrics of the run at this address, under /metrics")
	flags.StringVar(&f.push, "metrics-push", "", "`URL` send the final metrics of the run to this receiver of OpenTelemetry (OTLP over HTTP), such as http://127.0.0.1:4318; headers from OTEL_EXPORTER_OTLP_HEADERS")
	flags.StringVar(&f.pprof, "pprof", "", "`HOST:PORT` serve profiles for go tool pprof at this loopback address")
}

// parse checks the flags. Output is that of --output, and what to print after all.
func (f *watchFlags) parse(output string, given func(flag string) bool) (string, error) {
	var errs []error
	if f.quiet {
		contradicts := func(flag, value, quiet string) {
			if given(flag) && value != quiet {
				errs = append(errs, usage("--quiet means --%s %s, but --%[1]s %[3]s is given, too; leave out one of the two", flag, quiet, value))
			}
		}
		contradicts("output", output, "quiet")
		contradicts("progress", f.progress, "off")
		output, f.progress = "quiet", "off"
	}
	for _, err := range flat((&watch.Options{Control: f.control, Metrics: f.metrics, Pprof: f.pprof}).Check()) {
		errs = append(errs, inPorts(err))
	}
	return output, errors.Join(errs...)
}

// inPorts is an error about a port in the words of the command line.
func inPorts(err error) error {
	var p *watch.PortError
	switch {
	case errors.As(err, &p):
		return usage("--%s: %w", p.Port, p.Err)
	case errors.Is(err, watch.ErrNoTerminal):
		return usage("--progress screen: %w; use --progress lines", err)
	}
	return err
}

// watch prepares to watch the run.
func (r *playing) watch() (*watch.Watcher, error) {
	f := &r.watched
	r.emitter.Control = emitter.NewControl()
	w, err := watch.Open(watch.Options{Progress: f.progress, Output: r.output, Control: f.control, Metrics: f.metrics, Pprof: f.pprof, Gather: r.push != nil,
		Title: strings.Join(r.reporting.names, ", "), Version: version(), Targets: targetNames(r.emitter.Targets), Speed: r.emitter.Speed,
		Stopper: &r.early.stopper, Stop: r.endEarly, Extent: r.extent, In: r.in, Messages: &r.messages, Drain: r.emitter.Drain, End: r.interrupt}, r.emitter.Control)
	return w, inPorts(err)
}

// targetURLs are the targets' URLs by the names that attempts have.
func targetURLs(targets []emitter.Target) map[string]string {
	urls := make(map[string]string, len(targets))
	for i, name := range targetNames(targets) {
		urls[name] = settings.Redacted(targets[i].URL)
	}
	return urls
}

// targetNames lists the targets' names as attempts have them.
func targetNames(targets []emitter.Target) []string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = cmp.Or(t.Name, settings.Redacted(t.URL))
	}
	return names
}
