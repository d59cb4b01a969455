package vccapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

// subscription is the API's form of a subscription, its members in the documented order.
type subscription struct {
	ID      string   `json:"subscriptionId"`
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Events  []string `json:"events"`
	Enabled bool     `json:"enabled"`
	Secret  string   `json:"secret,omitempty"` // only in the response to POST
}

func shown(s store.Subscription) subscription {
	return subscription{ID: s.ID, Name: s.Name, URL: s.URL, Events: s.Events, Enabled: s.Enabled}
}

// list answers GET /subscriptions.
func (a *api) list(_ http.ResponseWriter, r *http.Request) (any, error) {
	all, err := a.Subscriptions.Store.Subscriptions(r.Context())
	list := make([]subscription, len(all)) // never null
	for i, s := range all {
		list[i] = shown(s)
	}
	return struct {
		Subscriptions []subscription `json:"subscriptions"`
	}{list}, err
}

// get answers GET /subscriptions/{id}.
func (a *api) get(_ http.ResponseWriter, r *http.Request) (any, error) {
	s, err := a.Subscriptions.Store.Subscription(r.Context(), r.PathValue("id"))
	return shown(s), err
}

// create answers POST /subscriptions, the only response with the secret.
func (a *api) create(_ http.ResponseWriter, r *http.Request) (any, error) {
	body, err := read(r, refuse)
	if err != nil {
		return nil, err
	}
	s, err := a.Subscriptions.Create(r.Context(), body)
	made := shown(s)
	made.Secret = s.SecretText()
	return made, err
}

// patch answers PATCH /subscriptions/{id}.
func (a *api) patch(_ http.ResponseWriter, r *http.Request) (any, error) {
	body, err := read(r, refuse)
	if err != nil {
		return nil, err
	}
	s, err := a.Subscriptions.Change(r.Context(), r.PathValue("id"), body)
	return shown(s), err
}

// remove answers DELETE /subscriptions/{id}.
func (a *api) remove(_ http.ResponseWriter, r *http.Request) (any, error) {
	return nil, a.Subscriptions.Delete(r.Context(), r.PathValue("id"))
}

// eventTypes is the body of GET /event-types.
func eventTypes() []byte {
	type eventType struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		JSONSchema  json.RawMessage `json:"jsonSchema"`
	}
	var all struct {
		EventTypes []eventType `json:"eventTypes"`
	}
	for _, t := range event.Types() {
		all.EventTypes = append(all.EventTypes, eventType{t.String(), t.Description(), event.DataSchema(t)})
	}
	body, err := json.Marshal(all)
	if err != nil { // the schemas are our own
		panic(err)
	}
	return body
}

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
// store.ErrNotFound, store.ErrNameTaken, or a failure of the store. A client that disconnects
// does not interrupt a change.
type Subscriptions struct {
	Store   Store
	Rules   Rules
	Changed func()           // is called after each change; nil: nothing is
	Warn    func(string)     // is told what is doubtful about a secret that a change brings; nil: nobody is
	Now     func() time.Time // nil: time.Now
}

// mostSubscriptions bounds them: each takes up to 60 kB of memory at rest, and each change reads all.
const mostSubscriptions = 1000

// read reads a change. The error names the members that break a rule along with those that
// cannot be read.
func (s *Subscriptions) read(body []byte) (Change, error) {
	c, err := ReadChange(body)
	if unreadable, is := errors.AsType[Malformed](err); is {
		s.Rules.check(c, &unreadable.Invalid)
		err = unreadable
	}
	return c, err
}

// Create makes a subscription of the body of a request. The result holds its secret.
func (s *Subscriptions) Create(ctx context.Context, body []byte) (store.Subscription, error) {
	c, err := s.read(body)
	if err != nil {
		return store.Subscription{}, err
	}
	sub, err := s.Rules.New(c, s.now())
	if err != nil {
		return sub, err
	}
	ctx = context.WithoutCancel(ctx)
	if all, err := s.Store.Subscriptions(ctx); err != nil {
		return sub, err
	} else if len(all) >= mostSubscriptions {
		return sub, Invalid{fmt.Sprintf("there are %d subscriptions, the maximum; delete one first", len(all))}
	}
	err = s.done(s.Store.CreateSubscription(ctx, sub))
	s.warn(&sub, err)
	return sub, err
}

// Change changes a subscription as the body of a request wants it.
func (s *Subscriptions) Change(ctx context.Context, id string, body []byte) (store.Subscription, error) {
	c, err := s.read(body)
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
	err = s.done(err)
	if c.Secret != nil {
		s.warn(&sub, err)
	}
	return sub, err
}

// warn tells what is doubtful about the secret of a change that was made.
func (s *Subscriptions) warn(sub *store.Subscription, err error) {
	if text := Warning(sub); err == nil && text != "" && s.Warn != nil {
		s.Warn(text)
	}
}

// Warning is what is doubtful about the secret of a subscription, for a list or a log, or "".
func Warning(sub *store.Subscription) string {
	if sub.Warning == "" {
		return ""
	}
	return fmt.Sprintf("the secret of subscription %q: %s", sub.Name, sub.Warning)
}

// Delete deletes a subscription.
func (s *Subscriptions) Delete(ctx context.Context, id string) error {
	return s.done(s.Store.DeleteSubscription(context.WithoutCancel(ctx), id))
}

// done reports a change that was made.
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
