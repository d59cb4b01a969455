package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

type connection struct{ seen map[string]bool }

type connKey struct{}

func connContext(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, &connection{seen: map[string]bool{}})
}

type server struct {
	v       *verifier
	store   Store
	slots   chan struct{}
	started time.Time

	mu       sync.Mutex
	busy     map[string]int
	claimed  map[string]bool
	current  *Notification // what is worked on
	buffers  chan []byte
	inbox    map[string]bool
	critical sync.Mutex
}

func newServer(keys [][]byte, st Store) *server {
	s := &server{v: &verifier{keys: keys, cache: map[string]time.Time{}}, store: st, slots: make(chan struct{}, 256), started: time.Now(),
		busy: map[string]int{}, claimed: map[string]bool{}, inbox: map[string]bool{}, buffers: make(chan []byte, 1024)}
	if is("leaks-on-refusal", "leaks-on-cut-off", "leaks-on-unusable", "leaks-on-duplicate") {
		s.slots = make(chan struct{}, 20) // the pool of database connections
	}
	return s
}

// answer answers in the service's way.
func (s *server) answer(w http.ResponseWriter, status int) {
	good := status < 300
	switch {
	case does("all-2xx") && good:
		status = []int{200, 201, 202, 203, 204, 205}[rand.Intn(6)]
	case does("refuses-403") && status == 401:
		status = 403
	case does("refuses-400") && status == 401:
		status = 403
	case does("settles-late"):
		if good {
			status = 202
		}
	case does("http-1.0"):
		if h, ok := w.(http.Hijacker); ok {
			if c, rw, err := h.Hijack(); err == nil {
				fmt.Fprintf(rw, "HTTP/1.0 %d %s\r\n\r\n", status, http.StatusText(status))
				rw.Flush()
				c.Close()
				return
			}
		}
	case does("chunked-answers") && good:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(200)
		f, _ := w.(http.Flusher)
		for _, piece := range []string{`{"sta`, `tus":"st`, `ored"}` + "\n"} {
			io.WriteString(w, piece)
			f.Flush()
			time.Sleep(time.Millisecond)
		}
		return
	}
	if status >= 500 || status == 429 {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	if status == 200 || status == 201 || status == 203 || status >= 400 {
		fmt.Fprintln(w, http.StatusText(status))
	}
}

var idInText = regexp.MustCompile(`"id"\s*:\s*"([^"]+)"`)

// body reads the body of a request.
func (s *server) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	switch {
	case is("limit-64k"):
		return io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	case is("cut-at-32k"):
		return io.ReadAll(io.LimitReader(r.Body, 32<<10))
	case is("read-once"):
		b := make([]byte, 1<<20)
		n, err := r.Body.Read(b)
		if err == io.EOF {
			err = nil
		}
		return b[:n], err
	case is("needs-content-length"):
		if r.ContentLength < 0 {
			return nil, statusError{411, "length required"}
		}
		b := make([]byte, min(r.ContentLength, 1<<20))
		_, err := io.ReadFull(r.Body, b)
		return b, err
	case is("body-within-100ms"):
		http.NewResponseController(w).SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		return io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	case is("claimed-while-reading"):
		// claim the id as soon as it is there, so that no other worker takes the same notification
		var b bytes.Buffer
		claim := ""
		piece := make([]byte, 512)
		for {
			n, err := r.Body.Read(piece)
			b.Write(piece[:n])
			if m := idInText.FindSubmatch(b.Bytes()); claim == "" && m != nil {
				claim = string(m[1])
				s.mu.Lock()
				taken := s.claimed[claim]
				s.claimed[claim] = true
				s.mu.Unlock()
				if taken {
					io.Copy(io.Discard, r.Body)
					return nil, statusError{204, "another worker has it"}
				}
			}
			if err == io.EOF {
				return b.Bytes(), nil
			} else if err != nil {
				return nil, err
			}
		}
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
}

// events receives a notification.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		s.answer(w, http.StatusMethodNotAllowed)
		return
	}
	if does("cold-503") && time.Since(s.started) < 700*time.Millisecond {
		s.answer(w, 503)
		return
	}
	if does("now-and-then-503") && rand.Intn(50) == 0 {
		s.answer(w, 503)
		return
	}
	select {
	case s.slots <- struct{}{}:
	case <-time.After(9 * time.Second):
		s.answer(w, 503)
		return
	}
	keep := false
	defer func() {
		if !keep {
			<-s.slots
		}
	}()
	if is("media-type-exact") && r.Header.Get("Content-Type") != "application/cloudevents+json" {
		s.answer(w, http.StatusUnsupportedMediaType)
		return
	}
	body, err := s.body(w, r)
	if err != nil {
		keep = is("leaks-on-cut-off")
		s.answerUnread(w, err)
		return
	}
	token := r.Header.Get("Vonage-Signature")
	if is("stored-before-verified") {
		// everything goes into the inbox; who sent it is looked at afterwards
		if n, err := read(body); err == nil {
			s.store.Add(n, nil)
		}
	}
	seen := false
	if is("seen-before-verified") {
		if n, err := read(body); err == nil {
			s.mu.Lock()
			seen = s.inbox[key(n)]
			s.inbox[key(n)] = true
			s.mu.Unlock()
		}
	}
	if err := s.v.verify(token, body, time.Now()); err != nil {
		keep = is("leaks-on-refusal")
		if does("refuses-400") && (token == "" || strings.Count(token, ".") != 2) {
			s.answer(w, 400)
			return
		}
		s.answer(w, 401)
		return
	}
	if is("panics-with-lock") {
		s.critical.Lock()
	}
	n, err := read(body)
	if is("panics-with-lock") {
		if n.Type == "" { // nil if it could not be read
			return
		}
		s.critical.Unlock()
	}
	if err != nil {
		keep = is("leaks-on-unusable")
		s.answerUnusable(w, err)
		return
	}
	if does("only-v1") && strings.HasSuffix(n.Type, ".v0") {
		s.answer(w, 204)
		return
	}
	if seen {
		s.answer(w, 204) // a retry
		return
	}
	conn, _ := r.Context().Value(connKey{}).(*connection)
	s.take(w, n, conn, &keep)
}

// answerUnread answers where the body could not be read.
func (s *server) answerUnread(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	var st statusError
	switch {
	case errors.As(err, &large):
		s.answer(w, http.StatusRequestEntityTooLarge)
	case errors.As(err, &st):
		s.answer(w, st.status)
	default:
		s.answer(w, http.StatusBadRequest)
	}
}

// answerUnusable answers where the body could be read and not be used.
func (s *server) answerUnusable(w http.ResponseWriter, err error) {
	var st statusError
	if errors.As(err, &st) {
		s.answer(w, st.status)
		return
	}
	if does("refuses-400", "refuses-403") {
		s.answer(w, 400)
		return
	}
	s.answer(w, 204)
}
