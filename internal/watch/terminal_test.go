//go:build linux

package watch

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
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
	o := &Options{Messages: &Messages{To: tty}, Drain: make(chan struct{})}
	control := emitter.NewControl()
	w := &Watcher{steering: &steering{options: o, control: control, speed: 1}}
	w.sampler.control = control
	w.terminal = newTerminal(tty, nil, w)
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

// A terminal that does not draw fast enough draws the latest status, and holds up nobody.
func TestStatusesThatNobodyDrawsAreReplaced(t *testing.T) {
	tm := &terminal{redraw: make(chan struct{}, 1)}
	s := sampler{control: emitter.NewControl(), show: tm.again}
	e := emitter.Emitter{Control: s.control, Targets: []emitter.Target{{URL: "http://127.0.0.1/", Secret: make([]byte, 32)}}}
	if _, err := e.Run(t.Context(), time.Now(), func(func(plan.Notification) bool) {}); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		s.look(s.show)
	}
	<-tm.redraw
	if len(tm.redraw) != 0 || s.now().State != Over {
		t.Errorf("%d more drawings wait, the status is %s; want none, and over", len(tm.redraw), s.now().State)
	}
}
