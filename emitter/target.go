package emitter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/ringback/ringback/emitter/internal/wire"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/show"
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

	// Hide holds more texts that nothing may show though the consumer repeats them: what it knows
	// beside its secrets, the values of its headers, and the credentials and query of its URL.
	Hide []string

	// TLS matters to https only.
	TLS TLS

	// Allow holds host names and addresses that may be connected to though they are public.
	// Loopback, private and link-local addresses are always allowed, but for those at which a
	// cloud gives out credentials: they must be named by address. The rule is applied to
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

// prepare checks t and returns what sends to it.
func (t *Target) prepare(e *Emitter) (Sender, error) {
	if t.Sender != nil {
		return t.Sender, t.named(t.check())
	}
	if _, err := t.parseURL(); err != nil {
		return nil, err // the name of the target may depend on it
	}
	sender, err := wire.New(t.options(e))
	return sender, t.named(errors.Join(t.check(), err))
}

// options is how the target is reached with the settings of e, whose defaults are in place.
func (t *Target) options(e *Emitter) wire.Options {
	secrets, _ := t.hidden().with(t.Secret, t.NextSecret)
	return wire.Options{URL: t.URL, Header: t.Header, TLS: t.TLS, Allow: t.Allow, Dial: t.Dial,
		Connections: cmp.Or(t.Connections, e.Connections), Timeout: e.Timeout, Engine: e.Engine,
		FollowRedirects: e.Redirects == FollowRedirects, Traceparent: e.Traceparent, ContentType: e.ContentType,
		Secrets: secrets}
}

// hidden is what nothing may show that a target answers. Its keys may change.
type hidden struct {
	redact.Sent

	mu            sync.Mutex
	current, next string
	all           *redact.Secrets
	keys          *keys // nil for unsigned requests
}

func (t *Target) hidden() *hidden {
	return &hidden{Sent: redact.Sent{Name: t.Name, URL: t.URL, Header: t.Header, Other: t.Hide}}
}

// with returns all that is secret while these keys are in use, and what signs with them.
func (h *hidden) with(current, next signature.Secret) (*redact.Secrets, *keys) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil || h.current != string(current) || h.next != string(next) {
		h.current, h.next, h.Keys = string(current), string(next), [][]byte{current, next}
		h.all, h.keys = h.Secrets(), nil
		if len(current) > 0 {
			h.keys = &keys{current: current, next: next}
		}
	}
	return h.all, h.keys
}

// named says which target an error is about.
func (t *Target) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", strings.TrimSpace("target "+t.Label()), err)
}

// check finds names that would act on terminals, patterns that can only be mistyped, and limits below 0.
func (t *Target) check() error {
	var errs []error
	for _, pattern := range t.Types {
		if err := nearest.EventType(pattern); err != nil {
			errs = append(errs, fmt.Errorf("types: %w", err))
		}
	}
	if show.Line(t.Name, len(t.Name)) != t.Name {
		errs = append(errs, fmt.Errorf("the name %q has a character that is not seen, or changes what is", t.Name))
	}
	if t.Connections < 0 || t.Connections > policy.MostConnections || t.Waiting < 0 || t.Waiting > policy.MostWaiting {
		errs = append(errs, fmt.Errorf("connections are %d and waiting is %d, want 1 to %d and 1 to %d", t.Connections, t.Waiting, policy.MostConnections, policy.MostWaiting))
	}
	return errors.Join(errs...)
}

// parseURL never repeats the text of a URL that it cannot read: a password may be in it.
func (t *Target) parseURL() (*url.URL, error) {
	u, err := wire.ParseURL(t.URL)
	return u, t.named(err)
}

// shown is the URL without credentials and query, and empty if it cannot be read: a password
// may be anywhere in it.
func (t *Target) shown() string {
	u, err := url.Parse(t.URL)
	if err != nil || u.Host == "" || wire.IsSeveral(t.URL) {
		return ""
	}
	return wire.ShowURL(u)
}

// Label is the target as rows and results call it: its name, or its URL without credentials
// and query. It is empty if there is no name and the URL cannot be read.
func (t *Target) Label() string { return cmp.Or(t.Name, t.shown()) }
