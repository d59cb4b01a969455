package control

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A secret is in the answers to creation and rotation, and nowhere else.
func TestASecretIsShownOnce(t *testing.T) {
	b := newBackend(t)
	const mine = "not+secret/ringback+development+key+of+docs="
	created := b.want(201, "POST", "/subscriptions", `{"name":"mine","url":"http://127.0.0.1:1/","events":["*"],"secret":"`+mine+`"}`)
	if created["secret"] != mine || created["enabled"] != true {
		t.Fatalf("created %v", created)
	}
	id := created["subscription_id"].(string)
	rotated := b.want(200, "POST", "/subscriptions/"+id+"/rotate", "")["secret"].(string)
	if len(rotated) != 44 || rotated == mine {
		t.Errorf("the new secret is %q", rotated)
	}
	sub, err := b.store.Subscription(t.Context(), id)
	if err != nil || sub.Secret.Base64() != rotated {
		t.Errorf("the store does not keep the new secret: %v", err)
	}
	const other = "not+secret/ringback+development+key+rotates="
	changed := b.want(200, "PATCH", "/subscriptions/"+id, `{"name":"yours","enabled":false,"secret":"`+other+`"}`)
	if changed["name"] != "yours" || changed["enabled"] != false || changed["url"] != "http://127.0.0.1:1/" {
		t.Errorf("changed %v", changed)
	}
	var all strings.Builder
	all.WriteString(asText(t, changed))
	for _, path := range []string{"/subscriptions", "/state"} {
		all.WriteString(asText(t, b.want(200, "GET", path, "")))
	}
	b.want(409, "POST", "/subscriptions", `{"name":"yours","url":"http://127.0.0.1:1/","events":["*"],"secret":"`+mine+`"}`)
	all.WriteString(asText(t, b.want(422, "PATCH", "/subscriptions/"+id, `{"name":"x","secret":"`+mine+`"}`)))
	all.WriteString(asText(t, b.want(200, "PATCH", "/subscriptions/"+id, `{"secret":"`+mine[:40]+`"}`)))
	doubtful := asText(t, b.want(200, "GET", "/state", "")["warnings"])
	all.WriteString(doubtful)
	if want := `["the secret of subscription \"yours\": it decodes to 30 bytes, and should to at least 32: make one with openssl rand -base64 32"]`; doubtful != want {
		t.Errorf("the state warns of %s, want %s", doubtful, want)
	}
	for _, secret := range []string{mine, mine[:40], other, rotated} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("the secret %s shows in %s", secret, &all)
		}
	}
	if got := b.want(200, "POST", "/subscriptions/"+id+"/try", ""); got["status"] != 200.0 {
		t.Errorf("try: %v", got)
	}
	b.want(204, "DELETE", "/subscriptions/"+id, "")
	if b.engine.changes != 5 {
		t.Errorf("%d changes were reported, want 5", b.engine.changes)
	}
}

// A client that disconnects does not interrupt a change.
func TestAChangeIsMadeForAClientThatHasLeft(t *testing.T) {
	b := newBackend(t)
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequest("POST", Prefix+"/subscriptions", strings.NewReader(`{"name":"mine","url":"http://127.0.0.1:1/","events":["*"]}`))
	r.Header.Set("Content-Type", "application/json")
	b.handler.ServeHTTP(httptest.NewRecorder(), r.WithContext(gone))
	if all, err := b.store.Subscriptions(t.Context()); err != nil || len(all) != 1 || b.engine.changes != 1 {
		t.Errorf("%d subscriptions, %d changes reported, %v; want one of each", len(all), b.engine.changes, err)
	}
}

func TestAnIdempotencyKeyLetsThingsBeDoneOnce(t *testing.T) {
	b := newBackend(t)
	const key = "Idempotency-Key: 1"
	first := asText(t, b.want(201, "POST", "/runs", `{"scenario":"inbound-call"}`, key))
	if again := asText(t, b.want(201, "POST", "/runs", `{"scenario":"inbound-call"}`, key)); again != first {
		t.Errorf("the second answer is %s, the first was %s", again, first)
	}
	b.want(422, "POST", "/runs", `{"scenario":"chat"}`, key)
	b.want(422, "POST", "/conversations", `{"medium":"call"}`, key)
	if len(b.engine.plays) != 1 {
		t.Errorf("%d runs, want 1", len(b.engine.plays))
	}
	// What failed can be tried again.
	b.want(404, "POST", "/runs", `{"scenario":"nothing"}`, "Idempotency-Key: 2")
	b.want(201, "POST", "/runs", `{"scenario":"chat"}`, "Idempotency-Key: 2")
	b.want(201, "POST", "/conversations", `{"medium":"call"}`, "Idempotency-Key: 3")
	b.want(201, "POST", "/conversations", `{"medium":"call"}`, "Idempotency-Key: 3")
	if len(b.engine.lives) != 1 {
		t.Errorf("%d conversations, want 1", len(b.engine.lives))
	}
	b.want(400, "POST", "/runs", `{"scenario":"chat"}`, "Idempotency-Key: "+strings.Repeat("x", 256))
}

// Two requests with one key at the same time: one is done, and the other waits its turn or gets
// the same answer, but nothing is done twice.
func TestAnIdempotencyKeyHoldsForThoseAtTheSameTime(t *testing.T) {
	b := newBackend(t)
	var all sync.WaitGroup
	codes := make([]int, 8)
	for i := range codes {
		all.Go(func() { codes[i] = b.ask("POST", "/runs", `{"scenario":"inbound-call"}`, "Idempotency-Key: 1").Code })
	}
	all.Wait()
	for _, code := range codes {
		if code != 201 && code != 409 {
			t.Errorf("answers %v", codes)
		}
	}
	if len(b.engine.plays) != 1 || !slices.Contains(codes, 201) {
		t.Errorf("%d runs were started with answers %v", len(b.engine.plays), codes)
	}
}
