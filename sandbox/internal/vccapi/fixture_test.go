package vccapi_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
)

const (
	clientID     = "test-client"
	clientSecret = "a client's secret + 100 % odd"
	mediaV1      = "application/vnd.newvoicemedia.v1+json"
)

// aSecret is a subscription's secret that the tests bring along.
var aSecret = base64.StdEncoding.EncodeToString([]byte("thirty-two bytes of no secret at all"))

// place is an API with a real store, a clock that stands still, and a client of its own.
type place struct {
	t       testing.TB
	store   *store.Store
	handler http.Handler
	now     time.Time
	changes atomic.Int32 // that were reported
	warned  []string     // of secrets
	token   string       // sent unless empty
	accept  string       // sent unless empty
}

// open makes a place whose client has a token of both scopes.
func open(t testing.TB, set ...func(*vccapi.Options)) *place {
	t.Helper()
	s, err := store.Open("", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p := &place{t: t, store: s, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), accept: mediaV1}
	now := func() time.Time { return p.now }
	o := vccapi.Options{
		Subscriptions: &vccapi.Subscriptions{Store: s, Changed: func() { p.changes.Add(1) }, Now: now, Warn: func(text string) { p.warned = append(p.warned, text) }},
		ClientID:      clientID, ClientSecret: clientSecret, TokenKey: []byte("the key of the tokens in these tests"), Now: now,
	}
	for _, f := range set {
		f(&o)
	}
	p.handler = vccapi.New(o)
	p.token = p.login("admin:read admin:write")
	return p
}

// login gets a token with scopes.
func (p *place) login(scope string) string {
	p.t.Helper()
	r := p.form(url.Values{"grant_type": {"client_credentials"}, "scope": {scope}, "client_id": {clientID}, "client_secret": {clientSecret}})
	r.want(http.StatusOK)
	token, _ := r.object()["access_token"].(string)
	if token == "" {
		p.t.Fatalf("no access token: %s", r.body)
	}
	return token
}

// reply is an answer that was read.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   string
}

func (p *place) do(r *http.Request) reply {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return reply{p.t, r.Method + " " + r.URL.Path, w.Code, w.Header(), w.Body.String()}
}

// call sends a request with the place's token and Accept header.
func (p *place) call(method, path, body string) reply {
	p.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	if p.accept != "" {
		r.Header.Set("Accept", p.accept)
	}
	return p.do(r)
}

// form posts to the token endpoint.
func (p *place) form(v url.Values, set ...func(*http.Request)) reply {
	p.t.Helper()
	r := httptest.NewRequest("POST", vccapi.TokenPath, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, f := range set {
		f(r)
	}
	return p.do(r)
}

// create makes a subscription and returns its ID.
func (p *place) create(body string) string {
	p.t.Helper()
	r := p.call("POST", "/webhooks/subscriptions", body)
	r.want(http.StatusOK)
	return r.object()["subscriptionId"].(string)
}

func (r reply) want(status int) {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: got %d %s, want %d", r.what, r.status, r.body, status)
	}
}

// says wants an error body whose message holds part.
func (r reply) says(status int, part string) {
	r.t.Helper()
	r.want(status)
	if got, _ := r.object()["message"].(string); part == "" || !strings.Contains(got, part) {
		r.t.Errorf("%s: got message %q, want one with %q", r.what, got, part)
	}
}

func (r reply) object() map[string]any {
	r.t.Helper()
	d := json.NewDecoder(strings.NewReader(r.body))
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		r.t.Fatalf("%s: %v in %q", r.what, err, r.body)
	}
	if _, err := d.Token(); err != io.EOF {
		r.t.Fatalf("%s: something follows the object: %q", r.what, r.body)
	}
	return v
}

// deaf is a store that fails.
type deaf struct{}

var errDisk = errors.New("disk gone at /secret/path")

func (deaf) Subscriptions(context.Context) ([]store.Subscription, error) { return nil, errDisk }
func (deaf) Subscription(context.Context, string) (store.Subscription, error) {
	return store.Subscription{}, errDisk
}
func (deaf) CreateSubscription(context.Context, store.Subscription) error { return errDisk }
func (deaf) ChangeSubscription(context.Context, string, func(*store.Subscription) error) (store.Subscription, error) {
	return store.Subscription{}, errDisk
}
func (deaf) DeleteSubscription(context.Context, string) error { return errDisk }
