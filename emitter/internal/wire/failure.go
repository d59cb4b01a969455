package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/show"
)

// Class is a kind of failure: a word that reports group by.
type Class string

// The classes.
const (
	ClassStatus          Class = "status"             // an answer whose status is no success
	ClassRedirect        Class = "redirect"           // an answer with a redirect
	ClassRefused         Class = "connection-refused" // nobody listens there
	ClassReset           Class = "reset"              // the connection ended before the answer did
	ClassUnreachable     Class = "unreachable"        // no way to the address
	ClassDNS             Class = "dns"                // the host name has no address
	ClassTLS             Class = "tls"                // no agreement on a secure connection
	ClassTimeout         Class = "timeout"            // no complete response in time
	ClassAddress         Class = "address"            // an address that is not allowed
	ClassAnswer          Class = "answer"             // bytes that are no HTTP answer, or too many of them
	ClassLocal           Class = "local"              // this machine has no more sockets or ports
	ClassOther           Class = "other"              // none of the others
	ClassSilent          Class = "silent"             // the target never gave an answer, patience ended
	ClassStopped         Class = "stopped"            // the run was stopped
	ClassCut             Class = "cut"                // the connection was cut on purpose
	ClassWronglyAccepted Class = "wrongly-accepted"   // it accepted what a correct consumer refuses
	ClassFull            Class = "full"               // too many notifications waited for the target already
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

// plainHTTP and noTLS say that TLS was tried where there is none, and what to do.
const (
	plainHTTP = "target speaks plain HTTP; use http://"
	noTLS     = "target does not speak TLS; use http:// if it speaks plain HTTP"
)

// classify turns an error of a connection or a client into a Failure. It relies on nothing
// but the error's chain, and where the standard library gives no type, on its text.
func classify(err error) Failure {
	var address *netguard.AddressError
	if errors.As(err, &address) {
		return Failure{ClassAddress, show.Line(address.Error(), MaxText)}
	}
	var record tls.RecordHeaderError
	if errors.As(err, &record) {
		if string(record.RecordHeader[:]) == "HTTP/" {
			return Failure{ClassTLS, plainHTTP}
		}
		return Failure{ClassTLS, noTLS}
	}
	if errors.Is(err, errCutOff) {
		return Failure{ClassCut, errCutOff.Error()}
	}
	class, text := classOf(err), err.Error()
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return Failure{class, show.Line("no address found for "+dns.Name, MaxText)}
	}
	var op *net.OpError
	if class == ClassRefused && errors.As(err, &op) && op.Addr != nil {
		return Failure{class, "connection refused by " + op.Addr.String()}
	}
	for _, prefix := range []string{"net/http: HTTP/1.x transport connection broken: ", "net/http: ", string(class) + ": "} {
		text = strings.TrimPrefix(text, prefix) // says nothing of the target, or nothing new
	}
	return Failure{class, show.Line(text, MaxText)}
}

func classOf(err error) Class {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return ClassDNS
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return ClassTimeout
	case errors.Is(err, context.Canceled):
		return ClassStopped
	case isTLS(err):
		return ClassTLS
	}
	for _, e := range errnoClasses {
		if errors.Is(err, e.errno) {
			return e.class
		}
	}
	for _, t := range textClasses {
		if strings.Contains(err.Error(), t.text) {
			return t.class
		}
	}
	return ClassOther
}

var errnoClasses = [...]struct {
	errno error
	class Class
}{
	{syscall.ECONNREFUSED, ClassRefused},
	{syscall.ECONNRESET, ClassReset},
	{syscall.ECONNABORTED, ClassReset},
	{syscall.EPIPE, ClassReset},
	{io.EOF, ClassReset},
	{io.ErrUnexpectedEOF, ClassReset},
	{io.ErrClosedPipe, ClassReset},
	{net.ErrClosed, ClassReset},
	{syscall.EHOSTUNREACH, ClassUnreachable},
	{syscall.ENETUNREACH, ClassUnreachable},
	{syscall.EMFILE, ClassLocal},
	{syscall.ENFILE, ClassLocal},
	{syscall.ENOBUFS, ClassLocal},
	{syscall.EADDRNOTAVAIL, ClassLocal},
}

// textClasses serves errors without a type: those of net/http, and on Windows those of
// sockets, whose numbers differ from the portable ones.
var textClasses = [...]struct {
	text  string
	class Class
}{
	{"tls: ", ClassTLS},
	{"malformed", ClassAnswer},
	{"response headers exceeded", ClassAnswer},
	{"1xx informational responses", ClassAnswer},
	{"transfer encoding", ClassAnswer},
	{"Content-Length", ClassAnswer},
	{"chunk", ClassAnswer},
	{"server closed idle connection", ClassReset},
	{"connection broken", ClassReset},
	{"stream error", ClassReset},
	{"GOAWAY", ClassReset},
	{"refused", ClassRefused},
	{"forcibly closed", ClassReset},
	{"unreachable", ClassUnreachable},
}

func isTLS(err error) bool {
	var (
		alert       tls.AlertError
		record      tls.RecordHeaderError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		host        x509.HostnameError
		invalid     x509.CertificateInvalidError
	)
	return errors.As(err, &alert) || errors.As(err, &record) || errors.As(err, &certificate) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}
