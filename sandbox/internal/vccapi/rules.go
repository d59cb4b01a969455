package vccapi

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

// Limits of a subscription. Those of the name are documented; the others bound the store.
const (
	minName   = 3   // characters
	maxName   = 128 // characters
	maxURL    = 2048
	maxEvents = 100
	maxEvent  = 128 // characters of a pattern
)

// Rules are the rules for subscriptions. The zero value is the rule of run: targets on this
// machine and in its own network, and https to names, whose addresses are checked when they are
// dialled.
type Rules struct {
	Allow []string // hosts that may be targets though they are public
}

// Change is a request to create or change a subscription. A nil member was not given.
type Change struct {
	Name    *string
	URL     *string
	Events  *[]string
	Enabled *bool
	Secret  signature.Secret // decoded, or nil
	Given   signature.Secret // the text of the secret
}

// Invalid lists the problems of a request, such as "name is missing". No text repeats a secret or
// a URL.
type Invalid []string

// Error is all problems in one line.
func (f Invalid) Error() string { return strings.Join(f, "; ") }

// Malformed is an Invalid about a body that cannot be read as a change, whatever the rules.
type Malformed struct{ Invalid }

// Unwrap returns the Invalid.
func (m Malformed) Unwrap() error { return m.Invalid }

func (f *Invalid) addf(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// or is nil if there is no problem, and the problems otherwise.
func (f Invalid) or() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Check checks the given members. The error is an Invalid.
func (r Rules) Check(c Change) error {
	var problems Invalid
	r.check(c, &problems)
	return problems.or()
}

// New makes a subscription of a change that must give name, url and events. It is enabled
// unless the change says otherwise, and has a generated secret unless the change brings one.
// The error is an Invalid. The store checks that the name is free.
func (r Rules) New(c Change, now time.Time) (store.Subscription, error) {
	var problems Invalid
	for _, m := range []struct {
		name  string
		given bool
	}{{"name", c.Name != nil}, {"url", c.URL != nil}, {"events", c.Events != nil}} {
		if !m.given {
			problems.addf("%s is missing", m.name)
		}
	}
	r.check(c, &problems)
	if err := problems.or(); err != nil {
		return store.Subscription{}, err
	}
	id := seeded.From(0).WithText(rand.Text()).KSUID(now) // random, and sorted by its second
	s := store.Subscription{ID: string(id[:]), Enabled: true, Created: now, Changed: now, Version: 1}
	if c.Secret == nil {
		c.Secret = signature.GenerateSecret()
	}
	c.put(&s)
	return s, nil
}

// Apply checks a change and applies it to s. The error is an Invalid, and leaves s unchanged.
func (r Rules) Apply(c Change, s *store.Subscription, now time.Time) error {
	if err := r.Check(c); err != nil {
		return err
	}
	c.put(s)
	s.Changed = now
	return nil
}

func (c Change) put(s *store.Subscription) {
	put(&s.Name, c.Name)
	put(&s.URL, c.URL)
	put(&s.Events, c.Events)
	s.Events = slices.Clone(s.Events) // which the caller may change
	put(&s.Enabled, c.Enabled)
	if c.Secret != nil {
		s.SetSecret(c.Secret, c.Given)
	}
}

func put[T any](into, given *T) {
	if given != nil {
		*into = *given
	}
}

func (r Rules) check(c Change, problems *Invalid) {
	if c.Name != nil {
		checkName(*c.Name, problems)
	}
	if c.URL != nil {
		if problem := r.checkURL(*c.URL); problem != "" {
			problems.addf("url %s", problem)
		}
	}
	if c.Events != nil {
		checkEvents(*c.Events, problems)
	}
}

func checkName(name string, problems *Invalid) {
	n := utf8.RuneCountInString(name)
	switch {
	case n < minName || n > maxName:
		problems.addf("name must be %d to %d characters long, and has %d", minName, maxName, n)
	case strings.TrimSpace(name) != name:
		problems.addf("name must not begin or end with white space")
	case strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name):
		problems.addf("name must not hold control characters")
	}
}

// checkEvents requires each pattern to select at least one known type, so that a typing error is
// an error at once.
func checkEvents(events []string, problems *Invalid) {
	if len(events) == 0 || len(events) > maxEvents {
		problems.addf("events must name 1 to %d event types, and names %d", maxEvents, len(events))
		return
	}
	for i, pattern := range events {
		if utf8.RuneCountInString(pattern) > maxEvent {
			problems.addf("events[%d] is longer than %d characters", i, maxEvent)
			continue
		}
		if err := nearest.EventType(pattern); err != nil {
			problems.addf("events[%d]: %v; GET %s/event-types lists them, * stands for any run of characters", i, err, BasePath)
		}
	}
}

// checkURL is the problem of a URL of a subscription, or "". It resolves no name: addresses are
// checked when they are dialled.
func (r Rules) checkURL(text string) string {
	if len(text) > maxURL {
		return fmt.Sprintf("is longer than %d bytes", maxURL)
	}
	if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		return "must be written in ASCII without spaces: percent-encode the path, and write an international name as xn--…"
	}
	u, err := url.Parse(text) // its error repeats the text
	if err != nil || u.Opaque != "" || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "must be a fully qualified URL: https, such as https://consumer.example/events, or http to a loopback or private address " +
			"or an allowed host, such as http://127.0.0.1:3000/events"
	}
	if u.User != nil {
		return "must not hold a user name or password, because whoever lists the subscriptions sees it"
	}
	if strings.Contains(text, "#") {
		return "must not have a fragment (#…)"
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "must have a port from 1 to 65535, or none"
		}
	}
	return r.checkHost(u.Scheme, netguard.Plain(u.Hostname()))
}

// checkHost applies the rule of addresses as far as possible without resolving a name.
func (r Rules) checkHost(scheme, host string) string {
	allow := netguard.Allow(r.Allow)
	if allow.Names(host) {
		return ""
	}
	if err := allow.CheckLiteral(host); err != nil {
		return "must lead to a host that may be dialled: " + err.Error()
	}
	_, err := netip.ParseAddr(host)
	switch {
	case err == nil:
		return ""
	case netguard.IsOddAddress(host):
		return "must have a host name, or an address in its usual form, such as 127.0.0.1 or [::1]"
	case scheme == "http" && !netguard.IsNearName(host):
		return fmt.Sprintf("must begin with https: http is for loopback and private addresses, and for allowed hosts; %s is not an allowed host", host)
	}
	return ""
}
