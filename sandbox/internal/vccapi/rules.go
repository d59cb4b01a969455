package vccapi

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

// What a subscription may hold. The shortest and the longest name are documented; the other
// bounds keep a stranger from filling the store.
const (
	minName   = 3   // characters
	maxName   = 128 // characters
	maxURL    = 2048
	maxEvents = 100
	maxEvent  = 128 // characters of a pattern
)

// Store keeps subscriptions. *store.Store does.
type Store interface {
	Subscriptions(context.Context) ([]store.Subscription, error)
	Subscription(ctx context.Context, id string) (store.Subscription, error)
	CreateSubscription(context.Context, store.Subscription) error
	ChangeSubscription(ctx context.Context, id string, change func(*store.Subscription) error) (store.Subscription, error)
	DeleteSubscription(ctx context.Context, id string) error
}

// Subscriptions creates, changes and deletes subscriptions, for this API and the control API
// alike. The errors of its methods are a Malformed or an Invalid about the request,
// store.ErrNotFound, store.ErrNameTaken, or a failure of the store. A client that hangs up
// does not interrupt a change: it must not stay open whether it was made and who was told.
type Subscriptions struct {
	Store   Store
	Rules   Rules
	Changed func()           // is called after each change; nil: nothing is
	Now     func() time.Time // nil: time.Now
}

// Create makes a subscription of the body of a request. The result holds its secret.
func (s *Subscriptions) Create(ctx context.Context, body []byte) (store.Subscription, error) {
	c, err := ReadChange(body)
	if err != nil {
		return store.Subscription{}, err
	}
	sub, err := s.Rules.New(c, s.now())
	if err != nil {
		return sub, err
	}
	return sub, s.done(s.Store.CreateSubscription(context.WithoutCancel(ctx), sub))
}

// Change changes a subscription as the body of a request wants it.
func (s *Subscriptions) Change(ctx context.Context, id string, body []byte) (store.Subscription, error) {
	c, err := ReadChange(body)
	if err != nil {
		return store.Subscription{}, err
	}
	return s.change(ctx, id, c)
}

// Rotate gives a subscription a new secret, which the result holds.
func (s *Subscriptions) Rotate(ctx context.Context, id string) (store.Subscription, error) {
	return s.change(ctx, id, Change{Secret: signature.GenerateSecret()})
}

func (s *Subscriptions) change(ctx context.Context, id string, c Change) (store.Subscription, error) {
	sub, err := s.Store.ChangeSubscription(context.WithoutCancel(ctx), id, func(sub *store.Subscription) error {
		return s.Rules.Apply(c, sub, s.now())
	})
	return sub, s.done(err)
}

// Delete deletes a subscription.
func (s *Subscriptions) Delete(ctx context.Context, id string) error {
	return s.done(s.Store.DeleteSubscription(context.WithoutCancel(ctx), id))
}

// done tells others of a change that was made.
func (s *Subscriptions) done(err error) error {
	if err == nil && s.Changed != nil {
		s.Changed()
	}
	return err
}

func (s *Subscriptions) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now().UTC()
}

// Rules says which subscriptions are taken. The zero value is the rule of run: targets on
// this machine and in its own network, and https to names whose address is looked at when it
// is dialled.
type Rules struct {
	Allow []string // hosts that may be targets though they are public
}

// Change is what a request wants of a subscription. A member that is nil was not given.
type Change struct {
	Name    *string
	URL     *string
	Events  *[]string
	Enabled *bool
	Secret  signature.Secret // decoded, or nil
}

// Invalid lists what is wrong with a request, one text for each fault, such as
// "name is missing". No text repeats a secret or a URL.
type Invalid []string

// Error is all faults in one line.
func (f Invalid) Error() string { return strings.Join(f, "; ") }

// Malformed is an Invalid about a body that cannot be read as a change, whatever the rules.
type Malformed struct{ Invalid }

// Unwrap returns the Invalid.
func (m Malformed) Unwrap() error { return m.Invalid }

func (f *Invalid) addf(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// or is nil if there is no fault, and the faults otherwise.
func (f Invalid) or() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Check looks at the members that are given. The error is an Invalid.
func (r Rules) Check(c Change) error {
	var faults Invalid
	r.check(c, &faults)
	return faults.or()
}

// New makes a subscription of a change that must give name, url and events. It is enabled
// unless the change says otherwise, and has a generated secret unless the change brings one.
// The error is an Invalid. That the name is free is for the store to say.
func (r Rules) New(c Change, now time.Time) (store.Subscription, error) {
	var faults Invalid
	for _, m := range []struct {
		name  string
		given bool
	}{{"name", c.Name != nil}, {"url", c.URL != nil}, {"events", c.Events != nil}} {
		if !m.given {
			faults.addf("%s is missing", m.name)
		}
	}
	r.check(c, &faults)
	if err := faults.or(); err != nil {
		return store.Subscription{}, err
	}
	s := store.Subscription{ID: newID(now), Enabled: true, Secret: c.Secret, Created: now, Changed: now, Version: 1}
	if s.Secret == nil {
		s.Secret = signature.GenerateSecret()
	}
	c.put(&s)
	return s, nil
}

// Apply checks a change and makes it; what the change does not give stays. The error is an
// Invalid, and the subscription is as before then.
func (r Rules) Apply(c Change, s *store.Subscription, now time.Time) error {
	if err := r.Check(c); err != nil {
		return err
	}
	c.put(s)
	s.Changed = now
	return nil
}

func (c Change) put(s *store.Subscription) {
	if c.Name != nil {
		s.Name = *c.Name
	}
	if c.URL != nil {
		s.URL = *c.URL
	}
	if c.Events != nil {
		s.Events = slices.Clone(*c.Events)
	}
	if c.Enabled != nil {
		s.Enabled = *c.Enabled
	}
	if c.Secret != nil {
		s.Secret = c.Secret
	}
}

func (r Rules) check(c Change, faults *Invalid) {
	if c.Name != nil {
		checkName(*c.Name, faults)
	}
	if c.URL != nil {
		if problem := r.checkURL(*c.URL); problem != "" {
			faults.addf("url %s", problem)
		}
	}
	if c.Events != nil {
		checkEvents(*c.Events, faults)
	}
	if c.Secret != nil && len(c.Secret) < signature.MinSecretLen {
		faults.addf("secret must be at least %d bytes long when it is decoded", signature.MinSecretLen)
	}
}

func checkName(name string, faults *Invalid) {
	n := utf8.RuneCountInString(name)
	switch {
	case n < minName || n > maxName:
		faults.addf("name must be %d to %d characters long, and has %d", minName, maxName, n)
	case strings.TrimSpace(name) != name:
		faults.addf("name must not begin or end with white space")
	case strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name):
		faults.addf("name must not hold control characters")
	}
}

// checkEvents wants each pattern to select at least one of today's types: a typing error must
// not be found out by waiting for notifications.
func checkEvents(events []string, faults *Invalid) {
	if len(events) == 0 || len(events) > maxEvents {
		faults.addf("events must name 1 to %d event types, and names %d", maxEvents, len(events))
		return
	}
	types := event.Types()
	for i, pattern := range events {
		if utf8.RuneCountInString(pattern) > maxEvent {
			faults.addf("events[%d] is longer than %d characters", i, maxEvent)
			continue
		}
		if !slices.ContainsFunc(types, func(t event.Type) bool { return event.Match(pattern, t.String()) }) {
			faults.addf("events[%d] is %q, which selects no event type; GET /event-types lists them, * stands for any run of characters", i, pattern)
		}
	}
}

// newID is a KSUID of the second of now. Both halves of its randomness come from the
// operating system.
func newID(now time.Time) string {
	var b [16]byte
	rand.Read(b[:]) // never fails: it ends the program instead
	key := seeded.From(binary.LittleEndian.Uint64(b[:8])).With(binary.LittleEndian.Uint64(b[8:]))
	id := key.KSUID(now)
	return string(id[:])
}
