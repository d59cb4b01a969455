package vccapi

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/netguard"
)

// The scopes of the API.
const (
	readScope  = "admin:read"
	writeScope = "admin:write"
)

// Scopes lists all scopes.
func Scopes() []string { return []string{readScope, writeScope} }

const (
	formType  = "application/x-www-form-urlencoded"
	realm     = `Basic realm="ringback", charset="UTF-8"`
	anyClient = "Client authentication failed"
	maxForm   = 8 << 10 // bytes of a request for a token, which anybody may send
)

// token answers POST /Auth/connect/token: client credentials in the body or as HTTP Basic.
// Texts that the vendor publishes are the vendor's. No answer repeats what was sent.
func (a *api) token(w http.ResponseWriter, r *http.Request) (any, error) {
	w.Header().Set("Pragma", "no-cache")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	form, err := readForm(r)
	if err != nil {
		return nil, err
	}
	if err := a.authenticate(w, r, form); err != nil {
		return nil, err
	}
	if wait := a.admit(a.tokens); wait > 0 {
		return nil, tooManyTokens(w, wait)
	}
	if form.Get("grant_type") != "client_credentials" {
		return nil, &refusal{http.StatusBadRequest, oauthError{"Invalid grant_type", "unsupported_grant_type"}}
	}
	scopes := strings.Fields(form.Get("scope"))
	if len(scopes) == 0 {
		return nil, &refusal{http.StatusBadRequest, oauthError{"You must specify a scope", "invalid_scope"}}
	}
	for _, s := range scopes {
		if !slices.Contains(a.Scopes, s) {
			return nil, &refusal{http.StatusBadRequest, oauthError{"Unknown scope; the client has " + strings.Join(a.Scopes, " and "), "invalid_scope"}}
		}
	}
	slices.Sort(scopes)
	return struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
		TokenType   string `json:"token_type"`
	}{a.mint(slices.Compact(scopes)), int(lifetime.Seconds()), "Bearer"}, nil
}

func badForm(text string) error {
	return &refusal{http.StatusBadRequest, oauthError{text, "invalid_request"}}
}

// readForm reads the parameters of the body. Those of the address are not looked at: a secret
// there would stand in the logs of every proxy.
func readForm(r *http.Request) (url.Values, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != formType {
		return nil, badForm("The Content-Type must be " + formType)
	}
	body, err := read(r, func(status int, text string) error {
		return &refusal{status, oauthError{"The" + strings.TrimPrefix(text, "the"), "invalid_request"}}
	})
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, badForm("The body is not form-encoded")
	}
	for _, name := range []string{"grant_type", "client_id", "client_secret", "scope"} {
		if len(form[name]) > 1 {
			return nil, badForm("The parameter " + name + " is given twice")
		}
	}
	return form, nil
}

// client is a pair of credentials that a request shows.
type client struct{ id, secret string }

// authenticate looks for the client's credentials among those that a request shows. Wrong ones
// are counted before anything else is done for the request.
func (a *api) authenticate(w http.ResponseWriter, r *http.Request, form url.Values) error {
	var shown []client
	id, secret, basic := r.BasicAuth()
	switch {
	case basic && form.Has("client_secret"):
		return badForm("The client is given both in the body and as HTTP Basic")
	case basic:
		shown = append(shown, client{id, secret})
		// RFC 6749 wants both parts form-encoded; many clients send them as they are.
		plainID, err1 := url.QueryUnescape(id)
		plainSecret, err2 := url.QueryUnescape(secret)
		if err1 == nil && err2 == nil {
			shown = append(shown, client{plainID, plainSecret})
		}
	case form.Has("client_id") || form.Has("client_secret"):
		shown = append(shown, client{form.Get("client_id"), form.Get("client_secret")})
	}
	kind := netguard.Nameless
	if slices.ContainsFunc(shown, a.named) {
		kind = netguard.Named
	}
	ok, wait := a.Guesses.Try(r, kind, a.Now(), func() bool { return slices.ContainsFunc(shown, a.isClient) })
	switch {
	case wait > 0:
		return tooManyTokens(w, wait)
	case ok:
		return sameClient(form, a.ClientID)
	}
	if r.Header.Get("Authorization") != "" {
		w.Header().Set("WWW-Authenticate", realm)
	}
	return &refusal{http.StatusUnauthorized, oauthError{anyClient, "invalid_client"}}
}

// tooManyTokens asks a client to wait, whether it showed too many wrong credentials or too often the
// right ones: who guesses must not learn which.
func tooManyTokens(w http.ResponseWriter, wait time.Duration) error {
	w.Header().Set("Retry-After", netguard.RetryAfter(wait))
	return &refusal{http.StatusTooManyRequests, oauthError{"Too many requests", "temporarily_unavailable"}}
}

// sameClient refuses a body that names another client than the header does.
func sameClient(form url.Values, id string) error {
	if form.Has("client_id") && form.Get("client_id") != id {
		return badForm("The client_id of the body is not that of HTTP Basic")
	}
	return nil
}

func (a *api) named(c client) bool { return a.ClientID != "" && netguard.SameSecret(c.id, a.ClientID) }

func (a *api) isClient(c client) bool {
	known := a.ClientID != "" && a.ClientSecret != ""
	rightID, rightSecret := netguard.SameSecret(c.id, a.ClientID), netguard.SameSecret(c.secret, a.ClientSecret)
	return known && rightID && rightSecret
}
