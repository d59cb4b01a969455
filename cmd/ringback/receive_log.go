package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/internal/show"
)

// record writes every request with its response, one JSON object per line. Headers with
// secrets are left out, and so is the token, from which a weak secret could be guessed.
type record struct {
	mu   sync.Mutex
	file *os.File
	err  error
}

// handler records what consumer answers.
func (r *record) handler(consumer http.Handler) http.Handler {
	if r.file == nil {
		return consumer
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodHead { // it delivers nothing
			consumer.ServeHTTP(w, req)
			return
		}
		var body bytes.Buffer
		req.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(req.Body, &body), req.Body}
		row := recording.Row{Received: time.Now().UTC(), Method: req.Method, Path: req.URL.Path,
			ContentType: req.Header.Get("Content-Type"), Headers: recording.PublicHeaders(req.Header)}
		answer, answered := &answer{ResponseWriter: w}, false
		defer func() { // also when the consumer cuts the connection, which is no answer
			if answered {
				row.Status, row.Answer = answer.status, bytes.TrimSpace(answer.body.Bytes())
			}
			row.SetBody(body.Bytes())
			r.write(&row)
		}()
		consumer.ServeHTTP(answer, req)
		answer.begin(http.StatusOK)
		answered = true
	})
}

// mostAnswer is how much of an answer is remembered, in bytes.
const mostAnswer = 64 << 10

// answer passes an answer on and remembers its status and its beginning.
type answer struct {
	http.ResponseWriter
	status int // 0 until there is one
	body   bytes.Buffer
}

// begin notes the status, unless there is one.
func (a *answer) begin(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) WriteHeader(status int) {
	if status >= http.StatusOK { // those below announce the answer
		a.begin(status)
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.begin(http.StatusOK)
	a.body.Write(b[:min(len(b), mostAnswer-a.body.Len())])
	return a.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController the writer that can do more.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (r *record) write(row *recording.Row) {
	text, err := row.Append(nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil && err == nil {
		_, err = r.file.Write(text)
	}
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("log: %w", show.FileError(err))
	}
}

func (r *record) close() error {
	if r.file == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.file.Close(); r.err == nil {
		r.err = show.FileError(err)
	}
	return r.err
}
