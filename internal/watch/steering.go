package watch

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
)

// The speeds between which a run can be steered.
const (
	slowest = 0.001
	fastest = 1_000_000
)

// mostChanges bounds what is remembered of the changes of a run.
const mostChanges = 100

// steering changes the pace of a run and remembers the changes. What it changes is how fast
// the plan's clock goes; the plan stays the same, byte for byte. Its methods may be called
// from anywhere.
type steering struct {
	control *emitter.Control
	began   time.Time
	drain   <-chan struct{}
	end     func() // as a signal does

	mu      sync.Mutex
	speed   float64
	paused  bool
	asked   bool // to end, by finish
	notice  string
	changes []string
	more    int // changes beyond mostChanges
}

func newSteering(o *Options, control *emitter.Control) *steering {
	return &steering{control: control, began: time.Now(), drain: o.Drain, end: o.End, speed: o.Speed}
}

// setSpeed is an error if the run has no speed that can be changed.
func (s *steering) setSpeed(v float64) error {
	if !(v >= slowest && v <= fastest) {
		return fmt.Errorf("want a speed from %v to %d, got %v", slowest, fastest, v)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(v)
}

// multiply makes the run faster or slower, as far as that goes.
func (s *steering) multiply(by float64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(min(fastest, max(slowest, rounded(s.speed*by))))
}

// rounded is v to four digits, so that speeds can be read and written again.
func rounded(v float64) float64 {
	scale := math.Pow(10, 3-math.Floor(math.Log10(v)))
	return math.Round(v*scale) / scale
}

func (s *steering) change(v float64) error {
	if err := s.control.SetSpeed(v); err != nil {
		s.notice = err.Error()
		return err
	}
	if v != s.speed {
		s.note(fmt.Sprintf("%s instead of %s", FormatSpeed(v), FormatSpeed(s.speed)))
	}
	s.speed = v
	return nil
}

func (s *steering) pause(paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setPaused(paused)
}

func (s *steering) togglePause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setPaused(!s.paused)
}

func (s *steering) setPaused(paused bool) {
	if paused == s.paused {
		return
	}
	if s.paused = paused; paused {
		s.control.Pause()
		s.note("paused")
	} else {
		s.control.Resume()
		s.note("resumed")
	}
}

// finish lets nothing new begin. Called again, it does nothing.
func (s *steering) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.asked && !s.draining() {
		s.asked = true
		s.end()
	}
}

func (s *steering) draining() bool {
	select {
	case <-s.drain:
		return true
	default:
		return false
	}
}

// note remembers a change. The lock is held.
func (s *steering) note(text string) {
	s.notice = text
	if len(s.changes) == mostChanges {
		s.more++
		return
	}
	s.changes = append(s.changes, fmt.Sprintf("%s after %s", text, time.Since(s.began).Round(time.Millisecond)))
}

// remark shows a line until the next change.
func (s *steering) remark(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notice = line
}

// notes are the changes so far, a line each, for the report.
func (s *steering) notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := append([]string{}, s.changes...)
	if s.more > 0 {
		all = append(all, fmt.Sprintf("… and %d more changes", s.more))
	}
	return all
}

// refresh brings a status up to date with what was changed since it was taken.
func (s *steering) refresh(f *Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Speed, f.Notice = s.speed, s.notice
	switch {
	case f.State == Over:
	case s.draining():
		f.State = Draining
	case s.paused:
		f.State = Paused
	default:
		f.State = Running
	}
}

// press does what a key stands for; the keys are SIPp's. It reports whether there is such a
// key.
func (s *steering) press(key byte) bool {
	const step = 1.1
	var err error
	switch key {
	case '+':
		err = s.multiply(step)
	case '-':
		err = s.multiply(1 / step)
	case '*':
		err = s.multiply(2)
	case '/':
		err = s.multiply(0.5)
	case 'p', 'P', ' ':
		s.togglePause()
	case 'q', 'Q':
		s.end() // once more stops at once, as with signals
	default:
		return false
	}
	_ = err // it is shown as the notice
	return true
}
