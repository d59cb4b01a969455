package recording

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/seeded"
)

// survey is the result of reading a recording for the first time.
type survey struct {
	lines, count, unaccepted uint64
	stories                  map[uint64]uint64 // conversations, numbered in the order of their first lines
	first, last              time.Time         // what the first one says of its sending; the latest moment of all
	low, high                time.Time         // of all moments in bodies and IDs
	length                   time.Duration
	hash                     string
	sum                      hash.Hash
}

// survey reads everything once.
func (r *Replay) survey() error {
	r.found = survey{stories: map[uint64]uint64{}, sum: sha256.New()}
	p := pace{opts: &r.opts}
	var rows, bare bool
	for e, err := range r.lines() {
		if err != nil {
			return err
		}
		if rows, bare = rows || e.Row, bare || !e.Row; rows && bare {
			return fmt.Errorf(`%s:%d: a row of "receive --log" and a bare body in one file, so there is no common pace; put them into two files`, r.name, e.Line)
		}
		r.found.lines++
		if !r.opts.All && !e.Accepted() {
			r.found.unaccepted++
		}
		if e.selected(&r.opts) {
			r.found.length = p.due(e)
			r.found.take(e, r.found.length)
		}
	}
	if r.found.count == 0 {
		return r.errNothing()
	}
	return nil
}

// take adds a selected line.
func (f *survey) take(e *entry, due time.Duration) {
	f.count++
	if _, known := f.stories[e.head.story()]; !known {
		f.stories[e.head.story()] = uint64(len(f.stories))
	}
	if m := e.head.Moment(); !m.IsZero() {
		if f.first.IsZero() {
			f.first = m
		}
		if m.After(f.last) {
			f.last = m
		}
	}
	f.span(e.head.Time.Time)
	f.span(e.head.Timestamp.Time)
	if at, ok := idMoment(e.head.ID); ok {
		f.span(at)
	}
	var head [16]byte
	binary.BigEndian.PutUint64(head[:8], uint64(due))
	binary.BigEndian.PutUint64(head[8:], uint64(len(e.Body)))
	f.sum.Write(head[:])
	f.sum.Write(e.Body)
}

func (f *survey) span(t time.Time) {
	if t.IsZero() {
		return
	}
	if f.low.IsZero() || t.Before(f.low) {
		f.low = t
	}
	if t.After(f.high) {
		f.high = t
	}
}

// decideShift computes by how much times move, and checks that they may.
func (r *Replay) decideShift() error {
	f := &r.found
	if !r.opts.Shift || f.first.IsZero() {
		return nil
	}
	from := f.first
	if r.opts.AnchorLast {
		from = f.last
	}
	shift := r.opts.Anchor.Truncate(time.Second).Sub(from.Truncate(time.Second))
	r.change.shift = shift
	if low, high := f.low.Add(shift), f.high.Add(shift); low.Before(seeded.FirstTime) || high.After(seeded.LastTime) {
		return wrongOption("Anchor", "%s: shifted, its times would lie between %s and %s, outside of what notification IDs can hold: from %s to %s; keep the times, or choose another start",
			r.name, low.UTC().Format(time.RFC3339), high.UTC().Format(time.RFC3339), seeded.FirstTime.Format(time.RFC3339), seeded.LastTime.Format(time.RFC3339))
	}
	return nil
}

// pace finds when lines are due.
type pace struct {
	opts  *Options
	base  time.Time // moment of the first line that has one
	event time.Time // of the first body that says when its event occurred
	last  time.Duration
}

// due is how long after the first line a line is sent. It never falls.
func (p *pace) due(e *entry) time.Duration {
	moment := e.head.Moment()
	if e.Row && !p.opts.ByTime {
		moment = e.Received
	}
	if moment.IsZero() {
		return p.last
	}
	if p.base.IsZero() {
		p.base = moment
	}
	p.last = max(p.last, moment.Sub(p.base))
	return p.last
}

// at is how long after the first event an event occurred.
func (p *pace) at(h *Head, due time.Duration) time.Duration {
	if h.Timestamp.IsZero() {
		return due
	}
	if p.event.IsZero() {
		p.event = h.Timestamp.Time
	}
	return max(0, h.Timestamp.Sub(p.event))
}

// entry is a line of a recording, with what its body says.
type entry struct {
	Recorded
	head Head
}

func (e *entry) selected(o *Options) bool {
	moment := e.head.Moment()
	return (o.All || e.Accepted()) &&
		(len(o.Types) == 0 || matches(o.Types, e.head.Type)) &&
		(len(o.Subjects) == 0 || matches(o.Subjects, e.head.Subject)) &&
		(o.From.IsZero() || !moment.Before(o.From)) &&
		(o.Until.IsZero() || moment.Before(o.Until))
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return event.Match(p, name) })
}

// OptionError is a reason not to send a recording that another value of an option would cure.
type OptionError struct {
	Field string // of Options
	Err   error
}

// Error is the reason.
func (e *OptionError) Error() string { return e.Err.Error() }

// Unwrap is the reason.
func (e *OptionError) Unwrap() error { return e.Err }

func wrongOption(field, format string, args ...any) error {
	return &OptionError{field, fmt.Errorf(format, args...)}
}

// errNothing says why there is nothing to send.
func (r *Replay) errNothing() error {
	f := &r.found
	switch {
	case f.lines == 0:
		return fmt.Errorf("%s holds no notifications", r.name)
	case f.unaccepted == f.lines:
		return wrongOption("All", "%s: none of its %d notifications was accepted when it was recorded; select all rows to send them", r.name, f.lines)
	}
	return fmt.Errorf("%s: none of its %d notifications is selected; check the types, subjects, times and rows that are selected", r.name, f.lines)
}
