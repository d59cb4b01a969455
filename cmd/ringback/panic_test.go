//go:build linux

package main

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/watch"
)

// A panic of the run itself does not leave the terminal without a cursor or an echo.
func TestThePanicOfARunIsSeen(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("there are no pseudo terminals here: %v", err)
	}
	defer master.Close()
	defer tty.Close()
	before, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	out := newHeard()
	go func() {
		defer out.end()
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			out.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	p := &program{stdio: stdio{tty, tty, tty}, drain: make(chan struct{}), asked: make(chan os.Signal, 2)}
	control := emitter.NewControl()
	w := &watching{program: p, steering: newSteering(p, control, 1)}
	w.sampler.control = control
	w.terminal = newTerminal(tty, nil, w.steering)
	w.terminal.in = tty // it is not this process's own terminal
	func() {
		defer func() { _ = recover() }()
		defer w.stop()
		w.start(t.Context())
		if now, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS); err != nil || *now == *before {
			t.Errorf("while it runs the terminal is %+v, %v; want it to read keys", now, err)
		}
		panic("a fault of the plan")
	}()
	if after, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS); err != nil || *after != *before {
		t.Errorf("the terminal is left as %+v, %v; want %+v", after, err, before)
	}
	out.find(t, regexp.QuoteMeta(leaveScreen), 0)
}

// Whoever does not read fast enough sees the latest frame, and holds up nobody.
func TestFramesThatNobodyDrawsAreReplaced(t *testing.T) {
	tm := &terminal{frames: make(chan watch.Frame, 1)}
	for i := range 5 {
		tm.show(&watch.Frame{Title: fmt.Sprint(i)})
	}
	if f := <-tm.frames; f.Title != "4" {
		t.Errorf("frame %s is drawn next, want 4", f.Title)
	}
}
