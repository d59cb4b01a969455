package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ringback/ringback/sandbox/internal/engine"
)

const (
	heartbeat  = 15 * time.Second
	writeTime  = 10 * time.Second // for a client that reads slowly
	maxStreams = 100              // each keeps up to mostUnread messages of the engine for a slow client
	batch      = 256              // messages between two flushes
)

// events streams events of the sandbox, as server-sent events, until the request ends.
func (h *handler) events(w http.ResponseWriter, r *http.Request) error {
	if h.streams.Add(1) > int64(h.Streams) {
		h.streams.Add(-1)
		return refuse(http.StatusTooManyRequests, "%d streams are open, the maximum; close one first", h.Streams)
	}
	defer h.streams.Add(-1)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	messages := h.Engine.Listen(ctx) // before the first byte, so that a client that has read it misses nothing

	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no") // for a proxy that would buffer them
	s := stream{Writer: bufio.NewWriter(w), control: http.NewResponseController(w)}
	s.begin()
	s.WriteString(": events of the sandbox, from now on\nretry: 2000\n\n")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		// Past events are not kept, and numbers begin anew with the program. So the client may
		// have missed some, and should load everything again.
		s.WriteString(missed)
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for s.flush() == nil { // otherwise the client is gone, or too slow
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
			s.begin()
			s.WriteString(": heartbeat\n\n")
		case m, open := <-messages:
			if !open {
				return nil
			}
			s.begin()
			err := s.add(m)
			for range min(len(messages), batch) { // those already queued
				err = errors.Join(err, s.add(<-messages))
			}
			if err != nil {
				h.logError(r, err)
			}
		}
	}
	return nil
}

// missed tells a client to load everything again.
const missed = "event: missed\ndata: {}\n\n"

// stream writes events to one client. Its writer keeps the first error until flush returns it.
type stream struct {
	*bufio.Writer
	control *http.ResponseController
	last    int64 // number of the message written last; 0 before the first
}

// begin limits the time of the next write, where the writer supports it.
func (s *stream) begin() { _ = s.control.SetWriteDeadline(time.Now().Add(writeTime)) }

func (s *stream) flush() error {
	if err := s.Flush(); err != nil {
		return err
	}
	return s.control.Flush()
}

func (s *stream) add(m engine.Message) error {
	if s.last != 0 && m.Number != s.last+1 {
		s.WriteString(missed)
	}
	s.last = m.Number
	data, err := json.Marshal(m.Data)
	if err != nil {
		return fmt.Errorf("message %d, %s: %w", m.Number, m.Kind, err)
	}
	fmt.Fprintf(s, "id: %d\nevent: %s\ndata: %s\n\n", m.Number, m.Kind, data)
	return nil
}
