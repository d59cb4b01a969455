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
	writeTime  = 10 * time.Second // for a client that reads slowly
	maxStreams = 100
	batch      = 256 // messages between two flushes
)

// events streams events of the sandbox, as server-sent events, until the request ends.
func (h *handler) events(w http.ResponseWriter, r *http.Request) error {
	if h.streams.Add(1) > maxStreams {
		h.streams.Add(-1)
		return refuse(http.StatusTooManyRequests, "%d streams are open, the maximum; close one first", maxStreams)
	}
	defer h.streams.Add(-1)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	messages := h.Engine.Listen(ctx) // before the first byte, so that a client that has read it misses nothing

	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no") // for a proxy that would buffer them
	s := stream{w: w, control: http.NewResponseController(w)}
	s.begin()
	s.addf(": events of the sandbox, from now on\nretry: 2000\n\n")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		// Past events are not kept, and numbers begin anew with the program. So the client may
		// have missed some, and should load everything again.
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
			s.addf(": heartbeat\n\n")
		case m, open := <-messages:
			if !open {
				return nil
			}
			s.begin()
			if err := s.some(m, messages); err != nil {
				h.logError(r, err)
			}
		}
		if s.flush() != nil {
			return nil // the client is gone, or too slow
		}
	}
}

// stream writes events to one client.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	last    int64 // number of the message written last; 0 before the first
	err     error // of writing, the first one
}

// begin limits the time of the next write, where the writer supports it.
func (s *stream) begin() { _ = s.control.SetWriteDeadline(time.Now().Add(writeTime)) }

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

// some writes a message and those already queued, at most a batch.
func (s *stream) some(m engine.Message, more <-chan engine.Message) error {
	for range batch {
		if err := s.add(m); err != nil {
			return err
		}
		select {
		case next, open := <-more:
			if !open {
				return nil // the next receive sees that, too
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
