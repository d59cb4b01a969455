package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/show"
)

// Class is a kind of failure: a word that reports group by.
type Class string

// The classes that requests fail with. Package emitter has more.
const (
	ClassRefused     Class = "connection-refused" // nobody listens there
	ClassReset       Class = "reset"              // the connection ended before the answer did
	ClassStale       Class = "stale-connection"   // a connection that was used before ended soon, and nothing of an answer had come
	ClassUnreachable Class = "unreachable"        // no way to the address
	ClassDNS         Class = "dns"                // the host name has no address
	ClassTLS         Class = "tls"                // no agreement on a secure connection
	ClassTimeout     Class = "timeout"            // no complete response in time
	ClassAddress     Class = "address"            // an address that is not allowed
	ClassAnswer      Class = "answer"             // bytes that are no HTTP answer, or too many of them
	ClassLocal       Class = "local"              // this machine has no more sockets or ports
	ClassOther       Class = "other"              // none of the others
	ClassStopped     Class = "stopped"            // the run was stopped
	ClassCut         Class = "cut"                // the connection was cut on purpose
)

// Failure says why an attempt was not accepted. Its zero value is none.
type Failure struct {
	Class Class
	Text  string // readable, one line, at most MaxText characters, without secrets
}

// MaxText is how long the text of a failure may be, in characters: some of it comes from
// the target.
const MaxText = 200

// String is the class, a colon and the text; empty if there is no failure.
func (f Failure) String() string {
	if f.Class == "" {
		return ""
	}
	return string(f.Class) + ": " + f.Text
}

// classify turns an error of a connection or a client into a Failure. It relies on nothing
// but the error's chain, and where the standard library gives no type, on its text. Such texts quote
// the target.
func classify(err error, d discreet) Failure {
	if address, ok := errors.AsType[*netguard.AddressError](err); ok {
		return Failure{ClassAddress, show.Line(d.text(address.Error()), MaxText)}
	}
	if stale, ok := errors.AsType[*staleError](err); ok {
		return stale.failure()
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		if string(record.RecordHeader[:]) == "HTTP/" {
			return Failure{ClassTLS, "target speaks plain HTTP; use http://"}
		}
		return Failure{ClassTLS, "target does not speak TLS; use http:// if it speaks plain HTTP"}
	}
	if errors.Is(err, errCutOff) {
		return Failure{ClassCut, errCutOff.Error()}
	}
	class, text := classOf(err), err.Error()
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return Failure{class, show.Line("no address found for "+d.text(dns.Name), MaxText)}
	}
	if reason := distrust(err); reason != "" {
		return Failure{class, show.Line(d.text(reason), MaxText)}
	}
	op, isSocket := errors.AsType[*net.OpError](err)
	if isSocket && class == ClassRefused && op.Addr != nil {
		return Failure{class, "connection refused by " + op.Addr.String()}
	}
	for _, prefix := range []string{"net/http: HTTP/1.x transport connection broken: ", "net/http: ", string(class) + ": "} {
		text = strings.TrimPrefix(text, prefix) // says nothing of the target, or nothing new
	}
	if isSocket = isSocket && slices.Contains([]string{"dial", "read", "write"}, op.Op); !isSocket { // of those, the text is the system's
		text = d.text(text)
	}
	return Failure{class, show.Line(text, MaxText)}
}

func classOf(err error) Class {
	timeout, is := errors.AsType[net.Error](err)
	switch {
	case has[*net.DNSError](err):
		return ClassDNS
	case errors.Is(err, context.DeadlineExceeded), is && timeout.Timeout():
		return ClassTimeout
	case errors.Is(err, context.Canceled):
		return ClassStopped
	case isTLS(err):
		return ClassTLS
	}
	for _, c := range errorClasses {
		if slices.ContainsFunc(c.errors, func(e error) bool { return errors.Is(err, e) }) {
			return c.class
		}
	}
	for _, c := range textClasses {
		if slices.ContainsFunc(c.texts, func(text string) bool { return strings.Contains(err.Error(), text) }) {
			return c.class
		}
	}
	return ClassOther
}

// endings are the errors of a connection that the other side has ended.
var endings = [...]error{syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe}

// isEnd reports whether err is the end of a connection, and nothing that was said over it.
func isEnd(err error) bool {
	return slices.ContainsFunc(endings[:], func(end error) bool { return errors.Is(err, end) })
}

var errorClasses = [...]struct {
	class  Class
	errors []error
}{
	{ClassRefused, []error{syscall.ECONNREFUSED}},
	{ClassReset, append(endings[:], net.ErrClosed)},
	{ClassUnreachable, []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH}},
	{ClassLocal, []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.EADDRNOTAVAIL}},
}

// textClasses serves errors without a type: those of net/http, and on Windows those of
// sockets, whose numbers differ from the portable ones.
var textClasses = [...]struct {
	class Class
	texts []string
}{
	{ClassTLS, []string{"tls: "}},
	{ClassAnswer, []string{"malformed", "response headers exceeded", "1xx informational responses", "transfer encoding", "Content-Length", "chunk"}},
	{ClassReset, []string{"server closed idle connection", "connection broken", "stream error", "GOAWAY"}},
	{ClassRefused, []string{"refused"}},
	{ClassReset, []string{"forcibly closed"}},
	{ClassUnreachable, []string{"unreachable"}},
}

func isTLS(err error) bool {
	return has[tls.AlertError](err) || has[tls.RecordHeaderError](err) || has[*tls.CertificateVerificationError](err) ||
		has[x509.UnknownAuthorityError](err) || has[x509.HostnameError](err) || has[x509.CertificateInvalidError](err)
}

// distrust says why a certificate is not accepted; empty if err is about none.
func distrust(err error) string {
	const refused = "the certificate is not accepted: "
	var reason string
	if has[x509.UnknownAuthorityError](err) { // its text may end with how a key was compared
		return refused + "signed by an unknown authority"
	} else if name, ok := errors.AsType[x509.HostnameError](err); ok {
		reason = name.Error()
	} else if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		reason = invalid.Error()
	} else {
		return ""
	}
	for _, prefix := range []string{"x509: ", "certificate ", "is "} {
		reason = strings.TrimPrefix(reason, prefix)
	}
	return refused + reason
}

func has[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
