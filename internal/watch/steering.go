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
// the plan's clock goes; the plan stays the same, byte for byte.
type steering struct {
	control *emitter.Control
	options *Options
	began   time.Time

	mu      sync.Mutex // guards what follows; who calls setSpeed, pause or note holds it
	speed   float64
	paused  bool
	notice  string
	changes []string
	more    int // changes beyond mostChanges
}

// rounded is v to four digits, so that speeds can be read and written again.
func rounded(v float64) float64 {
	scale := math.Pow(10, 3-math.Floor(math.Log10(v)))
	return math.Round(v*scale) / scale
}

// setSpeed is an error if the run has no speed that can be changed.
func (s *steering) setSpeed(v float64) error {
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

func (s *steering) draining() bool {
	select {
	case <-s.options.Drain:
		return true
	default:
		return false
	}
}

// note remembers a change.
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

// refreshed is a status with what was changed since it was taken.
func (s *steering) refreshed(f Status) *Status {
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
	return &f
}

// press does what a key stands for; the keys are SIPp's. It reports whether there is such a
// key.
func (s *steering) press(key byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	factor := map[byte]float64{'+': 1.1, '-': 1 / 1.1, '*': 2, '/': 0.5}[key]
	switch key {
	case '+', '-', '*', '/':
		_ = s.setSpeed(min(fastest, max(slowest, rounded(s.speed*factor)))) // an error is shown as the notice
	case 'p', 'P', ' ':
		s.pause(!s.paused)
	case 'q', 'Q':
		s.options.End() // once more stops at once, as with signals
	default:
		return false
	}
	return true
}
