package otlp

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/textfile"
)

// The variables of OpenTelemetry that are known; of a pair, the first one wins.
var (
	headerVariables   = []string{"OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"}
	resourceVariables = []string{"OTEL_RESOURCE_ATTRIBUTES"}
	serviceVariable   = "OTEL_SERVICE_NAME"

	certificateVariables = []string{"OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"}
)

// mostVariable bounds what is read of a variable, in bytes: no server takes more in its headers.
const mostVariable = 16 << 10

// Lookup gives the value of an environment variable, as os.LookupEnv does.
type Lookup func(name string) (value string, set bool)

// first is the value of the first variable that is set, and its name.
func (l Lookup) first(variables []string) (value, variable string) {
	for _, variable = range variables {
		if value, set := l(variable); set && value != "" {
			return value, variable
		}
	}
	return "", ""
}

// authorities are those that may have signed the receiver's certificate: those of the system, and those in a file. Nil: the former.
func (l Lookup) authorities() (*x509.CertPool, error) {
	path, variable := l.first(certificateVariables)
	if path == "" {
		return nil, nil
	}
	text, err := textfile.ReadPEM(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: %s holds no certificate; want certificates in PEM", variable, path)
	}
	return pool, nil
}

// pairs reads a list such as "a=1,b=2%203" from the first variable that is set. Errors never quote values: they may be secret.
func (l Lookup) pairs(variables []string) (all []Attribute, variable string, err error) {
	text, variable := l.first(variables)
	if len(text) > mostVariable {
		return nil, variable, fmt.Errorf("%s: want at most %d bytes, got %d", variable, mostVariable, len(text))
	}
	for i, item := range strings.Split(text, ",") {
		if strings.TrimSpace(item) == "" {
			continue
		}
		name, value, is := strings.Cut(item, "=")
		name, err := url.PathUnescape(strings.TrimSpace(name))
		if !is || err != nil || name == "" {
			return nil, variable, fmt.Errorf("%s: item %d: want NAME=VALUE, with %%2C for a comma", variable, i+1)
		}
		if value, err = url.PathUnescape(strings.TrimSpace(value)); err != nil {
			return nil, variable, fmt.Errorf("%s: item %d: a %% must stand before two hexadecimal digits; write %%25 for itself", variable, i+1)
		}
		all = append(all, Attribute{name, value})
	}
	return all, variable, nil
}

// header reads the headers of requests.
func (l Lookup) header() (http.Header, error) {
	all, variable, err := l.pairs(headerVariables)
	header := http.Header{}
	for _, a := range all {
		name := http.CanonicalHeaderKey(a.Name)
		switch {
		case !isToken(a.Name):
			return nil, fmt.Errorf("%s: %q is no name of a header", variable, a.Name)
		case slices.Contains(ours, name):
			return nil, fmt.Errorf("%s: %s is set by ringback itself; leave it out", variable, name)
		case strings.ContainsFunc(a.Value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			return nil, fmt.Errorf("%s: the value of %s has a character that no header may have", variable, name)
		}
		header.Add(a.Name, a.Value)
	}
	return header, err
}

// ours are the headers that say what the body is, or how it travels.
var ours = []string{"Content-Type", "Content-Length", "Content-Encoding", "Host", "Connection", "Transfer-Encoding", "Expect", "Te", "Trailer", "Upgrade"}

// isToken follows RFC 9110, section 5.6.2.
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", r)
	})
}

// With puts what the environment says of the resource behind other attributes, in place of those of the same names.
func (l Lookup) With(attributes ...Attribute) ([]Attribute, error) {
	more, _, err := l.pairs(resourceVariables)
	if name, set := l(serviceVariable); set && name != "" {
		more = append(more, Attribute{"service.name", name})
	}
	for _, a := range more {
		attributes = append(slices.DeleteFunc(slices.Clone(attributes), func(known Attribute) bool { return known.Name == a.Name }), a)
	}
	return attributes, err
}
