package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/signature"
)

// httpSender is the engine on top of net/http.
type httpSender struct {
	transport *http.Transport
	fresh     func() *http.Transport // like it, with a new connection for each request
	dialer    *dialer
	url       *url.URL // without credentials
	host      string   // value of the Host header, if it is not the URL's
	header    http.Header
	follow    bool // redirects
}

func newHTTPSender(u *url.URL, config *tls.Config, d *dialer, o *Options) *httpSender {
	s := &httpSender{dialer: d, header: o.FixedHeader(), follow: o.FollowRedirects}
	s.host = s.header.Get("Host")
	s.header.Del("Host")
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} { // in capitals, net/http repeats failed requests unseen
		if values, is := s.header[name]; is {
			delete(s.header, name)
			s.header[strings.ToLower(name)] = values
		}
	}
	if o.Traceparent { // the emitter's own stands in its place
		s.header.Del(traceHeader)
	}
	if u.User != nil {
		password, _ := u.User.Password()
		pair := u.User.Username() + ":" + password
		s.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	bare := *u
	bare.User, bare.Fragment, bare.RawFragment = nil, "", ""
	s.url = &bare

	s.transport = d.transport(config)
	s.transport.Proxy = proxyFor(s.url, d)
	s.transport.DisableCompression = true
	s.transport.MaxConnsPerHost, s.transport.MaxIdleConnsPerHost = o.Connections, o.Connections
	s.transport.MaxIdleConns = o.Connections // of all hosts to which redirects lead
	s.fresh = sync.OnceValue(func() *http.Transport {
		t := s.transport.Clone()
		t.MaxIdleConnsPerHost = -1
		return t
	})
	return s
}

// proxyFor returns what chooses a proxy. The proxy of the target itself may be dialled,
// wherever it is: whoever set it in the environment wanted that.
func proxyFor(u *url.URL, d *dialer) func(*http.Request) (*url.URL, error) {
	choose := func(r *http.Request) (*url.URL, error) {
		if !d.allow.Names(r.URL.Hostname()) {
			return nil, nil
		}
		return http.ProxyFromEnvironment(r)
	}
	if proxy, err := choose(&http.Request{URL: u}); err == nil && proxy != nil {
		d.allow = append(d.allow, proxy.Hostname())
	}
	return choose
}

// Engine is the name of what sends.
func (s *httpSender) Engine() string { return "net/http" }

// Send posts r once, and again to where redirects lead if they are to be followed.
func (s *httpSender) Send(ctx context.Context, r *Request) Answer {
	return s.sendUntil(ctx, r, time.Now().Add(r.Timeout))
}

// sendUntil is Send with the time limit at a moment.
func (s *httpSender) sendUntil(ctx context.Context, r *Request, due time.Time) Answer {
	bound, cancel := context.WithDeadline(ctx, due)
	defer cancel()
	answer, err := s.exchange(bound, r)
	switch {
	case err == nil && r.BodyFault == CutOff: // whatever it is an answer to, the body never came
		return Answer{Failure: classify(errCutOff, r.discreet())}
	case err == nil:
		return answer
	}
	return unanswered(ctx, err, bound.Err() != nil, r.Timeout, r.discreet())
}

// exchange is Send without the reasons of a failure.
func (s *httpSender) exchange(ctx context.Context, r *Request) (Answer, error) {
	transport := s.transport
	if r.Fresh {
		transport = s.fresh()
	}
	for hop, to := 0, s.url; ; hop++ {
		use := usage{obey: r.BodyFault == NoBodyFault} // else net/http cannot repeat it
		resp, err := transport.RoundTrip(s.request(use.trace(ctx), r, to))
		if err != nil {
			if !r.Fresh {
				err = use.failed(err)
			}
			return Answer{}, err
		}
		use.answered(resp.Header["Keep-Alive"])
		next := location(resp, to)
		answer, _, err := answerOf(resp, next, r.discreet())
		resp.Body.Close()
		if err != nil || next == nil || !s.follow || !slices.Contains(followed, answer.Status) || hop == maxHops {
			return answer, err
		}
		to = next
	}
}

// request makes its own header: the client may still read that of the attempt before.
func (s *httpSender) request(ctx context.Context, r *Request, to *url.URL) *http.Request {
	header := make(http.Header, len(s.header)+2)
	host := s.host
	if to.Host == s.url.Host && to.Scheme == s.url.Scheme {
		maps.Copy(header, s.header)
	} else { // what the user gave for one place is not for another
		header["Content-Type"], header["User-Agent"] = s.header["Content-Type"], []string{userAgent}
		host = ""
	}
	if len(r.Signature) > 0 {
		header[signature.HeaderName] = []string{string(r.Signature)}
	}
	if len(r.Trace) > 0 {
		header[traceHeader] = []string{string(r.Trace)}
	}
	body := r.Body // the closure must not keep r
	request := &http.Request{
		Method: http.MethodPost, URL: to, Host: host, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}
	if r.BodyFault != NoBodyFault {
		request.Body, request.GetBody = faultyBody(ctx, r.BodyFault, body), nil
	}
	return request.WithContext(ctx)
}

// answerOf reads what an answer says, and its body as far as that is worth a connection.
// Whole tells that nothing of the body is left. It does not close the body.
func answerOf(resp *http.Response, next *url.URL, d discreet) (a Answer, whole bool, err error) {
	a = Answer{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	if next != nil {
		a.Location = d.text(ShowURL(next))
	}
	if a.Status >= 300 {
		a.Excerpt, err = excerpt(resp, d)
	}
	var rest int64
	if err == nil && resp.ContentLength != 0 {
		rest, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	}
	return a, rest < maxBody, err
}

// excerpt is what may be shown of the beginning of a body. More is read than is shown, so that no secret is cut before it
// is found, and a body that is compressed is not shown: nobody can see what is in it, but for whoever takes the trouble.
func excerpt(resp *http.Response, d discreet) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(resp.Body, redact.MaxText))
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" || isCompressed(text) {
		return []byte("(a compressed body)"), err
	}
	shown := d.text(string(text))
	return []byte(shown[:min(len(shown), maxExcerpt)]), err
}

// isCompressed reports whether bytes begin as gzip, Zstandard or, of the usual strength, zlib do.
func isCompressed(text []byte) bool {
	return slices.ContainsFunc([]string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "\x78\x01", "\x78\x9c", "\x78\xda"}, func(magic string) bool {
		return strings.HasPrefix(string(text[:min(len(text), 4)]), magic)
	})
}

// Dials is how many connections were opened.
func (s *httpSender) Dials() uint64 { return s.dialer.dials.Load() }

// CloseIdle ends the connections that are idle.
func (s *httpSender) CloseIdle() { s.transport.CloseIdleConnections() }

// Close ends all connections.
func (s *httpSender) Close() error {
	s.transport.CloseIdleConnections() // a fresh one has none, and those of HTTP/2 end with the dialer
	s.dialer.Close()
	return nil
}

// location is where a redirect leads, or nil if an answer is none.
func location(resp *http.Response, from *url.URL) *url.URL {
	value := resp.Header.Get("Location")
	if resp.StatusCode < 300 || resp.StatusCode > 399 || value == "" {
		return nil
	}
	to, err := from.Parse(value)
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil
	}
	return to
}

// followed are the redirects that ask for the same request elsewhere. Status 303 is not among
// them: it asks for another kind of request.
var followed = []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}

// retryAfter reads seconds or a date; what cannot be read asks for nothing.
func retryAfter(value string) time.Duration {
	const most = 365 * 24 * time.Hour // longer than any ladder, far from an overflow
	if value == "" {
		return 0
	}
	seconds, err := strconv.ParseUint(value, 10, 64)
	switch {
	case err == nil:
		return time.Duration(min(seconds, uint64(most/time.Second))) * time.Second
	case errors.Is(err, strconv.ErrRange):
		return most
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(time.Until(at), 0), most)
}

// NewClient returns what Target.Client promises.
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
		ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeader, IdleConnTimeout: restLimit}
}

// probeTime is how long it takes at the most to find out whether somebody speaks TLS.
const probeTime = 2 * time.Second

// SpeaksTLS does what Target.SpeaksTLS promises.
func SpeaksTLS(ctx context.Context, o Options) bool {
	rest, plain := strings.CutPrefix(o.URL, "http://")
	if !plain {
		return false
	}
	o.URL, o.Timeout = "https://"+rest, min(o.Timeout, probeTime)
	raw, err := NewRaw(o)
	if err != nil {
		return false
	}
	defer raw.Close()
	c, err := raw.Open(ctx, time.Now().Add(o.Timeout))
	if err == nil {
		return c.Close() == nil
	}
	failure := raw.Failure(ctx, err, false)
	return failure.Class == ClassTLS && strings.Contains(failure.Text, "certificate")
}

// Reach does what Target.Reach promises. The error is about options with which New would fail.
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
	if err == nil {
		status = resp.StatusCode
		resp.Body.Close() // of HEAD it is empty
	} else {
		failure = classify(err, discreet{secrets: o.Secrets})
	}
	// As servers with TLS answer plain HTTP.
	odd := status == http.StatusBadRequest || failure.Class == ClassReset || failure.Class == ClassAnswer
	o.Timeout = probeTime // of its own: what came at the last moment is an answer or none, too
	if odd && SpeaksTLS(context.WithoutCancel(ctx), o) {
		return 0, Failure{ClassTLS, "target speaks TLS; use https://"}, nil
	}
	return status, failure, nil
}
