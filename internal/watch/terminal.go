package watch

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/ringback/ringback/internal/show"
)

// Sequences for a terminal: show another page without a cursor, whose lines do not wrap,
// and go back. A drawing is sent as one piece, between marks that let newer terminals
// show it at once.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	beginFrame  = "\x1b[?2026h\x1b[H"
	endLine     = "\x1b[K"
	endFrame    = "\x1b[J\x1b[?2026l"
)

// terminal draws a run's screen and reads its keys. One goroutine draws and handles signals,
// another one reads. However the run ends, leave puts the terminal back as it was.
type terminal struct {
	out     *os.File
	in      *os.File // nil: no keys
	colours bool
	watcher *Watcher // has the status, and takes the keys

	redraw chan struct{}
	quit   chan struct{}
	ended  chan struct{}

	mu      sync.Mutex // guards what follows, and writing
	entered bool
	over    bool   // never enter again
	restore func() // ends the keys; nil if there are none
}

// terminalOf is w if it is a terminal that this process may use, or nil.
func terminalOf(w any) *os.File {
	f := show.FileOf(w)
	if f == nil || !term.IsTerminal(int(f.Fd())) || !isForeground(f) {
		return nil
	}
	return f
}

func newTerminal(out *os.File, in io.Reader, w *Watcher) *terminal {
	return &terminal{out: out, in: terminalOf(in), colours: bool(show.ColoursFor(out)), watcher: w,
		redraw: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{})}
}

// again draws the latest status soon. It does not wait for that.
func (t *terminal) again() {
	select {
	case t.redraw <- struct{}{}:
	default:
	}
}

func (t *terminal) loop(stop <-chan struct{}) {
	defer close(t.ended)
	defer t.leave()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, screenSignals...)
	for _, s := range endSignals {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)
	away := false // stopped and continued, perhaps in the background
	for {
		select {
		case <-t.redraw:
		case s := <-signals:
			switch {
			case s == suspend:
				t.release()
				raise(s)
				time.Sleep(300 * time.Millisecond) // in which the program stops; without a shell behind it, it does not
				signal.Notify(signals, s)
				away = true
			case slices.Contains(endSignals, s):
				t.leave()
				raise(s)
			}
		case <-stop:
			t.leave()
			stop = nil
		case <-t.quit:
			return
		}
		if away && isForeground(t.out) {
			away = false
			t.enter()
		}
		t.draw()
	}
}

// raise ends or stops the program as the signal would have done without a screen.
func raise(s os.Signal) {
	signal.Reset(s)
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Signal(s)
	}
}

func (t *terminal) draw() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.entered {
		return
	}
	width, height, err := term.GetSize(int(t.out.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		width, height = 80, 24
	}
	f := t.watcher.refreshed(t.watcher.sampler.now())
	lines := f.Draw(Size{Width: width, Height: height}, t.colours)
	_, _ = io.WriteString(t.out, beginFrame+strings.Join(lines, endLine+"\r\n")+endLine+endFrame)
}

func (t *terminal) enter() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.entered || t.over {
		return
	}
	t.entered = true
	_, _ = io.WriteString(t.out, enterScreen)
	if t.in == nil {
		return
	}
	t.restore, _ = readByKey(t.in, func(key byte) { // where that fails, there are no keys
		if t.watcher.press(key) {
			t.again()
		}
	})
}

// leave puts the terminal back as it was, for good. It may be called at any time, also more
// than once.
func (t *terminal) leave() {
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
	t.release()
}

// release puts the terminal back as it was, for a while.
func (t *terminal) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.entered {
		return
	}
	t.entered = false
	if t.restore != nil {
		t.restore()
		t.restore = nil
	}
	_, _ = io.WriteString(t.out, leaveScreen)
}

// Messages writes lines for the user, one at a time. While a screen is drawn at the same
// place, the screen shows them, and they are written once it is gone.
type Messages struct {
	To io.Writer

	mu   sync.Mutex
	show func(line string) // nil while no screen is drawn
	kept []string          // what was only shown
}

// Print writes a line, which may come from anywhere.
func (m *Messages) Print(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.show != nil {
		m.show(line)
		m.kept = append(m.kept, line)
		return
	}
	fmt.Fprintln(m.To, line)
}

// redirect lets a screen show the lines, until it is called with nil.
func (m *Messages) redirect(show func(line string)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.show = show; show != nil {
		return
	}
	for _, line := range m.kept {
		fmt.Fprintln(m.To, line)
	}
	m.kept = nil
}
