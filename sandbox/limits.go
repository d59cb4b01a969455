package sandbox

import (
	"context"
	"net/http"
	"time"

	"github.com/ringback/ringback/sandbox/internal/control"
)

// What one request may take. The times are those of a person at the same machine, generously.
const (
	mostBody   = 1 << 20 // bytes; the vendor's API allows less
	mostHeader = 32 << 10
	headerTime = 5 * time.Second
	readTime   = 15 * time.Second
	writeTime  = 60 * time.Second
	idleTime   = 2 * time.Minute

	streamPath = control.Prefix + "/events"
)

// bounded limits the size of bodies.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.ContentLength > mostBody {
			refuse(w, http.StatusRequestEntityTooLarge, "the body is larger than 1 MiB")
			return
		}
		req.Body = http.MaxBytesReader(w, req.Body, mostBody)
		next.ServeHTTP(w, req)
	})
}

// streams lets the event stream go on beyond the limits of time, until closing ends. The desk
// sets limits of its own: how many may listen, and how long it waits for one who does not read.
func streams(closing context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != streamPath || req.Method != http.MethodGet {
			next.ServeHTTP(w, req)
			return
		}
		ctx, cancel := context.WithCancel(req.Context())
		defer cancel()
		defer context.AfterFunc(closing, cancel)()
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		next.ServeHTTP(w, req.WithContext(ctx))
	})
}
