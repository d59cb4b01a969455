// Package wire makes single attempts at one target over HTTP.
//
// A request (body, token, time limit) comes in; a status or a classified failure comes out.
// It promises that both engines, net/http and the fast lane, give the same answer to the
// same bytes, that no address is dialled which the target does not allow, and that Close
// ends every connection. It never retries, and knows no notifications. A connection that was used before and ended without a byte of
// an answer is told apart from all other failures.
package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/signature"
)

// Sender makes single attempts at one target; emitter.Sender says what is asked of it.
type Sender interface {
	Send(ctx context.Context, r *Request) Answer
}

// PerWorker is a Sender that has another one for each worker: what only one goroutine uses
// needs no lock. If that one is an io.Closer, it is closed when its worker ends.
type PerWorker interface {
	ForWorker() Sender
}

// Threaded is a Sender of one worker whose requests one thread can send for many of them, without waiting for the answers. All is
// called by that thread, but for Resume.
type Threaded interface {
	Park(p *pace.Poll) bool
	Begin(ctx context.Context, r *Request, heard func()) (begun, whole bool)
	Answered(ctx context.Context, r *Request) (a Answer, arrived time.Time, there, wait bool)
	Due() time.Time
	Leave()
	Resume(ctx context.Context, r *Request) Answer
}

// Request is what differs between two attempts at a target.
type Request struct {
	Body      []byte        // never changes once it is encoded
	Signature []byte        // value of the signature header; empty for none. Reused after Send
	Timeout   time.Duration // for everything, from connecting to the end of the answer
	BodyFault BodyFault     // what goes wrong with the body on purpose
	Trace     []byte        // value of the header traceparent; empty for none. Reused after Send
	Fresh     bool          // over a new connection: the same request met one that had ended, see ClassStale

	secrets *redact.Secrets // what the answer must not show, beside Signature; nil: nothing else
}

// Redact takes what is secret out of an answer to a request, if its sender did not.
func Redact(r *Request, a *Answer) {
	d := r.discreet()
	a.Location, a.Failure.Text = d.text(a.Location), d.text(a.Failure.Text)
	if len(a.Excerpt) > 0 {
		a.Excerpt = []byte(d.text(string(a.Excerpt)))
	}
}

// discreet takes what is secret out of the texts of an answer.
type discreet struct {
	secrets *redact.Secrets
	token   []byte // that was sent
}

// discreet knows what the request had to keep.
func (r *Request) discreet() discreet { return discreet{r.secrets, r.Signature} }

// Keep makes a request keep secrets: its answer is read without them.
func Keep(r *Request, secrets *redact.Secrets) { r.secrets = secrets }

// text is what may be shown of a text.
func (d discreet) text(text string) string { return d.secrets.Text(text, string(d.token)) }

// Answer is the result of an attempt: a status, or a failure to get one.
type Answer struct {
	Status     int           // 100 to 999; 0 if Failure is set
	Failure    Failure       // why there is no complete response
	Location   string        // where a redirect leads, without query and secrets
	RetryAfter time.Duration // as the target asked; 0 if it did not
	Excerpt    []byte        // first bytes of the body, at most 256, without secrets; empty for a success
	Released   bool          // nobody reads the request's body any more
}

const (
	maxExcerpt = 256        // bytes of a refusing body that are kept
	maxBody    = 64 << 10   // bytes of a body that are read, to use the connection again
	maxHeader  = 64 << 10   // bytes of an answer's head
	maxHops    = 5          // redirects that are followed
	userAgent  = "ringback" // unless a target sets its own
)

// Engine is an implementation of Sender.
type Engine uint8

// The engines.
const (
	AutoEngine Engine = iota // the fast lane where it applies, else net/http
	NetHTTP                  // net/http: HTTP/2, proxies, redirects
	FastLane                 // HTTP/1.1 over a connection of each worker's own
)

var engineNames = [...]string{AutoEngine: "auto", NetHTTP: "http", FastLane: "lane"}

// MarshalText writes the engine's name: auto, http or lane.
func (e Engine) MarshalText() ([]byte, error) { return []byte(engineNames[e]), nil }

// UnmarshalText reads what MarshalText writes.
func (e *Engine) UnmarshalText(text []byte) error { return Choose(e, engineNames[:], text) }

// Choose sets v to the index of text in names. The error lists the names.
func Choose[T ~uint8](v *T, names []string, text []byte) error {
	if err := nearest.OneOf(string(text), names); err != nil {
		return err
	}
	*v = T(slices.Index(names, string(text)))
	return nil
}

// Options say how to reach a target. All but URL and Timeout may be zero.
type Options struct {
	URL             string      // absolute, http or https
	Header          http.Header // sent along
	TLS             TLS
	Allow           []string // public hosts that may be dialled
	Dial            func(ctx context.Context, network, address string) (net.Conn, error)
	Connections     int           // most requests at once; 0 means any number
	Timeout         time.Duration // of a dial
	Engine          Engine
	FollowRedirects bool
	Traceparent     bool            // requests have a Trace
	ContentType     string          // of requests; empty: application/cloudevents+json
	Secrets         *redact.Secrets // what answers outside of a Request must not show
}

// New checks the options and returns what sends; nothing is dialled yet. The errors are all
// that is wrong with them at once. The Sender is an io.Closer.
func New(o Options) (Sender, error) {
	reference, err := newReference(&o)
	if err != nil {
		return nil, err
	}
	if o.Engine == NetHTTP {
		return reference, nil
	}
	lane, err := newFastLane(reference, o.Engine)
	switch {
	case err == nil:
		return lane, nil
	case o.Engine == FastLane:
		return nil, fmt.Errorf("the fast lane %w; leave the choice of the engine to ringback, or take net/http", err)
	}
	return reference, nil
}

// newReference returns the engine on top of net/http, which can do everything.
func newReference(o *Options) (*httpSender, error) {
	u, err := ParseURL(o.URL)
	if err != nil {
		return nil, err
	}
	d := newDialer(o)
	config, err := o.TLS.config()
	errs := []error{checkHeader(o.Header), err, d.allow.Validate()}
	if o.Dial == nil { // else the rule of addresses does not apply
		errs = append(errs, d.allow.CheckLiteral(u.Hostname()))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return newHTTPSender(u, config, d, o), nil
}

// unanswered is what comes of a request without a complete response. Late tells that the time
// limit was over, whose signs in err differ.
func unanswered(ctx context.Context, err error, late bool, limit time.Duration, d discreet) Answer {
	switch {
	case ctx.Err() != nil:
		return Answer{Failure: Failure{ClassStopped, "cut off while in flight"}}
	case late:
		return Answer{Failure: Failure{ClassTimeout, fmt.Sprintf("no complete response within %v", limit)}}
	}
	return Answer{Failure: classify(err, d)}
}

const (
	contentType = "application/cloudevents+json" // unless Options say otherwise
	traceHeader = "Traceparent"                  // W3C Trace Context
)

// reservedHeaders are set by the emitter or belong to the connection. Host is not among
// them: it is sent as it is given.
var reservedHeaders = [...]string{
	"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Keep-Alive",
	"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", signature.HeaderName,
}

func checkHeader(h http.Header) error {
	var errs []error
	for name, values := range h {
		switch canonical := http.CanonicalHeaderKey(name); {
		case !validHeaderName(name):
			errs = append(errs, fmt.Errorf("header name %q: want letters, digits and hyphens", name))
		case slices.Contains(reservedHeaders[:], canonical):
			errs = append(errs, fmt.Errorf("header %s is reserved: leave it out, it is set where it is needed", canonical))
		case !slices.ContainsFunc(values, func(v string) bool { return !ValidHeaderValue(v) }):
		default: // the value may be a secret
			errs = append(errs, fmt.Errorf("header %s has a control character in its value", canonical))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// validHeaderName follows RFC 9110, section 5.6.2.
func validHeaderName(name string) bool {
	const token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	return name != "" && strings.Trim(name, token) == ""
}

// ValidHeaderValue reports whether a value may stand in a header.
func ValidHeaderValue(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// FixedHeader is what every request to the target carries, with canonical names.
func (o *Options) FixedHeader() http.Header {
	fixed := http.Header{"Content-Type": {cmp.Or(o.ContentType, contentType)}, "User-Agent": {userAgent}}
	for name, values := range o.Header {
		fixed[http.CanonicalHeaderKey(name)] = values
	}
	return fixed
}

// plainAddress is a host, perhaps with a port and a path, and plainPort a port alone: no password can be in them.
var (
	plainAddress = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.-]*(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$|^[0-9.]+:[0-9]+(/[A-Za-z0-9._~/-]*)?$`)
	plainPort    = regexp.MustCompile(`^:?([0-9]{2,5})(/[A-Za-z0-9._~/-]*)?$`)
)

// secondURL is how another one begins behind what people separate them with.
var secondURL = regexp.MustCompile(`(?i)[\s\p{Z},;|]https?://`)

// IsSeveral reports whether a text that should be a URL looks like several of them. What reads as the path of the first may be a password.
func IsSeveral(text string) bool { return secondURL.MatchString(text) }

// ParseURL reads the URL of a target: absolute, http or https. Its errors never repeat a
// text in which a password may be.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case IsSeveral(text):
		return nil, errors.New("this looks like several URLs; give each of them by itself")
	case strings.ContainsFunc(text, unicode.IsSpace):
		return nil, errors.New("the URL has a blank or a line break in it; leave it out, or write %20 for a blank")
	case plainPort.MatchString(text):
		return nil, errors.New("missing the host; write http://127.0.0.1:" + strings.TrimPrefix(text, ":"))
	case plainAddress.MatchString(text):
		return nil, errors.New("missing http://; write http://" + text)
	case text == "":
		return nil, errors.New("no URL; write one like http://127.0.0.1:8080/events")
	case err != nil:
		return nil, errors.New("the URL cannot be read; write one like http://127.0.0.1:8080/events, with special characters as %XX")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the URL begins with neither http:// nor https://%s; write one like http://127.0.0.1:8080/events", nearest.DidYouMean(u.Scheme, []string{"http", "https"}))
	case u.Port() != "" && !validPort(u.Port()):
		return nil, errors.New("the port of the URL is not between 1 and 65535")
	case u.Hostname() == "":
		return nil, errors.New("the URL has no host; write one like http://127.0.0.1:8080/events")
	}
	return u, nil
}

func validPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// ShowURL is u without the parts in which secrets travel: user, password, query, fragment.
func ShowURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
