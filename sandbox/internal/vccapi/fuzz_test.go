package vccapi_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/signature"
)

// generous lets a fuzzer through.
func generous(o *vccapi.Options) { o.Limit = vccapi.Limit{PerSecond: 1e12, Burst: 1e12} }

// sound wants an answer that any client can read: JSON, no failure, and no secret of the place.
func (p *place) sound(t *testing.T, r reply) {
	t.Helper()
	r.t = t
	if r.status >= 500 {
		t.Fatalf("%s: got %d %s", r.what, r.status, r.body)
	}
	if r.status != 204 && r.status != 301 && r.status != 307 {
		r.object()
	}
	if r.status >= 400 && r.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s: the error %d may be kept: %v", r.what, r.status, r.header)
	}
	for _, secret := range []string{clientSecret, aSecret} {
		if strings.Contains(r.body, secret) {
			t.Fatalf("%s: a secret is in %s", r.what, r.body)
		}
	}
}

// guarded makes a place with one subscription, whose secret nobody must see.
func guarded(t testing.TB) (p *place, id string) {
	p = open(t, generous)
	return p, p.create(`{"name":"guarded","url":"http://127.0.0.1/","events":["*"],"secret":"` + aSecret + `"}`)
}

func FuzzToken(f *testing.F) {
	good := url.Values{"grant_type": {"client_credentials"}, "scope": {"admin:read"}, "client_id": {clientID}, "client_secret": {clientSecret}}.Encode()
	const form = "application/x-www-form-urlencoded"
	f.Add(good, form, "")
	f.Add("grant_type=client_credentials&scope=admin:read+admin:write", form, "Basic "+base64.StdEncoding.EncodeToString([]byte(clientID+":"+clientSecret)))
	f.Add("grant_type=client_credentials&scope=x&client_id=%zz", form+"; charset=UTF-8", "Basic !")
	f.Add("scope=admin:read&scope=admin:read", "text/plain", "Bearer x")
	p := open(f, generous)
	f.Fuzz(func(t *testing.T, body, media, authorization string) {
		if strings.Contains(body, clientSecret) {
			t.Skip("the secret in the clear is no form")
		}
		p.t = t
		r := httptest.NewRequest("POST", vccapi.TokenPath, strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		r.Header.Set("Authorization", authorization)
		got := p.do(r)
		p.sound(t, got)
		if got.status != 200 {
			return
		}
		_, password, _ := r.BasicAuth()
		decoded, _ := url.QueryUnescape(password)
		if v, _ := url.ParseQuery(body); v.Get("client_secret") != clientSecret && password != clientSecret && decoded != clientSecret {
			t.Fatalf("a token without a secret: %q %q", body, authorization)
		}
		p.token, _ = got.object()["access_token"].(string)
		if s := p.call("GET", all, "").status; s != 200 && s != 401 {
			t.Fatalf("the token is not taken: %d", s)
		}
	})
}

func FuzzAccess(f *testing.F) {
	p, _ := guarded(f)
	f.Add("Bearer TOKEN", mediaV1) // tokens differ from program to program
	f.Add("bearer TOKEN", "*/*")
	f.Add("Bearer a.b.c", "application/vnd.newvoicemedia.v2+json;q=x, ,")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, authorization, accept string) {
		p.t = t
		r := httptest.NewRequest("GET", all, nil)
		r.Header.Set("Authorization", strings.ReplaceAll(authorization, "TOKEN", p.token))
		r.Header.Set("Accept", accept)
		got := p.do(r)
		p.sound(t, got)
		if got.status == 200 && !strings.Contains(authorization, "TOKEN") {
			t.Fatalf("%q was authorized", authorization)
		}
	})
}

// bodies are where the fuzzing of bodies begins.
func bodies(f *testing.F) {
	for _, body := range []string{
		`{"name":"one","url":"http://127.0.0.1/","events":["*"],"enabled":false}`,
		`{"name":"one","url":"https://consumer.example:8443/a?b#c","events":["channel.*","x"],"secret":"` + signature.DevelopmentSecret + `"}`,
		`{"name":"guarded","url":"http://[::1]/","events":[]}`,
		`{"name":null,"url":1,"events":{},"enabled":"","secret":[],"x":0,"name":""}`,
		`{"events":["\ud800"],"name":"\u0000ab"`, `[]`, ``, `{} {}`, strings.Repeat(`{"a":`, 200),
	} {
		f.Add(body)
	}
}

func FuzzCreate(f *testing.F) {
	bodies(f)
	p, _ := guarded(f)
	f.Fuzz(func(t *testing.T, body string) {
		p.t = t
		if strings.Contains(body, aSecret[:40]) {
			t.Skip("who knows the secret may see it")
		}
		r := p.call("POST", all, body)
		p.sound(t, r)
		if r.status != 200 {
			return
		}
		made := r.object()
		id := made["subscriptionId"].(string)
		defer p.call("DELETE", all+"/"+id, "")
		if _, err := signature.ParseSecret(made["secret"].(string)); err != nil {
			t.Fatal(err)
		}
		delete(made, "secret")
		shown, _ := json.Marshal(made)
		now, _ := json.Marshal(p.call("GET", all+"/"+id, "").object())
		if string(shown) != string(now) {
			t.Fatalf("made %s, but it is %s", shown, now)
		}
		if s := p.call("POST", all, body).status; s != 400 {
			t.Fatalf("made twice: %d", s)
		}
	})
}

func FuzzPatch(f *testing.F) {
	bodies(f)
	p, id := guarded(f)
	f.Fuzz(func(t *testing.T, body string) {
		p.t = t
		if strings.Contains(body, aSecret[:40]) {
			t.Skip("who knows the secret may see it")
		}
		before := p.call("GET", all+"/"+id, "").body
		r := p.call("PATCH", all+"/"+id, body)
		p.sound(t, r)
		after := p.call("GET", all+"/"+id, "").body
		switch {
		case r.status == 200 && r.body != after:
			t.Fatalf("answered %s, but it is %s", r.body, after)
		case r.status != 200 && before != after:
			t.Fatalf("refused with %s, but changed from %s to %s", r.body, before, after)
		}
		p.call("PATCH", all+"/"+id, `{"secret":"`+aSecret+`"}`).want(200) // to be guarded again
	})
}

// FuzzPath asks for any subscription, in every way.
func FuzzPath(f *testing.F) {
	p, id := guarded(f)
	f.Add("GET", "subscriptions/"+id)
	f.Add("DELETE", "subscriptions/../subscriptions/%2e%2e/x")
	f.Add("PATCH", "subscriptions/%00")
	f.Add("HEAD", "event-types//")
	f.Add("OPTIONS", "openapi.json?x=%zz")
	f.Fuzz(func(t *testing.T, method, path string) {
		p.t = t
		u, err := url.ParseRequestURI("/webhooks/" + path)
		if err != nil || strings.ContainsFunc(method, func(c rune) bool { return c < 'A' || c > 'Z' }) || method == "" || method == "CONNECT" || method == "DELETE" && strings.Contains(path, id) {
			t.Skip()
		}
		r := httptest.NewRequest(method, "/", nil)
		r.URL, r.RequestURI = u, u.RequestURI()
		r.Header.Set("Authorization", "Bearer "+p.token)
		r.Header.Set("Accept", mediaV1)
		p.sound(t, p.do(r))
	})
}
