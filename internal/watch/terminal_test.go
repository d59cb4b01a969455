//go:build linux

package watch

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/ringback/ringback/emitter"
)

// A panic of the run itself does not leave the terminal without a cursor or an echo.
func TestThePanicOfARunIsSeen(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("there are no pseudo terminals here: %v", err)
	}
	defer master.Close()
	before, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(master) // until the terminal is closed
		written <- string(all)
	}()
	o := &Options{Messages: &Messages{To: tty}, Drain: make(chan struct{}), Speed: 1}
	control := emitter.NewControl()
	w := &Watcher{options: o, steering: newSteering(o, control)}
	w.sampler.control = control
	w.terminal = newTerminal(tty, nil, w.steering)
	w.terminal.in = tty // it is not this process's own terminal
	func() {
		defer func() { _ = recover() }()
		defer w.Stop()
		w.Start(t.Context())
		if now, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS); err != nil || *now == *before {
			t.Errorf("while it runs the terminal is %+v, %v; want it to read keys", now, err)
		}
		panic("a fault of the plan")
	}()
	if after, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS); err != nil || *after != *before {
		t.Errorf("the terminal is left as %+v, %v; want %+v", after, err, before)
	}
	tty.Close()
	if text := <-written; !strings.Contains(text, leaveScreen) {
		t.Errorf("the screen is not left: %q", text)
	}
}

// Whoever does not read fast enough sees the latest frame, and holds up nobody.
func TestFramesThatNobodyDrawsAreReplaced(t *testing.T) {
	tm := &terminal{frames: make(chan Status, 1)}
	for i := range 5 {
		tm.show(&Status{Title: fmt.Sprint(i)})
	}
	if f := <-tm.frames; f.Title != "4" {
		t.Errorf("frame %s is drawn next, want 4", f.Title)
	}
}
