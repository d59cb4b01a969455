package main

import (
	"errors"
	"net/http"
	"time"
)

// take takes a notification, one after the other or at once.
func (s *server) take(w http.ResponseWriter, n *Notification, conn *connection, keep *bool) {
	switch {
	case is("answers-before-storing"):
		go func() {
			time.Sleep(25 * time.Millisecond)
			s.store.Add(n, conn)
		}()
		s.answer(w, 204)
		return
	case is("one-at-a-time-by-channel", "one-at-a-time-by-conversation") && n.Channel != "":
		k := n.Channel
		if is("one-at-a-time-by-conversation") {
			k = n.Conversation
		}
		s.mu.Lock()
		if s.busy[k] > 0 {
			s.mu.Unlock()
			s.answer(w, 204) // already at work on it
			return
		}
		s.busy[k]++
		s.mu.Unlock()
		time.Sleep(2 * time.Millisecond)
		defer func() {
			s.mu.Lock()
			delete(s.busy, k)
			s.mu.Unlock()
		}()
	case does("429-when-busy") && n.Conversation != "":
		s.mu.Lock()
		if s.busy[n.Conversation] >= 2 {
			s.mu.Unlock()
			s.answer(w, 429)
			return
		}
		s.busy[n.Conversation]++
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			if s.busy[n.Conversation]--; s.busy[n.Conversation] == 0 {
				delete(s.busy, n.Conversation)
			}
			s.mu.Unlock()
		}()
	case is("current-is-shared"):
		s.mu.Lock()
		s.current = n // the handler object is a singleton
		s.mu.Unlock()
		time.Sleep(time.Millisecond)
		s.mu.Lock()
		n = s.current
		s.mu.Unlock()
	case is("buffer-returned-too-early"):
		n = s.pooled(n)
	}
	s.add(w, n, conn, keep)
}

// add stores a notification and answers.
func (s *server) add(w http.ResponseWriter, n *Notification, conn *connection, keep *bool) {
	err := s.store.Add(n, conn)
	switch {
	case errors.Is(err, errDuplicate):
		*keep = is("leaks-on-duplicate")
		if is("duplicate-is-409") {
			s.answer(w, 409)
			return
		}
		s.answer(w, 204)
	case err != nil:
		if is("file-per-conversation") {
			s.answer(w, 500)
			return
		}
		s.answer(w, 503)
	default:
		if is("crm-before-answer") && n.Kind == "wrapstarted" {
			time.Sleep(10500 * time.Millisecond) // the CRM writes its note
		}
		s.answer(w, 204)
	}
}

// pooled copies the body to a buffer of a pool, so that less garbage is made.
func (s *server) pooled(n *Notification) *Notification {
	var b []byte
	select {
	case b = <-s.buffers:
	default:
		b = make([]byte, 0, 4096)
	}
	b = append(b[:0], n.Body...)
	text := b
	s.buffers <- b // given back before it is used
	time.Sleep(time.Millisecond)
	m, err := read(append([]byte(nil), text...))
	if err != nil {
		return n
	}
	return m
}
