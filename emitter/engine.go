package emitter

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// The names of the engines in results.
const (
	netHTTPName  = "net/http"
	fastLaneName = "fast lane"
)

var engineNames = [...]string{AutoEngine: "auto", NetHTTP: "http", FastLane: "lane"}

// MarshalText writes the engine's name: auto, http or lane.
func (e Engine) MarshalText() ([]byte, error) { return []byte(engineNames[e]), nil }

// UnmarshalText reads what MarshalText writes.
func (e *Engine) UnmarshalText(text []byte) error { return choose(e, engineNames[:], text) }

// perWorker is a Sender that has another one for each worker: what only one goroutine uses
// needs no lock. If that one is an io.Closer, it is closed when its worker ends.
type perWorker interface {
	forWorker() Sender
}

// engine returns the Sender that the settings ask for. The fast lane where it was asked for
// and cannot be had is an error.
func (e *Emitter) engine(u *url.URL, header http.Header, config *tls.Config, d *dialer) (Sender, error) {
	reference := newHTTPSender(u, header, config, d, e)
	if e.Engine == NetHTTP {
		return reference, nil
	}
	lane, err := newFastLane(reference, e)
	switch {
	case err == nil:
		return lane, nil
	case e.Engine == FastLane:
		return nil, fmt.Errorf("the fast lane %w; leave the choice of the engine to ringback, or take net/http", err)
	}
	return reference, nil
}

// unanswered is what comes of a request without a whole answer. Late tells that the time
// limit was over, whose signs in err differ.
func unanswered(ctx context.Context, err error, late bool, limit time.Duration) Answer {
	switch {
	case ctx.Err() != nil:
		return Answer{Failure: Failure{ClassStopped, "cut off while in flight"}}
	case late:
		return Answer{Failure: Failure{ClassTimeout, fmt.Sprintf("no whole answer within %v", limit)}}
	}
	return Answer{Failure: classify(err)}
}
