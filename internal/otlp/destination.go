package otlp

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/show"
)

// Limit is how long a push may take altogether, attempts that are repeated included. OpenTelemetry has the same default for one.
const Limit = 10 * time.Second

const (
	usualPath   = "/v1/metrics"
	contentType = "application/x-protobuf"
	mostAnswer  = 64 << 10 // bytes: more than a status with its reason can take
	mostShown   = 200      // characters of a reason
	firstPause  = 500 * time.Millisecond
)

// Destination is a receiver of OTLP over HTTP.
type Destination struct {
	url     *url.URL
	allow   netguard.Allow
	header  http.Header
	secrets *redact.Secrets
	roots   *x509.CertPool                                          // nil for the system's
	dial    func(context.Context, string, string) (net.Conn, error) // nil for the system's
}

// New reads the URL of a receiver. Without a path, it is that of OpenTelemetry, /v1/metrics. Headers come from the variables of
// OpenTelemetry. Which addresses may be dialled besides those of this machine and its networks, allow says.
func New(text string, allow netguard.Allow, environment Lookup) (*Destination, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("no URL; want one such as http://127.0.0.1:4318")
	case u.Scheme == "" || u.Opaque != "":
		return nil, fmt.Errorf("%q: no scheme; write http://%[1]s", redact.BareURL(text))
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("want a URL that begins with http:// or https://, since metrics travel over HTTP; got %q", redact.BareURL(text))
	case u.Hostname() == "" || !netguard.IsName(u.Hostname()):
		return nil, fmt.Errorf("%q names no host; want a URL such as http://127.0.0.1:4318", redact.BareURL(text))
	case u.Port() != "" && !isPort(u.Port()):
		return nil, fmt.Errorf("%q: want a port from 1 to 65535", redact.BareURL(text))
	case u.Fragment != "":
		return nil, fmt.Errorf("%q: a URL that is sent to has no part behind #", redact.BareURL(text))
	}
	if err := allow.CheckLiteral(u.Hostname()); err != nil {
		return nil, err
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = usualPath
	}
	header, err := environment.header()
	if err != nil {
		return nil, err
	}
	roots, err := environment.authorities()
	if err != nil {
		return nil, err
	}
	sent := redact.Sent{Name: u.Hostname(), URL: text, Header: header}
	return &Destination{url: u, allow: allow, header: header, secrets: sent.Secrets(), roots: roots}, nil
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535
}

// String is the URL without what is secret in it.
func (d *Destination) String() string { return redact.BareURL(d.url.String()) }

// Look looks up the host and applies the rule of addresses, so that a name which may not be dialled is found out before a run and not
// after it. It takes at most 3 s. A name that cannot be looked up is no error here.
func (d *Destination) Look(ctx context.Context) error {
	host := d.url.Hostname()
	if d.allow.Names(host) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	return d.allow.CheckAll(host, addrs)
}

// Push sends metrics, within Limit. What a receiver asks to try again, it tries again: 429, 502, 503 and 504, and a
// connection that failed. Its error says what the receiver answered, without secrets.
func (d *Destination) Push(ctx context.Context, m *Metrics) error {
	body, err := m.encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	client := d.client()
	defer client.CloseIdleConnections()
	for pause := firstPause; ; pause *= 2 {
		wait, again, err := d.send(ctx, client, body)
		if err == nil || !again {
			return err
		}
		wait = max(wait, pause)
		if at, _ := ctx.Deadline(); time.Now().Add(wait).After(at) {
			return err // the next attempt would be too late
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

// client follows no redirect, and applies the rule of addresses to each connection. A proxy of the environment is used only for hosts
// that are allowed by name, as for targets: what it dials cannot be seen.
func (d *Destination) client() *http.Client {
	host := d.url.Hostname()
	dialer := &net.Dialer{ControlContext: d.allow.Control(host)}
	t := &http.Transport{DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: d.roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: mostAnswer}
	if d.dial != nil {
		t.DialContext = d.dial
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: d.url}); err == nil && proxy != nil && d.allow.Names(host) {
		t.Proxy = http.ProxyURL(proxy)
		dialer.ControlContext = append(netguard.Allow{proxy.Hostname()}, d.allow...).Control(proxy.Hostname())
	}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// send makes one request. Again reports whether another one may succeed, and wait how long the receiver wants to be left alone.
func (d *Destination) send(ctx context.Context, client *http.Client, body []byte) (wait time.Duration, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url.String(), bytes.NewReader(body))
	if err != nil {
		return 0, false, errors.New("the request cannot be made")
	}
	req.Header = d.header.Clone()
	req.Header.Set("Content-Type", contentType)
	resp, err := client.Do(req)
	if err != nil {
		_, forbidden := errors.AsType[*netguard.AddressError](err)
		_, distrust := errors.AsType[*tls.CertificateVerificationError](err)
		return 0, !forbidden && !distrust, d.unreached(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if resp.StatusCode/100 == 2 && err != nil {
		return 0, false, fmt.Errorf("%s: its response broke off", d)
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return 0, false, d.rejected(resp, answer)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		again = true
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
			wait = time.Duration(min(seconds, 3600)) * time.Second
		}
	}
	text := fmt.Sprintf("%s responded %d %s", d, resp.StatusCode, http.StatusText(resp.StatusCode))
	if why := d.reason(resp, answer); why != "" {
		text += ": " + why
	}
	if resp.StatusCode/100 == 3 {
		text += "; redirects are not followed"
	}
	return wait, again, errors.New(text)
}

// distrusted says how the certificate of a receiver comes to be accepted.
var distrusted = "its certificate is not accepted; name the file with its authority in " + certificateVariables[1] + ", or call the host as the certificate does"

// unreached says why there is no response.
func (d *Destination) unreached(err error) error {
	if address, is := errors.AsType[*netguard.AddressError](err); is {
		return address
	}
	if outer, is := errors.AsType[*url.Error](err); is {
		err = outer.Err // the rest repeats the URL
	}
	op, isSocket := errors.AsType[*net.OpError](err)
	_, distrust := errors.AsType[*tls.CertificateVerificationError](err)
	plain := strings.Contains(err.Error(), "HTTP response to HTTPS client") // of net/http, which gives no type
	switch {
	case distrust:
		return fmt.Errorf("%s: %s", d, distrusted)
	case plain:
		return fmt.Errorf("%s: it speaks plain HTTP; use http://", d)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: interrupted", d)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: no complete response within %s", d, Limit)
	case isSocket && op.Op == "dial":
		err = op.Err
	}
	return fmt.Errorf("%s: %s", d, show.Line(d.secrets.Text(err.Error()), mostShown))
}

// rejected says how many data points the receiver did not take, though it accepted the request, and what is no answer of such a receiver.
func (d *Destination) rejected(resp *http.Response, answer []byte) error {
	if len(answer) == 0 {
		return nil
	}
	points, why, err := partialSuccess(resp.Header.Get("Content-Type"), answer)
	switch {
	case err != nil:
		return fmt.Errorf("%s responded %d, but not as a receiver of OTLP: %w", d, resp.StatusCode, err)
	case points > 0:
		return fmt.Errorf("%s rejected %s: %s", d, show.Counted(uint64(points), "data point"), cmp.Or(d.shown(why), "it does not say why"))
	}
	return nil
}

func (d *Destination) shown(text string) string {
	return show.Line(d.secrets.Text(strings.TrimSpace(text)), mostShown)
}

// reason is what the receiver says of an error, as far as it can be shown.
func (d *Destination) reason(resp *http.Response, answer []byte) string {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	switch kind = strings.TrimSpace(kind); {
	case kind == contentType:
		return d.shown(statusMessage(answer))
	case strings.HasPrefix(kind, "text/plain"), kind == "application/json":
		return d.shown(string(answer))
	}
	return ""
}
