package emitter

import (
	"crypto/tls"
	"errors"
	"net/http"
	"time"
)

// Client is an HTTP client for other questions to the same consumer, such as what it knows
// of a call. It obeys the rule of Allow, trusts as TLS says, dials as Dial says, follows no
// redirect, and takes at most timeout for an answer. Done ends its connections.
func (t *Target) Client(timeout time.Duration) (client *http.Client, done func(), err error) {
	if timeout <= 0 {
		return nil, nil, t.named(errors.New("the time limit of questions is not positive"))
	}
	config, err := t.TLS.config()
	if err != nil {
		return nil, nil, t.named(err)
	}
	d := newDialer(t, timeout)
	transport := d.transport(config)
	client = &http.Client{
		Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client, func() { transport.CloseIdleConnections(); d.Close() }, nil
}

// transport connects through the dialer. Without a proxy: what a proxy dials cannot be seen.
func (d *dialer) transport(config *tls.Config) *http.Transport {
	return &http.Transport{DialContext: d.DialContext, TLSClientConfig: config, TLSHandshakeTimeout: d.timeout,
		ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeader, IdleConnTimeout: 90 * time.Second}
}
