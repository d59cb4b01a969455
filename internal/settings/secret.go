package settings

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/textfile"
	"github.com/ringback/ringback/signature"
)

// Doubts are about secrets that were read.
type Doubts struct {
	Warnings []error // each a *Problem, without any text of a secret
	texts    []string
}

// maxSecretFile bounds the file of a secret, in bytes. A longer text is none.
const maxSecretFile = 16 << 10

// read reads a secret given as BASE64 or @FILE. Its text never gets into an error or a warning,
// which names the field and, if there is one, the place in front of the warning.
func (d *Doubts) read(f Field, value, place string) (signature.Secret, error) {
	if path, isFile := strings.CutPrefix(value, "@"); isFile {
		text, err := textfile.ReadFile(path, maxSecretFile)
		if err != nil {
			return nil, err
		}
		value = string(text)
	} else if value == "" {
		return nil, errors.New("want Base64 or @FILE, got nothing")
	}
	secret, err := signature.ParseSecret(value)
	if warning := signature.SecretWarning(value); warning != "" {
		d.Warnings = append(d.Warnings, problem(f, "%s%s", place, warning))
		d.texts = append(d.texts, value, strings.TrimSpace(value))
	}
	return secret, err
}

// ReadSecrets reads secrets of which each may have signed. None given means the public
// development secret and the one that takes its place when the key is rotated.
func ReadSecrets(values []string) (secrets []signature.Secret, development bool, doubts Doubts, err error) {
	if len(values) == 0 {
		values, development = []string{signature.DevelopmentSecret, signature.DevelopmentNextSecret}, true
	}
	for i, value := range values {
		place := ""
		if len(values) > 1 {
			place = fmt.Sprintf("%d of %d: ", i+1, len(values))
		}
		secret, err := doubts.read(Secret, value, place)
		if err != nil {
			return nil, false, doubts, wrong(Secret, err)
		}
		secrets = append(secrets, secret)
	}
	return secrets, development, doubts, nil
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

// Hide lists what reports about targets must not show, even if a consumer repeats it: secrets in
// the ways in which they are written, the values of headers, and the secret parts of URLs.
func (d *Doubts) Hide(targets []emitter.Target) []string {
	all := slices.Clone(d.texts)
	add := func(s signature.Secret) {
		if len(s) > 0 {
			all = append(all, s.Base64(), base64.RawStdEncoding.EncodeToString(s), base64.RawURLEncoding.EncodeToString(s), string(s))
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
