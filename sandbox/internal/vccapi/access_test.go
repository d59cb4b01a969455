package vccapi_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ringback/ringback/sandbox/internal/vccapi"
)

// forged makes a token as the API would, but for what change does.
func forged(p *place, key string, method jwt.SigningMethod, change func(jwt.MapClaims)) string {
	c := jwt.MapClaims{
		"scope": "admin:read admin:write", "iss": "ringback", "sub": clientID, "jti": "x",
		"iat": p.now.Unix(), "exp": p.now.Add(time.Hour).Unix(),
	}
	change(c)
	var k any = []byte(key)
	if method == jwt.SigningMethodNone {
		k = jwt.UnsafeAllowNoneSignatureType
	}
	s, err := jwt.NewWithClaims(method, c).SignedString(k)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func TestAccessIsRefusedAsDocumented(t *testing.T) {
	const (
		key     = "the key of the tokens in these tests"
		missing = `{"error_description":"The access token is missing","error":"invalid_request"}`
		invalid = `{"error_description":"The access token is invalid or has expired","error":"invalid_token"}`
	)
	p := open(t)
	same := func(jwt.MapClaims) {}
	hs := jwt.SigningMethodHS256
	for name, c := range map[string]struct{ authorization, want string }{
		"no header":         {"", missing},
		"no token":          {"Bearer ", missing},
		"another scheme":    {"Basic " + base64.StdEncoding.EncodeToString([]byte(clientID+":"+clientSecret)), missing},
		"the token alone":   {p.token, missing},
		"noise":             {"Bearer noise", invalid},
		"another key":       {"Bearer " + forged(p, "another key", hs, same), invalid},
		"no signature":      {"Bearer " + forged(p, key, jwt.SigningMethodNone, same), invalid},
		"another algorithm": {"Bearer " + forged(p, key, jwt.SigningMethodHS512, same), invalid},
		"no end":            {"Bearer " + forged(p, key, hs, func(c jwt.MapClaims) { delete(c, "exp") }), invalid},
		"expired":           {"Bearer " + forged(p, key, hs, func(c jwt.MapClaims) { c["exp"] = p.now.Unix() }), invalid},
		"another issuer":    {"Bearer " + forged(p, key, hs, func(c jwt.MapClaims) { c["iss"] = "x" }), invalid},
		"another client":    {"Bearer " + forged(p, key, hs, func(c jwt.MapClaims) { c["sub"] = "x" }), invalid},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/webhooks/subscriptions", nil)
			r.Header.Set("Accept", mediaV1)
			if c.authorization != "" {
				r.Header.Set("Authorization", c.authorization)
			}
			got := p.do(r)
			if got.status != 401 || got.body != c.want || got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("got %d %s %v, want 401 %s", got.status, got.body, got.header, c.want)
			}
		})
	}
	p.token = forged(p, key, hs, same) // else the forgeries above prove nothing
	p.call("GET", "/webhooks/subscriptions", "").want(http.StatusOK)
	r := httptest.NewRequest("GET", "/webhooks/subscriptions", nil)
	r.Header.Set("Accept", mediaV1)
	r.Header.Set("Authorization", "bearer "+p.token) // as the vendor's own examples write it
	p.do(r).want(http.StatusOK)
}

func TestATokenLivesTwoHours(t *testing.T) {
	p := open(t)
	p.now = p.now.Add(7200*time.Second - time.Second)
	p.call("GET", "/webhooks/subscriptions", "").want(http.StatusOK)
	p.now = p.now.Add(time.Second)
	p.call("GET", "/webhooks/subscriptions", "").want(http.StatusUnauthorized)
}

// Three answers to one without a scope, as documented: the token lacks it, the client lacks it; and
// the first again as the assumption missing-scope has it.
func TestAScopeLetsOnlyItsOwnEndpointsBeUsed(t *testing.T) {
	const unauthorized = `{"message":"Unauthorized"}`
	for _, test := range []struct {
		name   string
		set    func(*vccapi.Options)
		status int
		body   func(scope string) string
	}{
		{"the token lacks it", func(*vccapi.Options) {}, 401, func(string) string { return unauthorized }},
		{"the token lacks it, with missing-scope=401", func(o *vccapi.Options) { o.MissingScope = 401 }, 401, func(string) string { return unauthorized }},
		{"the token lacks it, with missing-scope=403", func(o *vccapi.Options) { o.MissingScope = 403 }, 403,
			func(scope string) string { return `{"message":"the access token lacks the scope ` + scope + `"}` }},
	} {
		p := open(t, test.set)
		for _, e := range endpoints(p) {
			for _, scope := range []string{"admin:read", "admin:write"} {
				p.token = p.login(scope)
				switch r := p.call(e.method, e.path, e.body); {
				case scope == e.scope && r.status >= 300:
					t.Errorf("%s %s with %s: got %d %s", e.method, e.path, scope, r.status, r.body)
				case scope != e.scope && (r.status != test.status || r.body != test.body(e.scope) || !strings.Contains(r.header.Get("WWW-Authenticate"), e.scope)):
					t.Errorf("%s: %s %s with %s: got %d %s %v, want %d %s", test.name, e.method, e.path, scope, r.status, r.body, r.header, test.status, test.body(e.scope))
				}
			}
		}
	}
}

// endpoints are those behind a token, in an order in which all of them succeed.
func endpoints(p *place) []struct{ method, path, body, scope string } {
	id := p.create(`{"name":"one","url":"http://127.0.0.1/","events":["*"]}`)
	return []struct{ method, path, body, scope string }{
		{"GET", "/webhooks/event-types", "", "admin:read"},
		{"GET", "/webhooks/subscriptions", "", "admin:read"},
		{"GET", "/webhooks/subscriptions/" + id, "", "admin:read"},
		{"POST", "/webhooks/subscriptions", `{"name":"two","url":"http://127.0.0.1/","events":["*"]}`, "admin:write"},
		{"PATCH", "/webhooks/subscriptions/" + id, `{}`, "admin:write"},
		{"DELETE", "/webhooks/subscriptions/" + id, "", "admin:write"},
	}
}

// A client without a scope is refused with 403 whatever its token has, also one from before it lost
// the scope, and whatever missing-scope says; and it gets no token with the scope.
func TestAClientWithoutAScopeHasNoAccess(t *testing.T) {
	all := open(t)
	old := all.token
	for _, c := range []struct{ has, lacks string }{{"admin:read", "admin:write"}, {"admin:write", "admin:read"}} {
		for _, missing := range []int{401, 403} {
			p := open(t)
			list := endpoints(p)
			p.handler = vccapi.New(vccapi.Options{
				Subscriptions: &vccapi.Subscriptions{Store: p.store}, ClientID: clientID, ClientSecret: clientSecret, Now: func() time.Time { return p.now },
				TokenKey: []byte("the key of the tokens in these tests"), Scopes: []string{c.has}, MissingScope: missing,
			})
			for _, token := range []string{old, p.login(c.has)} {
				p.token = token
				for _, e := range list {
					if e.scope == c.lacks {
						p.call(e.method, e.path, e.body).says(http.StatusForbidden, "the client lacks the scope "+c.lacks)
					}
				}
			}
			r := p.form(values("grant_type", "client_credentials", "scope", "admin:read admin:write", "client_id", clientID, "client_secret", clientSecret))
			if r.want(400); r.body != `{"error_description":"Unknown scope; the client has `+c.has+`","error":"invalid_scope"}` {
				t.Errorf("got %s", r.body)
			}
		}
	}
}

func TestTheAcceptHeaderNamesTheVersion(t *testing.T) {
	p := open(t)
	for accept, want := range map[string]int{
		mediaV1:                                 200,
		"APPLICATION/vnd.newvoicemedia.V1+json": 200,
		"text/html, " + mediaV1 + ";q=0.5":      200,
		mediaV1 + "; charset=utf-8":             200,
		"":                                      400,
		"*/*":                                   400,
		"application/*;q=0.3":                   400,
		"application/json":                      400,
		mediaV1 + ";q=0":                        406,
		"application/vnd.newvoicemedia.v2+json": 406,
		"application/vnd.newvoicemedia.v2+json, */*":             406,
		"application/vnd.newvoicemedia.v+json":                   406,
		"application/vnd.newvoicemedia.v1":                       406,
		"text/html":                                              406,
		"application/vnd.newvoicemedia.v11+json":                 406,
		"application/vnd.newvoicemedia.v1+xml, application/json": 406,
		"noise noise": 406,
	} {
		p.accept = accept
		r := p.call("GET", "/webhooks/subscriptions", "")
		if r.status != want {
			t.Errorf("Accept: %s: got %d %s, want %d", accept, r.status, r.body, want)
		}
		if want != 200 && !strings.Contains(r.body, mediaV1) {
			t.Errorf("Accept: %s: %s does not say what is wanted", accept, r.body)
		}
	}
}

// The limit is the client's: what others send takes nothing of it.
func TestTooManyRequestsAreRefused(t *testing.T) {
	p := open(t, func(o *vccapi.Options) { o.Limit = vccapi.Limit{PerSecond: 0.5, Burst: 2} })
	token := p.token
	for range 10 {
		p.token = ""
		p.call("GET", "/webhooks/event-types", "").want(401)
		p.token = "noise"
		p.call("GET", "/webhooks/event-types", "").want(401)
		p.form(values("client_id", clientID, "client_secret", "wrong")).want(401)
	}
	p.token = token
	p.call("GET", "/webhooks/event-types", "").want(200)
	p.call("GET", "/webhooks/event-types", "").want(200)
	r := p.call("GET", "/webhooks/event-types", "")
	r.says(429, "try again in 2 s")
	if got := r.header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After = %q, want 2", got)
	}
	p.now = p.now.Add(-time.Hour) // a clock that is set back gives nothing and takes nothing
	p.call("GET", "/webhooks/event-types", "").want(429)
	p.now = p.now.Add(time.Hour + 2*time.Second)
	p.call("GET", "/webhooks/event-types", "").want(200)

	p.login("admin:read") // open took one, and 2 s gave one back
	p.login("admin:read")
	r = p.form(values("grant_type", "client_credentials", "scope", "admin:read", "client_id", clientID, "client_secret", clientSecret))
	r.want(429)
	if r.object()["error"] != "temporarily_unavailable" || r.header.Get("Retry-After") != "2" {
		t.Errorf("got %s %v", r.body, r.header)
	}
}

// Tokens that are not valid are answered as documented, up to a point; an expired one is none of them, and a
// valid one is always taken.
func TestInvalidTokensAreCounted(t *testing.T) {
	p := open(t)
	valid, old := p.token, forged(p, "the key of the tokens in these tests", jwt.SigningMethodHS256, func(c jwt.MapClaims) { c["exp"] = p.now.Unix() })
	for i := range 300 {
		p.token = old
		p.call("GET", "/webhooks/subscriptions", "").want(401)
		p.token = "noise"
		r := p.call("GET", "/webhooks/subscriptions", "")
		if want := map[bool]int{true: 401, false: 429}[i < 100]; r.status != want || (r.header.Get("Retry-After") != "") != (want == 429) {
			t.Fatalf("invalid token %d: got %d %v, want %d", i, r.status, r.header, want)
		}
		p.token = valid
		p.call("GET", "/webhooks/event-types", "").want(200)
	}
}
