package emitter

import (
	"context"
	"time"
)

// Sender makes single attempts at one target. It is called by up to Connections goroutines
// at once.
//
// A Sender that also has the method Dials() uint64 tells the result how many connections it
// opened, and one that is an io.Closer is closed when the run ends.
type Sender interface {
	// Send posts r once and returns when the answer is whole, has failed, r.Timeout is over
	// or ctx is done, whichever is first. It neither changes r nor keeps it, but r.Body may
	// be read for longer.
	Send(ctx context.Context, r *Request) Answer
}

// Engine is an implementation of Sender.
type Engine uint8

// The engines.
const (
	AutoEngine Engine = iota // the fast lane where it applies, else net/http
	NetHTTP                  // net/http: HTTP/2, proxies, redirects
	FastLane                 // HTTP/1.1 over a connection of each worker's own
)

// Request is what differs between two attempts at a target.
type Request struct {
	Body      []byte        // never changes once it is encoded
	Signature []byte        // value of the signature header; empty for none. Reused after Send
	Timeout   time.Duration // for everything, from connecting to the end of the answer
	Harm      Harm          // what to do to the request on purpose
	Trace     []byte        // value of the header traceparent; empty for none. Reused after Send
}

// Answer is what came of an attempt: a status, or a failure to get one.
type Answer struct {
	Status     int           // 100 to 999; 0 if Failure is set
	Failure    Failure       // why there is no whole answer
	Location   string        // where a redirect leads, without query and credentials
	RetryAfter time.Duration // as the target asked; 0 if it did not
	Excerpt    []byte        // first bytes of the body, at most 256; empty for a success

	released bool // nobody reads the request's body any more
}

const (
	maxExcerpt = 256        // bytes of a refusing body that are kept
	maxBody    = 64 << 10   // bytes of a body that are read, to use the connection again
	maxHeader  = 64 << 10   // bytes of an answer's head
	maxHops    = 5          // redirects that are followed
	userAgent  = "ringback" // unless a target sets its own
)
