package sandbox

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// headers are what every answer has, unless a handler says otherwise.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, req)
	})
}

// shielded answers a panic with 500 and no detail. What is logged has no value in it that
// came with a request: the path without its query, and where the code was.
func (o *Options) shielded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		seen := &watched{ResponseWriter: w}
		began := time.Now()
		defer func() {
			defer o.accessed(req, seen, began)
			what := recover()
			if what == nil {
				return
			}
			if what == http.ErrAbortHandler {
				panic(what)
			}
			o.say("panic at %s %.100q: %s\n%s", req.Method, req.URL.Path, describe(what), debug.Stack())
			if seen.status == 0 {
				refuse(seen, http.StatusInternalServerError, "internal error; the sandbox has written a line about it")
			}
		}()
		next.ServeHTTP(seen, req)
	})
}

// accessed writes a line of the access log: no query, no header, no body.
func (o *Options) accessed(req *http.Request, w *watched, began time.Time) {
	if !o.AccessLog {
		return
	}
	o.say("%s %.100q %d %d bytes %s", req.Method, req.URL.Path, w.status, w.size, time.Since(began).Round(10*time.Microsecond))
}

// describe tells what the runtime says. Other values may hold anything.
func describe(what any) string {
	if err, ok := what.(runtime.Error); ok {
		return strings.TrimPrefix(err.Error(), "runtime error: ")
	}
	return "a value that is not shown"
}

// watched remembers what was answered.
type watched struct {
	http.ResponseWriter
	status int
	size   int64
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.size += int64(n)
	return n, err
}

// Flush makes watched an http.Flusher.
func (w *watched) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
