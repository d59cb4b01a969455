package recording

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
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
	file, err := r.open()
	if err != nil {
		return err
	}
	defer file.Close()
	p := pace{opts: &r.opts}
	var rows, bare bool
	for rec, err := range Lines(file, r.name) {
		if err != nil {
			return err
		}
		if rows, bare = rows || rec.Row, bare || !rec.Row; rows && bare {
			return fmt.Errorf("%s:%d: %w", r.name, rec.Line, errMixed)
		}
		s := &selection{Recorded: rec, head: HeadOf(rec.Body)}
		r.found.lines++
		if !r.opts.All && !rec.Accepted() {
			r.found.unaccepted++
		}
		if r.selects(s) {
			r.found.length = p.due(s)
			r.found.take(s, r.found.length)
		}
	}
	if r.found.count == 0 {
		return r.errNothing()
	}
	return nil
}

// take adds a selected line.
func (f *survey) take(s *selection, due time.Duration) {
	f.count++
	if _, known := f.stories[s.head.story()]; !known {
		f.stories[s.head.story()] = uint64(len(f.stories))
	}
	if m := s.head.Moment(); !m.IsZero() {
		if f.first.IsZero() {
			f.first = m
		}
		if m.After(f.last) {
			f.last = m
		}
	}
	f.span(s.head.Time.Time)
	f.span(s.head.Timestamp.Time)
	if at, ok := idMoment(s.head.ID); ok {
		f.span(at)
	}
	var head [16]byte
	binary.BigEndian.PutUint64(head[:8], uint64(due))
	binary.BigEndian.PutUint64(head[8:], uint64(len(s.Body)))
	f.sum.Write(head[:])
	f.sum.Write(s.Body)
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

// seal computes the hash of what is sent.
func (f *survey) seal(o *Options, shift time.Duration) {
	fmt.Fprintf(f.sum, "ringback replay 1 renew %t shift %d", o.Renew, shift)
	if o.Renew {
		fmt.Fprintf(f.sum, " seed %d", o.Seed)
	}
	f.hash = hex.EncodeToString(f.sum.Sum(nil))
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
		return fmt.Errorf("%s: shifted, its times would lie between %s and %s, outside of what notification IDs can hold: from %s to %s; keep the times, or choose another start",
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
func (p *pace) due(s *selection) time.Duration {
	moment := s.head.Moment()
	if s.Row && !p.opts.ByTime {
		moment = s.Received
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

// selection is a line that is sent, with what its body says.
type selection struct {
	Recorded
	head Head
}

func (r *Replay) selects(s *selection) bool {
	o := &r.opts
	moment := s.head.Moment()
	switch {
	case !o.All && !s.Accepted(),
		len(o.Types) > 0 && !matches(o.Types, s.head.Type),
		len(o.Subjects) > 0 && !matches(o.Subjects, s.head.Subject),
		!o.From.IsZero() && moment.Before(o.From),
		!o.Until.IsZero() && !moment.Before(o.Until):
		return false
	}
	return true
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return event.Match(p, name) })
}

// errNothing says why there is nothing to send.
func (r *Replay) errNothing() error {
	f := &r.found
	switch {
	case f.lines == 0:
		return fmt.Errorf("%s holds no notifications", r.name)
	case f.unaccepted == f.lines:
		return fmt.Errorf("%s: none of its %d notifications was accepted when it was recorded; select all rows to send them", r.name, f.lines)
	}
	return fmt.Errorf("%s: none of its %d notifications is selected; check the types, subjects, times and rows that are selected", r.name, f.lines)
}

var errMixed = errors.New(`a row of "receive --log" and a bare body in one file, so there is no common pace; put them into two files`)
