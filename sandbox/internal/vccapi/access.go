package vccapi

import (
	"crypto/rand"
	"errors"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ringback/ringback/internal/netguard"
)

const (
	lifetime = 7200 * time.Second // of an access token, as documented
	issuer   = "ringback"
	mediaV1  = "application/vnd.newvoicemedia.v1+json"
)

// claims are those of an access token. Clients must not depend on its form.
type claims struct {
	Scope string `json:"scope"`
	jwt.RegisteredClaims
}

// mint makes an access token for the client.
func (a *api) mint(scopes []string) string {
	now := a.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Scope: strings.Join(scopes, " "),
		RegisteredClaims: jwt.RegisteredClaims{
			ID: rand.Text(), Issuer: issuer, Subject: a.ClientID,
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(lifetime)),
		},
	}).SignedString(a.TokenKey)
	if err != nil { // HMAC takes every key
		panic(err)
	}
	return token
}

// scopes verifies an access token and lists its scopes. A token for an earlier client ID is
// invalid. Expired tells that it was valid once.
func (a *api) scopes(token string) (scopes []string, ok, expired bool) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return a.TokenKey, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithIssuer(issuer),
		jwt.WithTimeFunc(a.Now), jwt.WithStrictDecoding())
	if err != nil || a.ClientID == "" || !netguard.SameSecret(c.Subject, a.ClientID) {
		return nil, false, errors.Is(err, jwt.ErrTokenExpired)
	}
	return strings.Fields(c.Scope), true, false
}

// guard checks the token, the client's rate limit, the scope of the token and the Accept header, in
// this order, so that an unauthorized client learns nothing and takes nothing from the others, and
// then does what the request asks for.
func (a *api) guard(scope string, do operation) http.HandlerFunc {
	return a.serve(func(w http.ResponseWriter, r *http.Request) (any, error) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
			return nil, unauthorized(w, "Bearer", oauthError{"The access token is missing", "invalid_request"})
		}
		granted, ok, expired := a.scopes(token)
		if !expired { // which every client shows once in two hours
			if wait := a.Guesses.Token(r, a.Now(), ok); wait > 0 {
				return nil, tooMany(w, wait)
			}
		}
		if !ok {
			return nil, unauthorized(w, `Bearer error="invalid_token"`, oauthError{"The access token is invalid or has expired", "invalid_token"})
		}
		if wait := a.admit(a.calls); wait > 0 {
			return nil, tooMany(w, wait)
		}
		if err := a.permit(w, granted, scope); err != nil {
			return nil, err
		}
		if err := checkAccept(r.Header.Values("Accept")); err != nil {
			return nil, err
		}
		return do(w, r)
	})
}

// tooMany asks a client to wait.
func tooMany(w http.ResponseWriter, wait time.Duration) error {
	after := netguard.RetryAfter(wait)
	w.Header().Set("Retry-After", after)
	return refuse(http.StatusTooManyRequests, "too many requests; try again in "+after+" s")
}

// permit compares the scope that an endpoint needs with those of the token and of its client. The
// header names the scope, which the documented body does not.
func (a *api) permit(w http.ResponseWriter, granted []string, scope string) error {
	challenge := `Bearer error="insufficient_scope", scope="` + scope + `"`
	switch {
	case !slices.Contains(a.Scopes, scope):
		w.Header().Set("WWW-Authenticate", challenge)
		return refuse(http.StatusForbidden, "the client lacks the scope "+scope)
	case slices.Contains(granted, scope):
		return nil
	case a.MissingScope == http.StatusForbidden: // Assumption missing-scope
		w.Header().Set("WWW-Authenticate", challenge)
		return refuse(http.StatusForbidden, "the access token lacks the scope "+scope)
	}
	return unauthorized(w, challenge, message{"Unauthorized"})
}

func unauthorized(w http.ResponseWriter, challenge string, body any) error {
	w.Header().Set("WWW-Authenticate", challenge)
	return &refusal{http.StatusUnauthorized, body}
}

// checkAccept requires the media type with its version in the Accept header. The documentation of the sister APIs answers 400 to a request without
// a version, and no range stands for one: */* and application/json have none.
func checkAccept(values []string) error {
	const hint = "Accept: " + mediaV1
	wrong, other := false, false
	for _, part := range strings.Split(strings.Join(values, ","), ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		media, params, err := mime.ParseMediaType(part)
		q, qErr := strconv.ParseFloat(params["q"], 64)
		switch {
		case err != nil:
			other = true
		case media == mediaV1 && (params["q"] == "" || qErr == nil && q > 0):
			return nil
		case versioned.MatchString(media):
			wrong = true
		case media != "*/*" && media != "application/*" && media != "application/json":
			other = true
		}
	}
	switch {
	case wrong:
		return refuse(http.StatusNotAcceptable, "Invalid api-version! Valid values: 1. Send "+hint)
	case other:
		return refuse(http.StatusNotAcceptable, "the media type of the Accept header is not known; send "+hint)
	}
	return refuse(http.StatusBadRequest, "Version missing from Accept header! Send "+hint)
}

// versioned matches the media type of the API, in any version.
var versioned = regexp.MustCompile(`^application/vnd\.newvoicemedia\.v\d{1,5}\+json$`)
