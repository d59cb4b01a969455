package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

func post(body string, header ...string) string {
	return "POST /events HTTP/1.1\r\nHost: a\r\ncontent-LENGTH: " + fmt.Sprint(len(body)) + "\r\n" + strings.Join(append(header, ""), "\r\n") + "\r\n" + body
}

func TestARequestIsReadWholeOrNotAtAll(t *testing.T) {
	text := post(`{"id":"1"}`, "vonage-signature: a.b.c ", "Connection: close")
	for n := range len(text) {
		if _, used, err := parse([]byte(text[:n])); used != 0 || err != nil {
			t.Fatalf("%d of %d bytes: used %d, error %v; want 0 and none", n, len(text), used, err)
		}
	}
	r, used, err := parse([]byte(text + "POST"))
	if err != nil || used != len(text) || string(r.method) != "POST" || string(r.path) != "/events" ||
		string(r.token) != "a.b.c" || string(r.body) != `{"id":"1"}` || !r.last {
		t.Errorf("parse = %+v, used %d of %d, error %v", r, used, len(text), err)
	}
}

func TestWhatIsNoRequestIsRefused(t *testing.T) {
	for text, want := range map[string]error{
		"hello\r\n\r\n":                                         errHead,
		"POST /events SPDY/1\r\n\r\n":                           errHead,
		"POST / HTTP/1.1\r\nnothing\r\n\r\n":                    errHead,
		"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n":         errLength,
		"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n":       errLength,
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n": errTransfer,
		strings.Repeat("a", mostHead+1):                         errHead,
	} {
		if _, _, err := parse([]byte(text)); !errors.Is(err, want) {
			t.Errorf("parse(%.50q): %v, want %v", text, err, want)
		}
	}
}

func TestTheIDIsTheFirstOfTheBody(t *testing.T) {
	for body, want := range map[string]string{
		`{"type":"a","id":"27letters","data":{"id":"x"}}`: "27letters",
		`{"type":"a"}`: "", `{"id":""}`: "", `{"id":"cut`: "",
	} {
		if got := string(idOf([]byte(body))); got != want {
			t.Errorf("idOf(%s) = %q, want %q", body, got, want)
		}
	}
}

func TestTheSetOfIDsIsExact(t *testing.T) {
	const seed = 7
	random, s, want := rand.New(rand.NewPCG(seed, 0)), newIDSet(), map[string]bool{}
	for range 200_000 { // grows twice
		id := fmt.Sprintf("%0*d", 1+random.IntN(60), random.IntN(150_000))
		if got := s.add([]byte(id)); got == want[id] {
			t.Fatalf("seed %d: add(%q) = %t", seed, id, got)
		}
		want[id] = true
	}
	if s.len() != len(want) {
		t.Errorf("seed %d: %d ids, want %d", seed, s.len(), len(want))
	}
}

// key is a secret for tests.
func key() signature.Secret { return signature.Secret(strings.Repeat("k", signature.MinSecretLen)) }

func TestASignatureMustBeOfThisBodyAndKeyAndAlive(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	body := []byte(`{"id":"1"}`)
	token := signature.Sign(key(), body, now)
	other := signature.Sign(signature.Secret(strings.Repeat("o", signature.MinSecretLen)), body, now)
	for _, c := range []struct {
		what, token, body string
		at                time.Time
		want              bool
	}{
		{"genuine", token, string(body), now, true},
		{"another body", token, `{"id":"2"}`, now, false},
		{"another key", other, string(body), now, false},
		{"expired", token, string(body), now.Add(signature.Lifetime), false},
		{"cut", token[:len(token)-2], string(body), now, false},
		{"no token", "a.b.c", string(body), now, false},
		{"two parts", "a.b", string(body), now, false},
	} {
		if got := genuine(key(), []byte(c.token), []byte(c.body), c.at.Unix()); got != c.want {
			t.Errorf("%s: %t, want %t", c.what, got, c.want)
		}
	}
}
