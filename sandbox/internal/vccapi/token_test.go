package vccapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
)

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func basic(id, secret string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(id, secret) }
}

func TestATokenIsGivenToTheClientInBodyOrHeader(t *testing.T) {
	p := open(t)
	full := []string{"grant_type", "client_credentials", "scope", "admin:read"}
	for name, r := range map[string]reply{
		"in the body":                   p.form(values(append(full, "client_id", clientID, "client_secret", clientSecret)...)),
		"as HTTP Basic":                 p.form(values(full...), basic(clientID, clientSecret)),
		"as HTTP Basic, form-encoded":   p.form(values(full...), basic(url.QueryEscape(clientID), url.QueryEscape(clientSecret))),
		"as HTTP Basic and in the body": p.form(values(append(full, "client_id", clientID)...), basic(clientID, clientSecret)),
		"two scopes, one of them twice": p.form(values("grant_type", "client_credentials", "scope", "admin:write admin:read admin:write"), basic(clientID, clientSecret)),
		"with parameters nobody knows":  p.form(values(append(full, "client_id", clientID, "client_secret", clientSecret, "acr", "x")...)),
		"with a charset in Content-Type": p.form(values(append(full, "client_id", clientID, "client_secret", clientSecret)...), func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
		}),
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			r.want(http.StatusOK)
			got := r.object()
			if len(got) != 3 || got["expires_in"] != 7200.0 || got["token_type"] != "Bearer" {
				t.Errorf("got %v", got)
			}
			if r.header.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control = %q, want no-store", r.header.Get("Cache-Control"))
			}
			p.token = got["access_token"].(string)
			p.call("GET", "/webhooks/subscriptions", "").want(http.StatusOK)
		})
	}
}

func TestATokenIsRefused(t *testing.T) {
	p := open(t)
	client := []string{"client_id", clientID, "client_secret", clientSecret}
	rest := []string{"grant_type", "client_credentials", "scope", "admin:read"}
	with := func(more ...string) url.Values { return values(append(append([]string{}, client...), more...)...) }
	for _, c := range []struct {
		name   string
		reply  reply
		status int
		err    string
	}{
		{"without a client", p.form(values(rest...)), 401, "invalid_client"},
		{"with another ID", p.form(values(append(rest, "client_id", "x", "client_secret", clientSecret)...)), 401, "invalid_client"},
		{"with another secret", p.form(values(append(rest, "client_id", clientID, "client_secret", "x")...)), 401, "invalid_client"},
		{"with an empty secret", p.form(values(append(rest, "client_id", clientID, "client_secret", "")...)), 401, "invalid_client"},
		{"with another secret as Basic", p.form(values(rest...), basic(clientID, "x")), 401, "invalid_client"},
		{"with the client twice", p.form(with(rest...), basic(clientID, clientSecret)), 400, "invalid_request"},
		{"with two different clients", p.form(values(append(rest, "client_id", "x")...), basic(clientID, clientSecret)), 400, "invalid_request"},
		{"without a grant type", p.form(with("scope", "admin:read")), 400, "unsupported_grant_type"},
		{"with another grant type", p.form(with("grant_type", "password", "scope", "admin:read")), 400, "unsupported_grant_type"},
		{"without a scope", p.form(with("grant_type", "client_credentials")), 400, "invalid_scope"},
		{"with an empty scope", p.form(with("grant_type", "client_credentials", "scope", " ")), 400, "invalid_scope"},
		{"with an unknown scope", p.form(with("grant_type", "client_credentials", "scope", "admin:read admin:delete")), 400, "invalid_scope"},
		{"with a parameter twice", p.form(with(append(rest, "scope", "admin:read")...)), 400, "invalid_request"},
		{"as JSON", p.form(with(rest...), func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }), 400, "invalid_request"},
		{"without a Content-Type", p.form(with(rest...), func(r *http.Request) { r.Header.Del("Content-Type") }), 400, "invalid_request"},
		{"with too much", p.form(with(append(rest, "x", strings.Repeat("x", 8<<10))...)), 413, "invalid_request"},
		{"with the parameters in the address", p.do(func() *http.Request {
			r := httptest.NewRequest("POST", vccapi.TokenPath+"?"+with(rest...).Encode(), nil)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return r
		}()), 401, "invalid_client"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.reply.t = t
			c.reply.want(c.status)
			got := c.reply.object()
			if got["error"] != c.err || got["error_description"] == "" || len(got) != 2 {
				t.Errorf("got %v, want error %q", got, c.err)
			}
			if text, _ := got["error_description"].(string); strings.Contains(text, "TheThe") {
				t.Errorf("the description is %q", text)
			}
			if strings.Contains(c.reply.body, clientSecret) {
				t.Errorf("the secret is in the answer: %s", c.reply.body)
			}
		})
	}
}

func TestWithoutCredentialsNobodyGetsAToken(t *testing.T) {
	h := vccapi.New(vccapi.Options{})
	for _, v := range []url.Values{
		values("grant_type", "client_credentials", "scope", "admin:read", "client_id", "", "client_secret", ""),
		values("grant_type", "client_credentials", "scope", "admin:read"),
	} {
		r := httptest.NewRequest("POST", vccapi.TokenPath, strings.NewReader(v.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("got %d %s, want 401", w.Code, w.Body)
		}
	}
}

// 573 wrong secrets once got 573 answers that said so, and kept the client from its token.
func TestGuessesOfTheSecretAreCounted(t *testing.T) {
	whole := []string{"grant_type", "client_credentials", "scope", "admin:read"}
	from := func(address string) func(*http.Request) {
		return func(r *http.Request) { r.RemoteAddr = address; r.Header.Set("X-Forwarded-For", "192.0.2.1") }
	}
	for name, show := range map[string]func(p *place, id, secret, address string) reply{
		"in the body": func(p *place, id, secret, address string) reply {
			return p.form(values(append(whole, "client_id", id, "client_secret", secret)...), from(address))
		},
		"as HTTP Basic": func(p *place, id, secret, address string) reply {
			return p.form(values(whole...), from(address), basic(id, secret))
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, func(o *vccapi.Options) { o.Guesses = &netguard.Guesses{Strong: true} })
			const stranger, known = "203.0.113.9:1", "198.51.100.7:1"
			show(p, clientID, clientSecret, known).want(200)
			for i := range 573 {
				r := show(p, clientID, "guess", stranger)
				if want := map[bool]int{true: 401, false: 429}[i < 20]; r.status != want {
					t.Fatalf("guess %d: got %d %s, want %d", i, r.status, r.body, want)
				} else if want == 429 && (r.header.Get("Retry-After") != "3" || r.object()["error"] != "temporarily_unavailable") {
					t.Fatalf("guess %d: got %s %v", i, r.body, r.header)
				}
				show(p, "nobody", clientSecret, stranger)
				show(p, clientID, "guess", known) // somebody at the client's own address
				if i%6 == 0 {
					show(p, clientID, clientSecret, known).want(200)
				}
			}
			show(p, clientID, clientSecret, stranger).want(200) // nobody guesses it, so nobody can keep it out
			show(p, clientID, clientSecret, "203.0.113.10:1").want(200)

			p = open(t, func(o *vccapi.Options) { o.Guesses = &netguard.Guesses{} }) // one that may be guessed
			for range 20 {
				show(p, clientID, "guess", stranger).want(401)
			}
			show(p, clientID, clientSecret, stranger).want(429) // else guessing would go on
			show(p, clientID, clientSecret, "203.0.113.10:1").want(200)
			p.now = p.now.Add(3 * time.Second)
			show(p, clientID, clientSecret, stranger).want(200)
		})
	}
}

// Who does not know the client ID takes nothing from a client at the same address, such as that of a proxy.
func TestUnknownClientsAreCountedApart(t *testing.T) {
	p := open(t, func(o *vccapi.Options) { o.Guesses = &netguard.Guesses{} })
	for i := range 100 {
		r := p.form(values("client_id", "nobody", "client_secret", "guess"), func(r *http.Request) { r.RemoteAddr = "203.0.113.9:1" })
		if want := map[bool]int{true: 401, false: 429}[i < 20]; r.status != want {
			t.Fatalf("unknown client %d: got %d %s, want %d", i, r.status, r.body, want)
		}
	}
	p.form(values("grant_type", "client_credentials", "scope", "admin:read", "client_id", clientID, "client_secret", clientSecret),
		func(r *http.Request) { r.RemoteAddr = "203.0.113.9:1" }).want(200)
}
