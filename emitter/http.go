package emitter

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/ringback/ringback/emitter/internal/wire"
	"github.com/ringback/ringback/internal/netguard"
)

// Sender makes single attempts at one target: Send posts a Request once and returns an
// Answer when it is whole, has failed, the request's time limit is over or ctx is done,
// whichever is first. It is called by up to Connections goroutines at once, neither changes
// the request nor keeps it, but may read the body for longer.
//
//	Send(ctx context.Context, r *Request) Answer
//
// A Sender that also has the method Dials() uint64 tells the result how many connections it
// opened. One that has ForWorker() Sender gives each goroutine another Sender, which then
// needs no lock. One that is an io.Closer is closed when the run ends.
type Sender = wire.Sender

// Request is what differs between two attempts at a target. A Sender reads it:
//
//	Body      []byte        // the notification; never changes once it is encoded
//	Signature []byte        // value of the signature header; empty for none. Reused after Send
//	Timeout   time.Duration // above 0; for everything, from connecting to the end of the answer
//	BodyFault BodyFault     // what goes wrong with the body on purpose
//	Trace     []byte        // value of the header traceparent; empty for none. Reused after Send
//	Fresh     bool          // over a new connection: the same request met one that had ended, see ClassStale
type Request = wire.Request

// Answer is the result of an attempt: a status, or a failure to get one. A Sender fills it in:
//
//	Status     int           // 100 to 999; 0 if Failure is set
//	Failure    Failure       // why there is no complete response
//	Location   string        // where a redirect leads, without query and credentials
//	RetryAfter time.Duration // as the target asked; 0 if it did not
//	Excerpt    []byte        // first bytes of the body, at most 256; empty for a success
//	Released   bool          // nobody reads the request's body any more: its memory is used again
type Answer = wire.Answer

// BodyFault is what a Sender does wrong on purpose while it sends a body.
type BodyFault = wire.BodyFault

// The faults of a body.
const (
	NoBodyFault = wire.NoBodyFault
	SlowBody    = wire.SlowBody // the body goes out in small pieces, with pauses
	CutOff      = wire.CutOff   // the connection is cut in the middle of the body
)

// Engine is an implementation of Sender. Its text is auto, http or lane.
//
//	MarshalText() ([]byte, error)
//	UnmarshalText(text []byte) error // lists the names if text is none of them
type Engine = wire.Engine

// The engines.
const (
	AutoEngine = wire.AutoEngine // the fast lane where it applies, else net/http
	NetHTTP    = wire.NetHTTP    // net/http: HTTP/2, proxies, redirects
	FastLane   = wire.FastLane   // HTTP/1.1 over a connection of each worker's own
)

// Sockets bounds the connections that targets have open together, and ends those without a request
// for 30 s. An attempt for which there is none takes that which has been idle longest, or waits for
// one, behind those who wait already. It is safe for concurrent use, also by several runs and lines.
//
//	Most int // connections open at once; 0 means any number
//	Full()   // a field: what is called when an attempt has to wait, at most once a minute; nil: nothing is
//
//	State() (open, idle, waiting int, waited uint64) // waiting and waited are attempts
type Sockets = wire.Sockets

// TLS is how to trust a target, and to be trusted by it. The zero value trusts the system's
// authorities and shows no certificate.
//
//	CAFile             string // PEM certificates of authorities to trust besides the system's
//	CertFile           string // PEM certificate to show to the target; needs KeyFile
//	KeyFile            string // PEM private key of CertFile
//	ServerName         string // name to expect in the target's certificate; "" means the URL's host
//	InsecureSkipVerify bool   // accepts any certificate: for tests on your own machine
//
//	Check() error // reads the files; joins a *TLSError for each problem
type TLS = wire.TLS

// TLSError is a problem of one of the files of a TLS.
//
//	Field string // CAFile, CertFile or KeyFile
//	Err   error
//
//	Error() string // what the file is for, and Err
//	Unwrap() error // Err
type TLSError = wire.TLSError

// Class is a kind of failure: a word that reports group by.
type Class = wire.Class

// The classes.
const (
	ClassRefused     = wire.ClassRefused     // nobody listens there
	ClassReset       = wire.ClassReset       // the connection ended before the answer did
	ClassStale       = wire.ClassStale       // a connection that was used before ended soon, and nothing of an answer had come: no failed attempt
	ClassUnreachable = wire.ClassUnreachable // no way to the address
	ClassDNS         = wire.ClassDNS         // the host name has no address
	ClassTLS         = wire.ClassTLS         // no agreement on a secure connection
	ClassTimeout     = wire.ClassTimeout     // no complete response in time
	ClassAddress     = wire.ClassAddress     // an address that is not allowed
	ClassAnswer      = wire.ClassAnswer      // bytes that are no HTTP answer, or too many of them
	ClassLocal       = wire.ClassLocal       // this machine has no more sockets or ports
	ClassOther       = wire.ClassOther       // none of the others
	ClassStopped     = wire.ClassStopped     // the run was stopped
	ClassCut         = wire.ClassCut         // the connection was cut on purpose

	ClassStatus          Class = "status"           // an answer whose status is no success
	ClassRedirect        Class = "redirect"         // an answer with a redirect
	ClassSilent          Class = "silent"           // the target never gave an answer, patience ended
	ClassWronglyAccepted Class = "wrongly-accepted" // it accepted what a correct consumer refuses
	ClassFull            Class = "full"             // too many notifications waited for the target already
)

// StaleWithin is how soon behind the beginning of a request a kept connection has to end for ClassStale: 1 s. Later, it is ClassReset.
const StaleWithin = wire.StaleWithin

// Failure says why an attempt was not accepted. Its zero value is none.
//
//	Class Class
//	Text  string // one readable line, at most 200 characters, without secrets
//
//	String() string // class, colon and text; "" if there is no failure
type Failure = wire.Failure

// Client is an HTTP client for other questions to the same consumer, such as what it knows
// of a call. It applies the rule of Allow, trusts as TLS says, dials as Dial says, follows no
// redirect, and takes at most timeout for an answer. Done ends its connections.
func (t *Target) Client(timeout time.Duration) (client *http.Client, done func(), err error) {
	client, done, err = wire.NewClient(t.options(&Emitter{Timeout: timeout}))
	return client, done, t.named(err)
}

// Raw opens connections to a target for requests that the caller writes, byte by byte: of
// HTTP/1.1, secure if the URL says so, without proxies and redirects. It is safe for
// concurrent use.
//
//	Head() []byte // request line and headers of all requests, each with CR LF; credentials, too
//	Open(ctx context.Context, due time.Time) (*RawConn, error) // the end of ctx ends the connection, too
//	Failure(ctx context.Context, err error, late bool) Failure // why there is no answer; late: the time was over
//	Close() error // ends all connections
type Raw = wire.Raw

// RawConn is a connection that was opened by a Raw. One goroutine may write while another one
// waits for the answer.
//
//	Begin(ctx context.Context, due time.Time) bool // before each request but the first; false: it has ended
//	Rest() bool // behind each answer that another request may follow, so that the end of its ctx ends nothing; false: it has ended
//	Limit(due time.Time) error // when writing and reading end; neither may be going on
//	Write(piece []byte) (int, error) // sends at once
//	Answer() (a Answer, again, heard bool, err error) // again: another request may follow; heard: a byte came
//	Page() bool // the body of the last answer was a web page
//	Ended(within time.Duration) bool // waits for the other side to end it, where no answer is expected
//	Close() error
type RawConn = wire.RawConn

// Raw applies the rule of Allow to each connection, and sends the headers and credentials that
// a run would. Timeout is what failures name as the time limit, and that of connecting.
func (t *Target) Raw(timeout time.Duration) (*Raw, error) {
	if t.Sender != nil {
		return nil, t.named(errors.New("it is in this process: there is no connection to write to"))
	}
	raw, err := wire.NewRaw(t.options(&Emitter{Timeout: timeout}))
	return raw, t.named(err)
}

// Reach asks the target once whether it is there, with a HEAD request, which delivers
// nothing, and returns the status of its answer; 0 if there is a failure. It connects as a
// run would, with the same headers, TLS and rule of Allow, and takes at most as long as
// timeout; 0 means 10 s. Something that speaks TLS where the URL says http is a failure of
// ClassTLS; to find that out takes up to 2 s more. The error is about settings that no run would
// start with.
func (t *Target) Reach(ctx context.Context, timeout time.Duration) (status int, failure Failure, err error) {
	if err := t.check(); err != nil {
		return 0, Failure{}, t.named(err)
	}
	if t.Sender != nil {
		return http.StatusOK, Failure{}, nil // in this process, there is nothing to wait for
	}
	status, failure, err = wire.Reach(ctx, t.options((&Emitter{Timeout: timeout}).withDefaults()))
	return status, failure, t.named(err)
}

// SpeaksTLS reports whether something speaks TLS where the URL says that it is plain HTTP. Whose certificate it has does not
// matter, and nothing is sent. It takes at most as long as timeout, and 2 s; 0 means 2 s.
func (t *Target) SpeaksTLS(ctx context.Context, timeout time.Duration) bool {
	return wire.SpeaksTLS(ctx, t.options((&Emitter{Timeout: timeout}).withDefaults()))
}

// Look looks up the target's host and applies the rule of Allow to its addresses, so that
// a mistyped public name is found out before anything is sent. It takes at most 3 s. A
// name that cannot be looked up is no error here: every attempt will say so. The rule is
// applied again to each address that is dialled.
func (t *Target) Look(ctx context.Context) error {
	u, err := t.parseURL()
	if err != nil || t.Dial != nil || t.Sender != nil {
		return err
	}
	allow, host := netguard.Allow(t.Allow), u.Hostname()
	if allow.Names(host) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	return t.named(allow.CheckAll(host, addrs))
}
