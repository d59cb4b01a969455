package settings

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/ringback/ringback/internal/textfile"
	"github.com/ringback/ringback/signature"
)

// Doubts are about secrets that were read.
type Doubts struct {
	Warnings []error  // each a *Problem, without any text of a secret
	texts    []string // as they were given, where that is not how they are written usually
}

// maxSecretFile bounds the file of a secret, in bytes. A longer text is none.
const maxSecretFile = 16 << 10

// read reads a secret given as BASE64 or @FILE. Its text never gets into an error or a warning,
// which names the field and, if there is one, the place in front of the warning.
func (d *Doubts) read(f Field, value, place string) (signature.Secret, error) {
	path, read := strings.CutPrefix(value, "@")
	if read {
		text, err := textfile.ReadFile(path, maxSecretFile)
		if err != nil {
			return nil, err
		}
		value = string(text)
	} else if value == "" {
		return nil, errors.New("want Base64 or @FILE, got nothing")
	}
	secret, err := signature.ParseSecret(value)
	if !read && isFileNamed(value) != "" { // its name is the value, so it is not named
		d.Warnings = append(d.Warnings, problem(f, "%sthere is a file of this name; to read the secret from it, write @ in front", place))
	}
	if warning := signature.SecretWarning(value); warning != "" {
		d.Warnings = append(d.Warnings, problem(f, "%s%s", place, warning))
		d.texts = append(d.texts, value, strings.TrimSpace(value))
	}
	return secret, err
}

// isFileNamed suggests @ in front of a text that is the name of a file here.
func isFileNamed(text string) string {
	if info, err := os.Stat(text); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return fmt.Sprintf(" (write @%s to read the file)", text)
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
