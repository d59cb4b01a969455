package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// record keeps every request and what was answered, one JSON object a line. The token is
// left out: it is a proof of the secret.
type record struct {
	mu   sync.Mutex
	file *os.File
	err  error
}

// row is one line of a record.
type row struct {
	Received    time.Time       `json:"received"`
	ContentType string          `json:"content_type"`
	Status      int             `json:"status"`
	Answer      json.RawMessage `json:"answer"`
	Body        string          `json:"body"`
}

// handler records what consumer answers.
func (r *record) handler(consumer http.Handler) http.Handler {
	if r.file == nil {
		return consumer
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var body bytes.Buffer
		req.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(req.Body, &body), req.Body}
		at := time.Now()
		answer := &answer{ResponseWriter: w, status: http.StatusOK}
		consumer.ServeHTTP(answer, req)
		r.write(row{at.UTC(), req.Header.Get("Content-Type"), answer.status, bytes.TrimSpace(answer.body.Bytes()), body.String()})
	})
}

// answer passes an answer on and remembers it.
type answer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.body.Write(b)
	return a.ResponseWriter.Write(b)
}

func (r *record) write(line row) {
	if len(line.Answer) == 0 || !json.Valid(line.Answer) {
		line.Answer = nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	err := enc.Encode(line)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil && err == nil {
		_, err = r.file.Write(text.Bytes())
	}
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("log: %w", reason(err))
	}
}

func (r *record) close() error {
	if r.file == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.file.Close(); r.err == nil {
		r.err = reason(err)
	}
	return r.err
}
