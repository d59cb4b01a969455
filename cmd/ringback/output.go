package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/ringback/ringback/internal/show"
	"golang.org/x/term"
)

// output is standard output, of which people read most. It remembers that something could not be written, which few commands
// look after each line for.
type output struct {
	to    io.Writer // takes what acts on terminals unseen out of texts
	bytes io.Writer // takes them as they are

	mu     sync.Mutex
	failed error
}

func newOutput(to io.Writer) *output { return &output{to: show.Readable(to), bytes: to} }

// exact makes it pass on every byte from now on: what is written are bodies, and programs read them.
func exact(w io.Writer) {
	if o, is := w.(*output); is {
		o.to = o.bytes
	}
}

// Write writes, unless the terminal was closed: then nobody reads, and nothing is lost by that.
func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if err == nil || errors.Is(err, syscall.EPIPE) { // whoever read it has enough
		return n, err
	}
	if f := show.FileOf(o.to); f != nil && errors.Is(err, syscall.EIO) && isCharDevice(f) {
		return len(p), nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if pe, is := errors.AsType[*os.PathError](err); is {
		err = pe.Err
	}
	if o.failed == nil {
		o.failed = fmt.Errorf("standard output could not be written: %w", err)
	}
	return n, o.failed
}

// File is the file behind it, for those who ask whether it is a terminal.
func (o *output) File() *os.File { return show.FileOf(o.to) }

// problem is what could not be written, beside what a command ended with. It is nil if that says so itself.
func (o *output) problem(ended error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed == nil || errors.Is(ended, o.failed) {
		return nil
	}
	return &statusError{exitFailed, o.failed}
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f := show.FileOf(stream)
	return f != nil && term.IsTerminal(int(f.Fd()))
}

// isCharDevice reports whether a file is a device such as a terminal, also one that was closed.
func isCharDevice(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
