package redact

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Sent is what a consumer is sent or knows.
type Sent struct {
	Name   string // of the consumer, which is shown, as its host is
	URL    string // where it is sent to
	Header http.Header
	Keys   [][]byte
	Other  []string
}

// Secrets is what of it nothing may show, and the credentials of the proxy that the environment names for the URL.
func (s *Sent) Secrets() *Secrets {
	texts := slices.Concat(s.Other, Header(s.Header), URL(s.URL))
	for _, key := range s.Keys {
		texts = append(texts, Key(key)...)
	}
	names := []string{s.Name}
	if u, err := url.Parse(s.URL); err == nil {
		names = append(names, u.Host, u.Hostname())
		if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err == nil && proxy != nil {
			texts = append(texts, URL(proxy.String())...)
		}
	}
	return Of(texts...).Beside(names...)
}

// Header lists what is secret of the headers of a request: their values, and of credentials behind a scheme the
// credentials, also user and password of Basic.
func Header(header http.Header) (secrets []string) {
	for name, values := range header {
		if IsPublic(name) {
			continue
		}
		for _, value := range values {
			secrets = append(secrets, value)
			scheme, credentials, is := strings.Cut(strings.TrimSpace(value), " ")
			if credentials = strings.TrimSpace(credentials); !is || !schemes[strings.ToLower(scheme)] {
				continue
			}
			secrets[len(secrets)-1] = credentials // the scheme is none, and stands in sentences
			if pair, err := base64.StdEncoding.DecodeString(credentials); err == nil && strings.EqualFold(scheme, "basic") {
				secrets = append(secrets, userInfo(strings.Cut(string(pair), ":"))...)
			}
		}
	}
	return secrets
}

// schemes are what stands before credentials.
var schemes = map[string]bool{"basic": true, "bearer": true, "digest": true, "token": true, "apikey": true, "api-key": true, "key": true,
	"hmac": true, "negotiate": true, "ntlm": true, "signature": true, "aws4-hmac-sha256": true, "sharedaccesssignature": true}

// URL lists what is secret of a URL: user and password, together as a header has them, the values of its query but for short ones
// of no secret name, and its fragment.
func URL(text string) (secrets []string) {
	u, err := url.Parse(text)
	if err != nil {
		return nil
	}
	if u.User != nil {
		password, is := u.User.Password()
		secrets = append(secrets, u.User.String())
		secrets = append(secrets, userInfo(u.User.Username(), password, is)...)
	}
	for name, values := range u.Query() {
		for _, value := range values {
			if len(value) > mostShort || IsSecretName(name) { // others are numbers and switches
				secrets = append(secrets, value)
			}
		}
	}
	if len(u.Query()) == 0 { // a key without a name
		secrets = append(secrets, u.RawQuery)
	}
	return append(secrets, u.Fragment)
}

// userInfo is what is secret of a user and a password. A user without a password may be a key.
func userInfo(user, password string, is bool) []string {
	if !is || password == "" {
		return []string{user, base64.StdEncoding.EncodeToString([]byte(user + ":"))}
	}
	pair := user + ":" + password
	return []string{password, pair, base64.StdEncoding.EncodeToString([]byte(pair))}
}

// Key lists the ways in which the bytes of a key are written.
func Key(key []byte) []string {
	if len(key) == 0 {
		return nil
	}
	return []string{string(key), base64.StdEncoding.EncodeToString(key)}
}
