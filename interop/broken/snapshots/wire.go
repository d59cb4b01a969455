package snapshots

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// wire are mistakes in how a request is read and answered.
var wire = []Row{
	{"report-on-ended", "writes its report on ended before it answers, which takes 12 s", rulebook.AnswerInTime, func(c *consumer) {
		store := c.store
		c.store = func(p *process, e *event) int {
			if e.kind == "channel.ended" {
				time.Sleep(12 * time.Second)
			}
			return store(p, e)
		}
	}},
	{"express-100kb", "allows bodies of 100 KiB, as Express does", rulebook.ReadLargeBodies, func(c *consumer) {
		c.body = func(r *http.Request) ([]byte, error) {
			body, err := readAll(r)
			if err == nil && len(body) > 100<<10 {
				err = errTooLarge
			}
			return body, err
		}
	}},
	{"one-read", "takes what one read brings for the whole body", rulebook.ReadWholeBody, func(c *consumer) {
		c.body = func(r *http.Request) ([]byte, error) {
			piece := make([]byte, maxBody)
			n, err := r.Body.Read(piece)
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return piece[:n], err
		}
	}},
	{"body-by-content-length", "reads as much as Content-Length says, and nothing of a chunked body", rulebook.ReadWholeBody, func(c *consumer) {
		c.body = func(r *http.Request) ([]byte, error) {
			body := make([]byte, max(0, min(maxBody, r.ContentLength)))
			_, err := io.ReadFull(r.Body, body)
			return body, err
		}
	}},
	{"hangs-on-chunked", "waits for the Content-Length of a chunked body until the sender gives up", rulebook.ReadWholeBody, func(c *consumer) {
		handle := c.handle
		c.handle = func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength < 0 {
				body, _ := readAll(r) // or the server would not see that the sender has gone
				_ = body
				hang(r)
			}
			handle(w, r)
		}
	}},
	{"body-within-250ms", "gives a body 250 ms, and answers 408 to what takes longer", rulebook.ReadWholeBody, func(c *consumer) {
		handle := c.handle
		c.handle = func(w http.ResponseWriter, r *http.Request) {
			begun := time.Now()
			body, err := readAll(r)
			if err != nil || time.Since(begun) > 250*time.Millisecond {
				w.WriteHeader(http.StatusRequestTimeout)
				return
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			handle(w, r)
		}
	}},
	{"other-media-is-no-body", "parses application/cloudevents+json to the letter, and skips what has a parameter", rulebook.IgnoreMediaParameters, func(c *consumer) {
		handle := c.handle
		c.handle = func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Content-Type") != "application/cloudevents+json" {
				receive := c.with(func(c *consumer) {
					c.receive = func(*process, []byte) int { return http.StatusNoContent }
				})
				receive(w, r)
				return
			}
			handle(w, r)
		}
	}},
	{"headers-in-one-spelling", "knows Vonage-Signature in this spelling only", rulebook.HeaderNamesInAnyCase, func(c *consumer) {
		c.header = func(r *http.Request) string {
			if heard, is := r.Context().Value(heardKey{}).(*heard); is && !heard.spelled("Vonage-Signature") {
				return ""
			}
			return strings.Join(r.Header["Vonage-Signature"], "")
		}
	}},
	{"streams-and-marks", "marks the id as seen while it reads the body, and keeps that if the body is cut off", rulebook.RecoverFromCutOff, func(c *consumer) {
		id := regexp.MustCompile(`"id" *: *"([^"]*)" *, *"source" *: *"([^"]*)"`)
		c.body = func(r *http.Request) ([]byte, error) {
			body, err := readAll(r)
			if found := id.FindSubmatch(body); err != nil && found != nil {
				c.now.Load().commit(string(found[2])+" "+string(found[1]), nil)
			}
			return body, err
		}
	}},
	{"locked-when-cut-off", "reads the body under a lock, and keeps the lock if that fails", rulebook.RecoverFromCutOff, func(c *consumer) {
		c.exclusive(func(w http.ResponseWriter, r *http.Request) (leave bool) {
			body, err := readAll(r)
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return false
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			c.take(w, r)
			return true
		}, 1)
	}},
	{"leaks-when-refused", "takes a connection from a pool of 50, and gives none back after a 401", rulebook.KeepAnswering, func(c *consumer) {
		c.exclusive(func(w http.ResponseWriter, r *http.Request) (leave bool) {
			status := &recorded{ResponseWriter: w}
			c.take(status, r)
			return status.status != http.StatusUnauthorized
		}, 50)
	}},
	{"workers-die", "has four workers, and loses one with each body that is no JSON", rulebook.KeepAnswering, func(c *consumer) {
		c.exclusive(func(w http.ResponseWriter, r *http.Request) (leave bool) {
			status := &recorded{ResponseWriter: w}
			c.take(status, r)
			return status.status != http.StatusBadRequest
		}, 4)
		c.unusable = http.StatusBadRequest
	}},
}

// with is the consumer with a change, for one request.
func (c *consumer) with(change func(*consumer)) http.HandlerFunc {
	other := correct()
	other.secrets = c.secrets
	change(other)
	return func(w http.ResponseWriter, r *http.Request) {
		other.now.Store(c.now.Load())
		other.take(w, r)
	}
}

// exclusive lets n requests in at once. One that does not leave keeps its place until a crash.
func (c *consumer) exclusive(handle func(http.ResponseWriter, *http.Request) (leave bool), n int) {
	var places atomic.Pointer[lock] // made where they are used: in a bubble of testing/synctest
	renew := func() { l := make(lock, n); places.Store(&l) }
	c.handle = func(w http.ResponseWriter, r *http.Request) {
		in := *places.Load()
		select {
		case in <- struct{}{}:
		case <-c.now.Load().gone:
			panic(http.ErrAbortHandler)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-time.After(30 * time.Second): // the server does not see who has gone before the body is read
			panic(http.ErrAbortHandler)
		}
		if handle(w, r) {
			<-in
		}
	}
	c.restarted = func(*process) { renew() }
	renew()
}

// hang waits until the sender has gone.
func hang(r *http.Request) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// recorded remembers the status.
type recorded struct {
	http.ResponseWriter
	status int
}

func (r *recorded) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Serve serves a handler of this package until ctx ends.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet(), ConnContext: func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, heardKey{}, c)
	}}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	return server.Serve(listener{l})
}
