package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// What a target speaks over TLS.
const (
	spokenUnknown uint32 = iota
	spokenHTTP1
	spokenHTTP2
)

// errHTTP2 hands a request over to net/http.
var errHTTP2 = errors.New("the target chose HTTP/2")

// agreement is what the lanes of a target know of its TLS: the first handshake offers HTTP/2
// and HTTP/1.1, and what the target chooses then holds for the run.
type agreement struct {
	both   *tls.Config // offers HTTP/2 and HTTP/1.1
	one    *tls.Config // offers HTTP/1.1
	spoken atomic.Uint32
	asking chan struct{}            // held by who makes the first handshake
	first  atomic.Pointer[tls.Conn] // its connection, for net/http; nil once that has it
}

func newAgreement(config *tls.Config, host string, engine Engine) *agreement {
	a := &agreement{both: config.Clone(), one: config.Clone(), asking: make(chan struct{}, 1)}
	for _, c := range []*tls.Config{a.both, a.one} {
		if c.ServerName == "" {
			c.ServerName = host
		}
		c.DynamicRecordSizingDisabled = true // a request is one record, hence one write
	}
	a.both.NextProtos = []string{"h2", "http/1.1"}
	a.one.NextProtos = []string{"http/1.1"}
	if engine == FastLane {
		a.spoken.Store(spokenHTTP1)
	}
	return a
}

// handshake returns c made secure, or closes it.
func (a *agreement) handshake(ctx context.Context, c net.Conn, config *tls.Config) (*tls.Conn, error) {
	secure := tls.Client(c, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return secure, nil
}

// connectTLS dials and makes the connection secure. While it is not known what the target
// speaks, one asks and the others wait for what it learns, so that no connection is opened
// in vain.
func (f *fastLane) connectTLS(ctx context.Context, due time.Time) (*timedConn, net.Conn, error) {
	a, config := f.tls, f.tls.one
	if a.spoken.Load() == spokenUnknown {
		select {
		case a.asking <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
		if a.spoken.Load() == spokenUnknown {
			config = a.both
			defer func() { <-a.asking }()
		} else { // somebody has learned it meanwhile: all who wait go on at once
			<-a.asking
		}
	}
	if a.spoken.Load() == spokenHTTP2 {
		return nil, nil, errHTTP2
	}
	c, err := f.dialer.DialContext(ctx, "tcp", f.address)
	if err != nil {
		return nil, nil, err
	}
	w := &timedConn{Conn: c}
	secure, err := a.handshake(ctx, w, config)
	if err != nil {
		return nil, nil, err
	}
	if secure.ConnectionState().NegotiatedProtocol == "h2" {
		a.first.Store(secure)
		a.spoken.Store(spokenHTTP2)
		return nil, nil, errHTTP2
	}
	a.spoken.Store(spokenHTTP1)
	return w, secure, w.limit(due)
}
