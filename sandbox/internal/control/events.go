package control

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/ringback/ringback/sandbox/internal/engine"
)

const (
	heartbeat  = 15 * time.Second
	patience   = 10 * time.Second // with a reader who does not read
	maxStreams = 100
	batch      = 256 // messages between two flushes
)

// events streams what happens, as server-sent events, until the request ends.
func (d *desk) events(w http.ResponseWriter, r *http.Request) error {
	if d.streams.Add(1) > maxStreams {
		d.streams.Add(-1)
		return refuse(http.StatusTooManyRequests, "%d streams are open, which is the most: close one first", maxStreams)
	}
	defer d.streams.Add(-1)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	messages := d.Room.Listen(ctx) // before the first byte, so that who has read it misses nothing

	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // for a proxy that would collect them
	s := stream{w: w, control: http.NewResponseController(w)}
	s.begin()
	s.addf(": what happens in the sandbox, from now on\nretry: 2000\n\n")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		// Nothing is kept for those who come back, and numbers begin anew with the program.
		// So we cannot tell that nothing was missed, and say what makes them look again.
		s.missed()
	}
	if s.flush() != nil {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
			s.begin()
			s.addf(": still there\n\n")
		case m, open := <-messages:
			if !open {
				return nil
			}
			s.begin()
			if err := s.some(m, messages); err != nil {
				d.broken(r, err)
			}
		}
		if s.flush() != nil {
			return nil // the reader is gone, or too slow
		}
	}
}

// stream writes events to one reader.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	last    int64 // number of the message written last; 0 before the first
	err     error // of writing, the first one
}

// begin gives the reader some time for what is written next. Not every writer can limit it.
func (s *stream) begin() { _ = s.control.SetWriteDeadline(time.Now().Add(patience)) }

func (s *stream) addf(format string, args ...any) {
	if _, err := fmt.Fprintf(s.w, format, args...); err != nil && s.err == nil {
		s.err = err
	}
}

func (s *stream) missed() { s.addf("event: missed\ndata: {}\n\n") }

func (s *stream) flush() error {
	if s.err == nil {
		s.err = s.control.Flush()
	}
	return s.err
}

// some writes a message and those that wait already, at most a batch.
func (s *stream) some(m engine.Message, more <-chan engine.Message) error {
	for range batch {
		if err := s.add(m); err != nil {
			return err
		}
		select {
		case next, open := <-more:
			if !open {
				return nil // the next look finds out as well
			}
			m = next
		default:
			return nil
		}
	}
	return s.add(m)
}

func (s *stream) add(m engine.Message) error {
	if s.last != 0 && m.Number != s.last+1 {
		s.missed()
	}
	s.last = m.Number
	data, err := json.Marshal(m.Data)
	if err != nil {
		return fmt.Errorf("message %d, %s: %w", m.Number, m.Kind, err)
	}
	s.addf("id: %s\nevent: %s\ndata: %s\n\n", strconv.FormatInt(m.Number, 10), m.Kind, data)
	return nil
}
