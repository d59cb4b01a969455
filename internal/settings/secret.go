package settings

import (
	"encoding/base64"
	"errors"
	"net/url"
	"os"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/signature"
)

// ReadSecret reads a secret given as BASE64 or @FILE. Its text never gets into an error.
func ReadSecret(value string) (signature.Secret, error) {
	if path, isFile := strings.CutPrefix(value, "@"); isFile {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, show.FileError(err)
		}
		value = string(text)
	} else if value == "" {
		return nil, errors.New("want Base64 or @FILE, got nothing")
	}
	return signature.ParseSecret(value)
}

// ReadSecrets reads secrets of which each may have signed. None given means the public
// development secret and the one that takes its place when the key is rotated.
func ReadSecrets(values []string) (secrets []signature.Secret, development bool, err error) {
	if len(values) == 0 {
		values, development = []string{signature.DevelopmentSecret, signature.DevelopmentNextSecret}, true
	}
	for _, value := range values {
		secret, err := ReadSecret(value)
		if err != nil {
			return nil, false, wrong(Secret, err)
		}
		secrets = append(secrets, secret)
	}
	return secrets, development, nil
}

// Redacted is a URL without what may be secret in it.
func Redacted(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "(an unreadable URL)"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// SecretsOf lists what reports must not show, even if a consumer repeats it: secrets in
// the ways in which they are written, the values of headers, and the secret parts of URLs.
func SecretsOf(targets []emitter.Target) []string {
	var all []string
	add := func(s signature.Secret) {
		if len(s) > 0 {
			all = append(all, base64.StdEncoding.EncodeToString(s), base64.RawURLEncoding.EncodeToString(s), string(s))
		}
	}
	for i := range targets {
		add(targets[i].Secret)
		add(targets[i].NextSecret)
		for _, values := range targets[i].Header {
			for _, value := range values {
				all = append(append(all, value), strings.Fields(value)...)
			}
		}
		u, err := url.Parse(targets[i].URL)
		if err != nil {
			continue
		}
		if u.User != nil { // also as a header has it
			password, _ := u.User.Password()
			all = append(all, password, u.User.String(), base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password)))
		}
		for _, values := range u.Query() {
			all = append(all, values...)
		}
	}
	return all
}
