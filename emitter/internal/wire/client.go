package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"
)

// NewClient returns an HTTP client for other questions to the same consumer. It applies the
// rule of Allow, trusts as TLS says, dials as Dial says, follows no redirect, and takes at
// most o.Timeout for an answer. Done ends its connections.
func NewClient(o Options) (client *http.Client, done func(), err error) {
	if o.Timeout <= 0 {
		return nil, nil, errors.New("the time limit of questions is not positive")
	}
	config, err := o.TLS.config()
	if err != nil {
		return nil, nil, err
	}
	d := newDialer(&o)
	transport := d.transport(config)
	client = &http.Client{
		Transport: transport, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client, func() { transport.CloseIdleConnections(); d.Close() }, nil
}

// transport connects through the dialer. It has no proxy: what a proxy dials cannot be seen. It
// must be told to attempt HTTP/2, since a configuration of TLS turns that off.
func (d *dialer) transport(config *tls.Config) *http.Transport {
	return &http.Transport{DialContext: d.DialContext, TLSClientConfig: config, TLSHandshakeTimeout: d.timeout,
		ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeader, IdleConnTimeout: 90 * time.Second}
}

// Reach asks the target once whether it is there, with a HEAD request, which delivers
// nothing, and returns the status of its answer; 0 if there is a failure. The error is about
// options with which New would fail.
func Reach(ctx context.Context, o Options) (status int, failure Failure, err error) {
	s, err := newReference(&o)
	if err != nil {
		return 0, Failure{}, err
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	request := s.request(ctx, &Request{}, s.url)
	request.Method, request.Body, request.GetBody, request.ContentLength = http.MethodHead, nil, nil, 0
	request.Header.Del("Content-Type")
	resp, err := s.transport.RoundTrip(request)
	if err != nil {
		return 0, classify(err), nil
	}
	resp.Body.Close() // of HEAD it is empty
	return resp.StatusCode, Failure{}, nil
}
