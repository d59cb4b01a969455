package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/watch"
)

// stdio holds the streams of a command.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// program is what all commands share.
type program struct {
	stdio
	name  string          // as it is called, in commands to be copied
	args  []string        // as they were typed
	drain <-chan struct{} // closed by the first signal

	// draining reports whether something is under way that a first signal lets finish. Before
	// that, and in commands that only read and print, a signal ends the program.
	draining atomic.Bool

	refused   []error           // values of flags and variables
	places    []annotation      // where what may be wrong was written, by how a line about it begins
	variables map[string]string // by the flags that they set
	commas    []string          // variables that hold commas, of flags that take one value at a time

	stopped  atomic.Bool    // nothing is planned any more
	asked    chan os.Signal // what stands for signals
	messages watch.Messages // on standard error
}

// begin makes the first signal drain instead of kill from now on. A closed standard output
// does not end the program either: the consumer and the log matter more.
func (p *program) begin() {
	p.draining.Store(true)
	signal.Ignore(syscall.SIGPIPE)
}

// interrupt has the effect of a signal: the first call drains, the second one stops at once.
// It never blocks.
func (p *program) interrupt() {
	select {
	case p.asked <- os.Interrupt:
	default: // it has been asked often enough
	}
}

// noArguments refuses arguments, and names the nearest command for the first one.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if err := withoutTo(cmd, args); err != nil {
		return err
	}
	if !cmd.HasSubCommands() {
		return usage("%s takes no arguments, got %q", cmd.Name(), args[0])
	}
	known := nearest.Names(cmd.Commands(), (*cobra.Command).Name)
	return usage("unknown command %q%s\nsee \"ringback --help\"", args[0], nearest.DidYouMean(args[0], known))
}

// withoutTo refuses a URL among the arguments of a command that sends.
func withoutTo(cmd *cobra.Command, args []string) error {
	for _, arg := range args {
		if cmd.Flags().Lookup("to") == nil {
			break
		}
		if strings.HasPrefix(arg, "http://") || strings.HasPrefix(arg, "https://") {
			return usage("%s: a URL needs a flag; write --to %s", cmd.Name(), settings.Redacted(arg))
		}
		if hostPort.MatchString(arg) {
			return usage("%s: a URL needs a flag and its scheme; write --to http://%s", cmd.Name(), arg)
		}
	}
	return nil
}

// hostPort finds what is a URL without its scheme, and no file.
var hostPort = regexp.MustCompile(`^([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}(/[^?#@]*)?$`)

// strict makes commands of the library refuse what they do not know, instead of printing help.
func strict(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion": // its shells are commands of their own
			for _, shell := range cmd.Commands() {
				shell.Args = noArguments
				if shell.Name() == "bash" {
					bash(shell)
				}
			}
			shells := nearest.Names(cmd.Commands(), (*cobra.Command).Name)
			cmd.Args = func(_ *cobra.Command, args []string) error {
				return usage("completion: %w", nearest.OneOf(strings.Join(args, " "), shells))
			}
			cmd.RunE = func(*cobra.Command, []string) error { return nil }
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if _, rest, err := root.Find(args); err != nil || len(rest) > 0 {
					typed := strings.Join(args, " ")
					return usage("help wants a command, got %q%s\nsee \"ringback --help\"", typed, nearest.DidYouMean(typed, nearest.Names(root.Commands(), (*cobra.Command).Name)))
				}
				return nil
			}
		}
	}
}

// arguments wants at least low and at most high arguments; a negative high is no limit. Without any
// it says what is missing.
func arguments(low, high int, want, missing string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 && low > 0 {
			return usage("%s: %s", cmd.Name(), missing)
		}
		if err := withoutTo(cmd, args); err != nil {
			return err
		}
		if len(args) < low || high >= 0 && len(args) > high {
			return usage("%s: want %s, got %s\nsee %q", cmd.Name(), want, show.Counted(uint64(len(args)), "argument"), cmd.CommandPath()+" --help")
		}
		return nil
	}
}

// untilSignal returns a context that ends at the first signal. Stop must be called; it waits
// for the goroutine.
func (p *program) untilSignal(ctx context.Context) (until context.Context, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-p.drain:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-ended
	}
}

// recorded finds a recording: a file, which is read anew each time, or standard input or
// another pipe, which is read once and kept.
func (p *program) recorded(path string) (name string, open func() (io.ReadCloser, error)) {
	open = func() (io.ReadCloser, error) { return p.open(path) }
	if info, err := os.Stat(path); path == "-" || err == nil && !info.Mode().IsRegular() {
		open = once(open)
	}
	return inputName(path), open
}

// open opens a file, or standard input for "-".
func (p *program) open(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(p.in), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, show.FileError(err)
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		file.Close()
		return nil, fmt.Errorf("%s: is a directory; want a file", path)
	}
	return file, nil
}

// inputName is what messages call what open opens.
func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// mostKept is how much is kept of what can be read only once, in bytes.
const mostKept = 256 << 20

// once lets what can be read only once be read several times.
func once(open func() (io.ReadCloser, error)) func() (io.ReadCloser, error) {
	read := sync.OnceValues(func() ([]byte, error) { return keep(open) })
	return func() (io.ReadCloser, error) {
		kept, err := read()
		return io.NopCloser(bytes.NewReader(kept)), err
	}
}

func keep(open func() (io.ReadCloser, error)) ([]byte, error) {
	in, err := open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, mostKept+1))
	if err == nil && len(text) > mostKept {
		err = fmt.Errorf("standard input and pipes are limited to %d MiB; use a file instead", mostKept>>20)
	}
	return text, show.FileError(err)
}
