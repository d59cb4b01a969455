package redact

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// public are headers that describe a request. What they say is no secret.
var public = map[string]bool{
	"Accept": true, "Accept-Charset": true, "Accept-Encoding": true, "Accept-Language": true, "Cache-Control": true, "Connection": true,
	"Content-Encoding": true, "Content-Language": true, "Content-Length": true, "Content-Type": true, "Date": true, "Expect": true,
	"Host": true, "Idempotency-Key": true, "Origin": true, "Pragma": true, "Te": true, "Traceparent": true, "Tracestate": true,
	"Transfer-Encoding": true, "User-Agent": true, "Via": true, "X-Correlation-Id": true, "X-Forwarded-For": true, "X-Forwarded-Host": true,
	"X-Forwarded-Port": true, "X-Forwarded-Proto": true, "X-Request-Id": true,
}

// IsPublic reports whether a header of this name describes a request, and holds no secret.
func IsPublic(name string) bool { return public[http.CanonicalHeaderKey(name)] }

// secretParts are parts of the names of headers, parameters and settings that authenticate somebody.
var secretParts = [...]string{"api-k", "api_k", "apik", "assertion", "auth", "bearer", "cookie", "credential", "csrf", "hmac", "identity", "jwt", "key",
	"otp", "pass", "principal", "private", "pwd", "secret", "session", "sig", "token", "xsrf"}

// secretWords are whole words of such names, which as parts stand in others.
var secretWords = [...]string{"cred", "creds", "license", "licence", "login", "mfa", "pin", "pw", "sid", "tan", "ticket", "vault"}

// IsSecretName reports whether the name of a header, of a parameter or of a setting says that its value is a secret.
func IsSecretName(name string) bool {
	name = strings.ToLower(name)
	return name == "code" || slices.ContainsFunc(secretParts[:], func(part string) bool { return strings.Contains(name, part) }) ||
		slices.ContainsFunc(strings.FieldsFunc(name, func(c rune) bool { return !isAlphanumeric(c) }), func(word string) bool { return slices.Contains(secretWords[:], word) })
}

// shortestKey is how long a value is, in characters, that can only be a key.
const shortestKey = 20

// IsKey reports whether a value looks like a key, a token or credentials: long, of letters and digits without blanks, or behind a
// scheme.
func IsKey(value string) bool {
	value = strings.TrimSpace(value)
	scheme, rest, two := strings.Cut(value, " ")
	if two && schemes[strings.ToLower(scheme)] && rest != "" || strings.Contains(value, "eyJ") {
		return true
	}
	letters, digits := 0, 0
	for _, c := range value {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case isAlphanumeric(c):
			letters++
		case !strings.ContainsRune("+/_=.~-", c):
			return false
		}
	}
	return len(value) >= shortestKey && letters > 0 && digits > 0 && !strings.HasPrefix(value, "/")
}

// BareURL is a text, and of a URL or a path what may be shown: without user, password, query and fragment.
func BareURL(text string) string {
	if !strings.HasPrefix(text, "/") && !strings.Contains(text, "://") {
		return text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Hidden
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return u.String()
}

// HoldsSecret reports whether there is a secret in a URL, or in the words of a command: credentials, the value of something with
// such a name, or what looks like a key.
func HoldsSecret(text string) bool {
	before, query, isURL := strings.Cut(text, "?")
	switch _, _, spaced := strings.Cut(text, " "); {
	case strings.Contains(text, "://") && strings.Contains(text, "@"):
		return true
	case strings.Contains(before, "://") && !spaced && !isURL:
		return false
	case strings.Contains(before, "://") && !spaced:
		text = query
	}
	words := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" \t\n&#;,:='\"", c) })
	for i, word := range words {
		if !strings.Contains(word, "/") && (IsKey(word) && !strings.Contains(word, ".") || i < len(words)-1 && IsSecretName(word)) {
			return true
		}
	}
	return false
}
