package watch

import (
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
	refresh func(*Status)       // brings a status up to date
	press   func(key byte) bool // does what a key stands for

	frames chan Status // the latest one that is not drawn yet
	redraw chan struct{}
	quit   chan struct{}
	ended  chan struct{}

	mu          sync.Mutex // guards what follows, and writing
	entered     bool
	over        bool // never enter again
	restore     func()
	reading     sync.WaitGroup
	stopReading chan struct{} // closed to end reading
}

// terminalOf is w if it is a terminal that this process may use, or nil.
func terminalOf(w any) *os.File {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) || !isForeground(f) {
		return nil
	}
	return f
}

func newTerminal(out *os.File, in io.Reader, s *steering) *terminal {
	return &terminal{out: out, in: terminalOf(in), colours: bool(show.ColoursFor(out)), refresh: s.refresh, press: s.press,
		frames: make(chan Status, 1), redraw: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{})}
}

// start takes the terminal over, until leave or the end of stop.
func (t *terminal) start(stop <-chan struct{}, first Status) {
	t.enter()
	t.show(&first)
	go t.loop(stop)
}

// close ends everything that start began.
func (t *terminal) close() {
	close(t.quit)
	<-t.ended
}

// show draws f next, in place of what has not been drawn yet.
func (t *terminal) show(f *Status) {
	for {
		select {
		case t.frames <- *f:
			return
		default:
		}
		select {
		case <-t.frames:
		default:
		}
	}
}

// again draws the last frame once more.
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
	signal.Notify(signals, screenSignals()...)
	for _, s := range endSignals() {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)
	var last Status
	away := false // stopped and continued, perhaps in the background
	for {
		select {
		case last = <-t.frames:
		case <-t.redraw:
		case s := <-signals:
			away = t.handle(s, signals) || away
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
		t.draw(last)
	}
}

// handle does what a signal asks for, and reports whether the program was continued. Signals
// that would have ended or stopped the program still do, with the terminal as it was before.
func (t *terminal) handle(s os.Signal, signals chan os.Signal) (continued bool) {
	switch {
	case isSuspend(s):
		t.release()
		signal.Reset(s)
		raise(s)
		time.Sleep(300 * time.Millisecond) // in which the program stops; without a shell behind it, it does not
		signal.Notify(signals, s)
		return true
	case slices.Contains(endSignals(), s):
		t.leave()
		signal.Reset(s)
		raise(s)
	}
	return false
}

func (t *terminal) draw(f Status) {
	t.refresh(&f)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.entered {
		return
	}
	width, height, err := term.GetSize(int(t.out.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		width, height = 80, 24
	}
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
	restore, err := readByKey(t.in)
	if err != nil {
		return // without keys, then
	}
	t.restore, t.stopReading = restore, make(chan struct{})
	stopReading := t.stopReading
	t.reading.Go(func() {
		readKeys(t.in, stopReading, func(key byte) {
			if t.press(key) {
				t.again()
			}
		})
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
		close(t.stopReading)
		t.reading.Wait()
		t.restore()
		t.restore = nil
	}
	_, _ = io.WriteString(t.out, leaveScreen)
}
