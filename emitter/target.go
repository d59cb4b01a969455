package emitter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/signature"
)

// Target is a consumer to send to. The zero values of all fields but URL are usable.
type Target struct {
	// Name stands in rows and results; empty means the URL without credentials and query.
	Name string

	// URL is where to post: absolute, http or https. User and password in it are sent as
	// basic authentication, and shown nowhere.
	URL string

	// Secret signs; empty means unsigned requests.
	Secret signature.Secret

	// NextSecret signs after the fault rotate-key, and Secret again after another one. A plan
	// with that fault needs it, if there is a Secret.
	NextSecret signature.Secret

	// Types selects notifications by type name, with * for any run of characters; empty
	// means all.
	Types []string

	// Header is sent along. It must not name what the emitter sets itself.
	Header http.Header

	// Connections is the most requests in flight here, Waiting the most notifications that
	// wait; 0 means what the Emitter says.
	Connections, Waiting int

	// TLS matters to https only.
	TLS TLS

	// Allow holds host names and addresses that may be connected to though they are public.
	// Loopback, private and link-local addresses are always allowed. The rule is applied to
	// the very address that is dialled, so neither a name server nor a redirect gets round
	// it. Only hosts in Allow are reached through a proxy of the environment, since what a
	// proxy dials cannot be seen.
	Allow []string

	// Dial connects instead of the ordinary dialler, without the rule of Allow.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Sender sends instead of the ordinary HTTP client. Of the other fields, Name, URL (as a
	// name only), Secret and Types then matter.
	Sender Sender
}

// Check reports everything that is wrong with the target; the files of TLS are read.
func (t *Target) Check() error {
	_, err := t.prepare(new(Emitter).withDefaults())
	return err
}

// prepare checks t and returns what sends to it.
func (t *Target) prepare(e *Emitter) (Sender, error) {
	if t.Sender != nil {
		return t.Sender, t.named(errors.Join(t.checkTypes(), t.checkLimits()))
	}
	u, err := t.parseURL()
	if err != nil {
		return nil, err // the name of the target may depend on it
	}
	if t.Connections > 0 {
		own := *e
		own.Connections = t.Connections
		e = &own
	}
	d := newDialer(t, e.Timeout)
	config, err := t.TLS.config()
	if err := errors.Join(t.checkTypes(), t.checkLimits(), checkHeader(t.Header), err, d.checkLiteral(u.Hostname())); err != nil {
		return nil, t.named(err)
	}
	sender, err := e.engine(u, t.Header, config, d)
	return sender, t.named(err)
}

// named says which target an error is about.
func (t *Target) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("target %s: %w", t.display(), err)
}

// checkTypes finds patterns that can only be mistyped.
func (t *Target) checkTypes() error {
	var errs []error
	for _, pattern := range t.Types {
		if !slices.ContainsFunc(event.Types(), func(known event.Type) bool { return event.Match(pattern, known.String()) }) {
			errs = append(errs, fmt.Errorf("types: %q selects no event type", pattern))
		}
	}
	return errors.Join(errs...)
}

func (t *Target) checkLimits() error {
	if t.Connections < 0 || t.Waiting < 0 {
		return fmt.Errorf("connections are %d and waiting is %d, want at least 1 each", t.Connections, t.Waiting)
	}
	return nil
}

// parseURL never repeats the text of a URL that it cannot read: a password may be in it.
func (t *Target) parseURL() (*url.URL, error) {
	u, err := url.Parse(t.URL)
	switch {
	case t.URL == "":
		return nil, t.named(errors.New("no url, want one like http://127.0.0.1:8080/events"))
	case err != nil:
		return nil, t.named(errors.New("url cannot be read: want one like http://127.0.0.1:8080/events, special characters written as %XX"))
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, t.named(errors.New("url does not start with http:// or https://"))
	case u.Port() != "" && !validPort(u.Port()):
		return nil, t.named(errors.New("url has a port that is not between 1 and 65535"))
	case u.Hostname() == "":
		return nil, t.named(errors.New("url has no host, want one like http://127.0.0.1:8080/events"))
	}
	return u, nil
}

func validPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// display is the target's name.
func (t *Target) display() string {
	if name := cmp.Or(t.Name, t.shown()); name != "" {
		return name
	}
	return "without a name"
}

// shown is the URL without credentials and query, and empty if it cannot be read: a password
// may be anywhere in it.
func (t *Target) shown() string {
	u, err := url.Parse(t.URL)
	if err != nil || u.Host == "" {
		return ""
	}
	return displayURL(u)
}

// displayURL is u without the parts in which secrets travel: user, password, query, fragment.
func displayURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
