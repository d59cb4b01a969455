// Package watch lets people and programs watch a run, and steer it.
//
// Snapshots of a run and its attempts come in; a screen or lines on a terminal, a control
// port, Prometheus metrics and a part of the report go out. It promises that it never slows
// a run, that a drawing is never wider or higher than the terminal, that figures keep their
// places from one drawing to the next, and that the terminal is left as it was found. It
// changes only the pace of a run, never what is sent.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
)

// Options say how a run is watched and steered.
type Options struct {
	Progress                string                // auto, screen, lines or off
	Output                  string                // what standard output is for: text, json or quiet
	Control, Metrics, Pprof string                // HOST:PORT of each port beside the run; empty: none
	Stopper                 *report.Stopper       // ends the run when one of its conditions holds; nil: never
	Stop                    func(*report.Stopped) // is told of it, and ends the run; must not block
	Gather                  bool                  // metrics are kept for Gather, though no port serves them

	Title   string   // what is played
	Version string   // of ringback
	Targets []string // their names, as attempts have them
	Speed   float64  // at which the run begins
	Extent  Extent

	In       io.Reader       // gives keys if it is a terminal
	Messages *Messages       // is drawn on if it writes to a terminal
	Drain    <-chan struct{} // closed when nothing new begins any more
	End      func()          // asks the run to end, as a signal does
}

// ErrNoTerminal says that a screen was asked for where none can be drawn.
var ErrNoTerminal = errors.New("standard error is not a terminal that can be drawn on")

// Watcher watches a run: with a screen or lines, over HTTP, and for the report.
type Watcher struct {
	*steering
	sampler  sampler
	ports    []*port
	terminal *terminal // nil if there is no screen
	attempts bool
	finish   func() // ends the sampler; nil once done
}

// Check checks the addresses of the ports. Its error joins a *PortError for each that is wrong.
func (o *Options) Check() error {
	var errs []error
	for _, p := range o.ports() {
		if err := p.check(); err != nil {
			errs = append(errs, &PortError{p.name, err})
		}
	}
	return errors.Join(errs...)
}

// Try finds out whether the ports can be had, and lets go of them.
func (o *Options) Try() error {
	var errs []error
	for _, p := range o.ports() {
		if p.address == "" {
			continue
		}
		l, err := netguard.Listen(p.address)
		if err != nil {
			errs = append(errs, &PortError{p.name, err})
			continue
		}
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

func (o *Options) ports() []*port {
	return []*port{{name: "control", address: o.Control},
		{name: "metrics", address: o.Metrics, path: "/metrics"},
		{name: "pprof", address: o.Pprof, path: "/debug/pprof/"}}
}

// Open prepares everything that can go wrong before something is sent. The control is that
// of the run. Stop closes what Open opened.
func Open(o Options, control *emitter.Control) (*Watcher, error) {
	w := &Watcher{steering: &steering{options: &o, control: control, speed: o.Speed}}
	w.sampler.control = control
	if o.Stopper != nil {
		w.sampler.judge = w.judge
	}
	w.sampler.meter.last = Status{Title: o.Title, Length: o.Extent.Length, Rate: o.Extent.Rate * float64(len(o.Targets))}
	progress, err := o.progress()
	if err != nil {
		return nil, err
	}
	w.attempts = o.Output == "text" && !o.Extent.Traffic && progress != "screen"
	switch progress {
	case "screen":
		w.terminal = newTerminal(terminalOf(o.Messages.To), o.In, w)
		w.sampler.show = w.terminal.again
	case "lines":
		w.sampler.show = func() { o.Messages.Print(w.refreshed(w.sampler.now()).Line()) }
	}
	if o.Gather || o.Metrics != "" {
		w.sampler.metrics = newMetrics(o.Version, o.Targets)
	}
	for _, p := range o.ports() {
		if p.address == "" {
			continue
		}
		handler := profileHandler()
		switch p.name {
		case "control":
			handler = controlHandler(w.steering, w.sampler.now)
		case "metrics":
			handler = w.sampler.metrics.handler()
		}
		if err := p.open(handler); err != nil {
			w.Stop()
			return nil, err
		}
		w.ports = append(w.ports, p)
	}
	return w, nil
}

// progress is how the run is followed. Where that is left open, a small run lists its
// attempts instead, and what other programs read is not disturbed.
func (o *Options) progress() (string, error) {
	drawable := terminalOf(o.Messages.To) != nil && !show.IsDumb()
	switch {
	case o.Progress == "screen" && !drawable:
		return "", ErrNoTerminal
	case o.Progress != "auto":
		return o.Progress, nil
	case o.Output == "quiet", o.Output == "text" && !o.Extent.Traffic:
		return "off", nil
	case drawable && !show.InCI():
		return "screen", nil
	case o.Output == "text":
		return "lines", nil
	}
	return "off", nil
}

// Attempts reports whether each attempt is to be listed on standard output.
func (w *Watcher) Attempts() bool { return w.attempts }

// Start begins to watch. Somebody has to call Stop, also when there is a panic.
func (w *Watcher) Start(ctx context.Context) {
	w.began = time.Now()
	for _, p := range w.ports {
		w.options.Messages.Print(fmt.Sprintf("%s at http://%s%s", p.name, p.listener.Addr(), p.path))
		p.serve()
	}
	w.finish = w.sampler.start()
	if w.terminal != nil {
		w.terminal.enter()
		w.terminal.again()
		go w.terminal.loop(ctx.Done())
		w.options.Messages.redirect(func(line string) {
			w.remark(line)
			w.terminal.again()
		})
	}
}

// judge ends the run if a condition holds. A run that ends anyway is left alone.
func (w *Watcher) judge(snap *emitter.Snapshot) {
	if snap.Ended || w.draining() {
		return
	}
	if s := w.options.Stopper.Add(snap); s != nil {
		w.sampler.judge = nil
		w.options.Stop(s)
	}
}

// Stop ends everything that was begun, and returns when it has ended. It may be called
// before Start, and more than once.
func (w *Watcher) Stop() {
	if w.finish != nil {
		if w.terminal != nil {
			close(w.terminal.quit)
			<-w.terminal.ended
			w.options.Messages.redirect(nil)
		}
		w.finish()
		w.finish = nil
	}
	for _, p := range w.ports {
		p.close()
	}
}

// Record counts a row.
func (w *Watcher) Record(a *emitter.Attempt) {
	if w.sampler.metrics != nil {
		w.sampler.metrics.record(a)
	}
}

// Gather is what the metrics port serves of the run, without the process and Go's runtime. Behind Stop it is final. It needs
// Options.Gather or a metrics port.
func (w *Watcher) Gather() ([]*dto.MetricFamily, error) { return w.sampler.metrics.registry().Gather() }

// Report adds to a report what was seen and changed while the run went on.
func (w *Watcher) Report(s *report.Summary) {
	s.Notes = append(s.Notes, w.notes()...)
	if len(w.sampler.series.Points) > 0 {
		s.Series = &w.sampler.series
	}
}
