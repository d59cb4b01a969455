package main

import (
	"bytes"
	"errors"
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
//
// While a row cannot be written, as on a full disk, requests are answered with 503, so that nothing
// is accepted that the log lacks; senders try again, and so does the log, with each request.
type record struct {
	file *os.File
	say  func(text string) // is told when the log fails, and when it goes on

	mu   sync.Mutex
	rows []byte // not written yet, from the middle of a row perhaps
	err  error  // of the last try; nil: there are none
	lost error  // why a row has no text
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
		if err := r.ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
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

// write appends a row. Those that come while the log fails, of requests that were under way, are kept.
func (r *record) write(row *recording.Row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rows, err := row.Append(r.rows); err == nil {
		r.rows = rows
	} else {
		r.lost = fmt.Errorf("log: %w", err)
	}
	r.flush()
}

// ready tries to write what is left, and returns why it cannot be.
func (r *record) ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
	return r.err
}

// flush writes what is left, and tells when it begins to fail and when that is over.
func (r *record) flush() {
	if len(r.rows) == 0 {
		return
	}
	n, err := r.file.Write(r.rows)
	r.rows = r.rows[n:]
	switch before := r.err; {
	case err != nil:
		if r.err = fmt.Errorf("log: %w", show.FileError(err)); before == nil {
			r.say(r.err.Error() + "; requests are answered with 503 until it can be written")
		}
	case before != nil:
		r.err = nil
		r.say("log: it can be written again; nothing is missing in it")
	}
}

func (r *record) close() error {
	if r.file == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
	return errors.Join(r.lost, r.err, show.FileError(r.file.Close()))
}
