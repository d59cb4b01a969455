package emitter

import (
	"context"
	"net/http"
	"time"
)

// Reach asks the target once whether it is there, with a HEAD request, which delivers
// nothing, and returns the status of its answer; 0 if there is a failure. It connects as a
// run would, with the same headers, TLS and rule of Allow, and takes at most as long as
// timeout. The error is about settings that no run would start with.
func (t *Target) Reach(ctx context.Context, timeout time.Duration) (status int, failure Failure, err error) {
	e := (&Emitter{Timeout: timeout, Connections: 1, Engine: NetHTTP}).withDefaults()
	sender, err := t.prepare(e)
	if err != nil {
		return 0, Failure{}, err
	}
	s, ok := sender.(*httpSender)
	if !ok {
		return http.StatusOK, Failure{}, nil // in this process, there is nothing to wait for
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(ctx, e.Timeout)
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

// Label is the target as rows and results call it: its name, or its URL without credentials
// and query.
func (t *Target) Label() string { return t.display() }
