package vccapi

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/internal/netguard"
)

// The scopes of the API.
const (
	readScope  = "admin:read"
	writeScope = "admin:write"
)

const (
	formType  = "application/x-www-form-urlencoded"
	realm     = `Basic realm="ringback", charset="UTF-8"`
	anyClient = "Client authentication failed"
)

// token answers POST /Auth/connect/token: client credentials in the body or as HTTP Basic.
// Texts that the vendor publishes are the vendor's. No answer repeats what was sent.
func (a *api) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Pragma", "no-cache")
	if wait, ok := a.admit(a.tokens); !ok {
		w.Header().Set("Retry-After", strconv.Itoa(wait))
		answer(w, http.StatusTooManyRequests, oauthError{"Too many requests", "temporarily_unavailable"})
		return
	}
	form, problem := readForm(w, r)
	if problem != nil {
		answer(w, problem.status, problem.oauthError)
		return
	}
	if problem := a.authenticate(r, form); problem != nil {
		if r.Header.Get("Authorization") != "" && problem.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", realm)
		}
		answer(w, problem.status, problem.oauthError)
		return
	}
	if form.Get("grant_type") != "client_credentials" {
		answer(w, http.StatusBadRequest, oauthError{"Invalid grant_type", "unsupported_grant_type"})
		return
	}
	scopes := strings.Fields(form.Get("scope"))
	if len(scopes) == 0 {
		answer(w, http.StatusBadRequest, oauthError{"You must specify a scope", "invalid_scope"})
		return
	}
	for _, s := range scopes {
		if s != readScope && s != writeScope {
			answer(w, http.StatusBadRequest, oauthError{"Unknown scope; there are admin:read and admin:write", "invalid_scope"})
			return
		}
	}
	slices.Sort(scopes)
	answer(w, http.StatusOK, struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
		TokenType   string `json:"token_type"`
	}{a.mint(slices.Compact(scopes)), int(lifetime.Seconds()), "Bearer"})
}

// refusal is an answer of the token endpoint that is no token.
type refusal struct {
	status int
	oauthError
}

func badForm(text string) *refusal {
	return &refusal{http.StatusBadRequest, oauthError{text, "invalid_request"}}
}

// readForm reads the parameters of the body. Those of the address are not looked at: a secret
// there would stand in the logs of every proxy.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *refusal) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != formType {
		return nil, badForm("The Content-Type must be " + formType)
	}
	body, status, text := read(w, r)
	if status != 0 {
		return nil, &refusal{status, oauthError{"The" + strings.TrimPrefix(text, "the"), "invalid_request"}}
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

// authenticate compares the client's credentials in constant time.
func (a *api) authenticate(r *http.Request, form url.Values) *refusal {
	id, secret, basic := r.BasicAuth()
	inBody := form.Has("client_id") || form.Has("client_secret")
	switch {
	case basic && form.Has("client_secret"):
		return badForm("The client is given both in the body and as HTTP Basic")
	case basic && a.isClient(id, secret):
		return sameClient(form, id)
	case basic:
		// RFC 6749 wants both parts form-encoded; many clients send them as they are.
		plainID, err1 := url.QueryUnescape(id)
		plainSecret, err2 := url.QueryUnescape(secret)
		if err1 == nil && err2 == nil && a.isClient(plainID, plainSecret) {
			return sameClient(form, plainID)
		}
	case inBody && a.isClient(form.Get("client_id"), form.Get("client_secret")):
		return nil
	}
	return &refusal{http.StatusUnauthorized, oauthError{anyClient, "invalid_client"}}
}

// sameClient refuses a body that names another client than the header does.
func sameClient(form url.Values, id string) *refusal {
	if form.Has("client_id") && form.Get("client_id") != id {
		return badForm("The client_id of the body is not that of HTTP Basic")
	}
	return nil
}

func (a *api) isClient(id, secret string) bool {
	known := a.ClientID != "" && a.ClientSecret != ""
	rightID, rightSecret := netguard.SameSecret(id, a.ClientID), netguard.SameSecret(secret, a.ClientSecret)
	return known && rightID && rightSecret
}
