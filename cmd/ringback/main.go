// Command ringback plays contact-centre calls to webhook consumers.
//
// Arguments, environment variables and files come in; notifications, text for people and
// an exit status go out. Data goes to standard output, everything else to standard error.
// It promises that whatever is wrong with its input is said before anything is sent. It
// never sends to a public address that was not allowed by name.
package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/watch"
)

func main() {
	// On one processor, the thread that sleeps until a notification is due would hold back the
	// workers that it has just woken.
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	signals := make(chan os.Signal, 2)
	notify(signals)
	ctx := context.WithValue(context.WithValue(context.Background(), leave{}, os.Exit), name{}, called())
	os.Exit(run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}, signals))
}

// notify passes on the signals that end a run: two at the most, a third one kills. That the terminal
// was closed is one of them, unless it is ignored, as under nohup. It is passed on once: a shell and
// the system may both send it.
func notify(signals chan<- os.Signal) {
	raw := make(chan os.Signal, 4)
	signal.Notify(raw, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(raw, syscall.SIGHUP)
	}
	go func() {
		hungUp := false
		for passed := 0; passed < cap(signals); {
			s := <-raw
			if s == syscall.SIGHUP && hungUp {
				continue
			}
			hungUp = hungUp || s == syscall.SIGHUP
			signals <- s
			passed++
		}
		signal.Reset(os.Interrupt, syscall.SIGTERM)
	}()
}

// leave is the key of what ends the whole program at once, for a signal while it only
// reads or prints. Without it, the context ends.
type leave struct{}

// run is the whole program. The first signal drains a run, the second stops it.
func run(ctx context.Context, args []string, io stdio, signals <-chan os.Signal) (status int) {
	ctx, cancel := context.WithCancel(ctx)
	drain := make(chan struct{})
	out := newOutput(io.out)
	io.out, io.err = out, show.Readable(io.err)
	typed, _ := ctx.Value(name{}).(string)
	p := &program{stdio: io, name: cmp.Or(typed, usualName), args: args, drain: drain, asked: make(chan os.Signal, 2), messages: watch.Messages{To: io.err}}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		react(ctx, signals, p.asked, func() {
			exit, can := ctx.Value(leave{}).(func(int))
			if can && !p.draining.Load() {
				exit(exitInterrupted) // nothing is under way that has an end of its own
			}
			p.messages.Print("ringback: interrupted; finishing what is under way; press Ctrl-C again to stop now")
			close(drain)
		}, cancel)
	}()
	defer func() { cancel(); <-watched }()
	context.AfterFunc(ctx, func() { p.stopped.Store(true) })
	root := newRoot(p)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return p.printError(io.err, errors.Join(err, out.problem(err)))
}

// react does one thing for each signal, or what stands for one, and ends with ctx.
func react(ctx context.Context, signals, asked <-chan os.Signal, reactions ...func()) {
	for _, reaction := range reactions {
		select {
		case <-signals:
			reaction()
		case <-asked:
			reaction()
		case <-ctx.Done():
			return
		}
	}
}
