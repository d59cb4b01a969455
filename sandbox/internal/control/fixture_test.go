package control

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/signature"
)

// backend is the control API with a real store and a fake engine.
type backend struct {
	t       testing.TB
	store   *store.Store
	engine  *fakeEngine
	handler http.Handler
	log     []string
}

func newBackend(t testing.TB) *backend {
	t.Helper()
	s, err := store.Open("", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &backend{t: t, store: s, engine: &fakeEngine{store: s, presence: "available", storage: engine.Storage{Status: "ok", Bytes: 7, Most: 8}}}
	b.handler = New(Options{Store: s, Engine: b.engine, Subscriptions: &vccapi.Subscriptions{Store: s, Changed: func() { b.engine.changes++ }}, Version: "test", ClientID: "client", TokenURL: "http://127.0.0.1/Auth/connect/token",
		APIBase: "http://127.0.0.1/webhooks", Propagation: 30 * time.Second, Log: func(line string) { b.log = append(b.log, line) }})
	return b
}

// ask sends a request with a JSON body, unless body is "". Header lines are "Name: value".
func (b *backend) ask(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, Prefix+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

// want asks, demands a status and reads the answer.
func (b *backend) want(status int, method, path, body string, header ...string) map[string]any {
	b.t.Helper()
	w := b.ask(method, path, body, header...)
	if w.Code != status {
		b.t.Fatalf("%s %s %s: %d, want %d: %s %v", method, path, body, w.Code, status, w.Body, b.log)
	}
	got := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			b.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return got
}

// text is a value as JSON text.
func asText(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const body = `{"specversion":"1.0","type":"channel.held.v0","id":"2tnejWeTxhrXAdBM4HQiAqjK4Sc"}`

// delivered puts a subscription, a notification and a delivery with an attempt into the store.
func (b *backend) delivered() (store.Subscription, store.Delivery) {
	b.t.Helper()
	ctx, now := b.t.Context(), time.Now().UTC().Truncate(time.Millisecond)
	sub := store.Subscription{ID: "2tnejWeTxhrXAdBM4HQiAqjK4Sc", Name: "consumer", URL: "http://127.0.0.1:1/ev?a=[1]&b='x'", Events: []string{"*"}, Enabled: true,
		Secret: signature.Secret(strings.Repeat("k", 32)), Created: now, Changed: now, Version: 1}
	if err := b.store.CreateSubscription(ctx, sub); err != nil {
		b.t.Fatal(err)
	}
	n := store.Notification{ID: "2tnejWeTxhrXAdBM4HQiAqjK4Sc", Type: "channel.held.v0", Conversation: "conv", Accepted: now, Body: []byte(body)}
	all, err := b.store.Accept(ctx, []store.Accepted{{Notification: n, To: []string{sub.ID}, Due: now}}, store.Changes{})
	if err != nil {
		b.t.Fatal(err)
	}
	d := all[0]
	d.State, d.Attempts, d.First, d.Status, d.LatencyUS, d.Due = store.Delivered, 1, now, 200, 1500, time.Time{}
	a := store.Attempt{Delivery: d.Number, Try: 1, Sent: now, LatencyUS: 1500, Status: 200, Answer: "ok",
		Header: store.Header{{"Host", "127.0.0.1:1"}, {"Content-Type", "application/cloudevents+json"}, {"Vonage-Signature", signature.Sign(sub.Secret, n.Body, now)}, {"Content-Length", "1"}}}
	if err := b.store.Record(ctx, []store.Attempt{a}, []store.Delivery{d}); err != nil {
		b.t.Fatal(err)
	}
	return sub, d
}

func (b *backend) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}
