package wire

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ringback/ringback/signature"
)

const (
	contentType = "application/cloudevents+json"
	traceHeader = "Traceparent" // W3C Trace Context
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
func FixedHeader(h http.Header) http.Header {
	fixed := http.Header{"Content-Type": {contentType}, "User-Agent": {userAgent}}
	for name, values := range h {
		fixed[http.CanonicalHeaderKey(name)] = values
	}
	return fixed
}
