package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/watch"
)

// watchFlags say how a run is watched and steered.
type watchFlags struct {
	progress string
	quiet    bool
	control  string
	metrics  string
	pprof    string
}

func (f *watchFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.progress, "progress", "auto", "`auto|screen|lines|off` how to follow the run on standard error; see docs/watching.md")
	flags.BoolVar(&f.quiet, "quiet", false, "print nothing unless something goes wrong: --output quiet --progress off")
	flags.StringVar(&f.control, "control", "", "`HOST:PORT` steer the run over HTTP at this loopback address; port 0: any free port")
	flags.StringVar(&f.metrics, "metrics", "", "`HOST:PORT` serve Prometheus metrics of the run at this address, under /metrics")
	flags.StringVar(&f.pprof, "pprof", "", "`HOST:PORT` serve profiles for go tool pprof at this loopback address")
}

// parse checks the flags. Output is that of --output, and what to print after all.
func (f *watchFlags) parse(output string, given func(flag string) bool) (string, error) {
	if output != "text" && output != "json" && output != "quiet" {
		return "", usage("--output: want text, json or quiet, got %q", output)
	}
	switch f.progress {
	case "auto", "screen", "lines", "off":
	default:
		return "", usage("--progress: want auto, screen, lines or off, got %q", f.progress)
	}
	if f.quiet {
		if given("output") && output != "quiet" || given("progress") && f.progress != "off" {
			return "", usage("--quiet is --output quiet --progress off, and another of them is given")
		}
		output, f.progress = "quiet", "off"
	}
	for _, check := range []error{checkAddress("control", f.control, true), checkAddress("metrics", f.metrics, false), checkAddress("pprof", f.pprof, true)} {
		if check != nil {
			return "", check
		}
	}
	return output, nil
}

// watching is a run that is watched: by a screen, by lines, over HTTP, and for the report.
type watching struct {
	*steering
	sampler  sampler
	ports    []*sidePort
	terminal *terminal // nil if there is no screen
	attempts bool      // each attempt is told on standard output

	program *program
	finish  func() // ends the sampler; nil once done
}

// watch prepares everything that goes wrong before something is sent.
func (r *playing) watch() (*watching, error) {
	control := emitter.NewControl()
	r.emitter.Control = control
	w := &watching{program: r.program, steering: newSteering(r.program, control, r.emitter.Speed)}
	w.sampler.control = control
	w.sampler.meter = watch.Meter{Title: strings.Join(r.reporting.names, ", "), Length: r.length, Rate: r.rate}
	progress, err := r.progress()
	if err != nil {
		return nil, err
	}
	w.attempts = r.output == "text" && !r.traffic && progress != "screen"
	switch progress {
	case "screen":
		w.terminal = newTerminal(terminalOf(r.err), r.in, w.steering)
		w.sampler.show = w.terminal.show
	case "lines":
		w.sampler.show = func(f *watch.Frame) {
			w.dress(f)
			r.speak(f.Line())
		}
	}
	return w, w.open(r)
}

// progress is how the run is followed. Where --progress leaves it open, a small run tells its
// attempts instead, and what other programs read is not disturbed.
func (r *playing) progress() (string, error) {
	drawable := terminalOf(r.err) != nil && os.Getenv("TERM") != "dumb"
	switch {
	case r.watched.progress == "screen" && !drawable:
		return "", usage("--progress screen: standard error is no terminal on which one can draw; use --progress lines")
	case r.watched.progress != "auto":
		return r.watched.progress, nil
	case r.output == "quiet", r.output == "text" && !r.traffic:
		return "off", nil
	case drawable:
		return "screen", nil
	case r.output == "text":
		return "lines", nil
	}
	return "off", nil
}

// open listens at the ports that flags name.
func (w *watching) open(r *playing) error {
	f := &r.watched
	if f.metrics != "" {
		w.sampler.metrics = newMetrics(targetNames(r.emitter.Targets))
	}
	for _, want := range []struct{ flag, address string }{{"control", f.control}, {"metrics", f.metrics}, {"pprof", f.pprof}} {
		if want.address == "" {
			continue
		}
		handler := profileHandler()
		switch want.flag {
		case "control":
			handler = controlHandler(w.steering, w.sampler.now)
		case "metrics":
			handler = w.sampler.metrics.handler()
		}
		p, err := openPort(want.flag, want.address, handler)
		if err != nil {
			w.stop()
			return err
		}
		w.ports = append(w.ports, p)
	}
	return nil
}

// start begins to watch. Somebody has to call stop, also when there is a panic.
func (w *watching) start(ctx context.Context) {
	w.began = time.Now()
	for _, p := range w.ports {
		path := map[string]string{"metrics": "/metrics", "pprof": "/debug/pprof/"}[p.flag]
		w.program.speak(fmt.Sprintf("%s at %s%s", p.flag, p.url(), path))
		p.serve()
	}
	w.finish = w.sampler.start()
	if w.terminal != nil {
		w.terminal.start(ctx.Done(), w.sampler.now())
		w.program.through(func(line string) {
			w.remark(line)
			w.terminal.again()
		})
	}
}

// stop ends everything that was begun, and returns when it has ended. It may be called
// before start, and more than once.
func (w *watching) stop() {
	if w.finish != nil {
		if w.terminal != nil {
			w.terminal.close()
			w.program.through(nil)
		}
		w.finish()
		w.finish = nil
	}
	for _, p := range w.ports {
		p.close()
	}
}

// targetNames are the targets' names as rows have them.
func targetNames(targets []emitter.Target) []string {
	names := make([]string, len(targets))
	for i, t := range targets {
		if names[i] = t.Name; names[i] == "" {
			names[i] = redacted(t.URL)
		}
	}
	return names
}

// record counts a row.
func (w *watching) record(a *emitter.Attempt) {
	if w.sampler.metrics != nil {
		w.sampler.metrics.record(a)
	}
}

// tell adds to the report what was seen and changed while the run went on.
func (w *watching) tell(s *report.Summary) {
	s.Notes = append(s.Notes, w.notes()...)
	if len(w.sampler.series.Points) > 0 {
		s.Series = &w.sampler.series
	}
}
