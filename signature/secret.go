package signature

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"

	"github.com/ringback/ringback/internal/show"
)

// MinSecretLen is the least number of bytes that a decoded secret should have, the size of a
// SHA-256 sum. Shorter ones exist: the vendor's own sample had 16 bytes.
const MinSecretLen = 32

// maxSecretText bounds the text of a secret, in bytes.
const maxSecretText = 8 << 10

// DevelopmentSecret is published on purpose, the same everywhere and therefore not secret: use
// it where anybody may forge notifications, on your own machine and in tests, and nowhere else.
// Its 32 bytes are no UTF-8, like those of a real secret, so that who takes them for text fails.
const DevelopmentSecret = "not+secret/ringback+development+key+of+docs="

// DevelopmentNextSecret takes the place of [DevelopmentSecret] when a key is rotated, and is no
// secret either.
const DevelopmentNextSecret = "not+secret/ringback+development+key+rotates="

// Secret is the decoded HMAC key of a subscription. However it is printed, logged or
// marshalled, its bytes do not show; [Secret.Base64] alone gives them away. One gap is
// out of its reach: package fmt ignores the methods of values in unexported fields, so
// do not print a struct that holds a Secret in one.
type Secret []byte

// ParseSecret decodes text, a secret as a subscription shows it, as Buffer.from(text, "base64")
// of Node.js does: in either alphabet, padded or not, up to the first = sign; other characters
// are ignored. It is an error if nothing is left, or text has more than 8 KiB. No error repeats
// any part of text. [SecretWarning] says what is doubtful about a secret.
func ParseSecret(text string) (Secret, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("secret is empty: want the Base64 text of at least 32 bytes")
	}
	if len(text) > maxSecretText {
		return nil, fmt.Errorf("secret has more than %d characters: want the Base64 text of at least 32 bytes", maxSecretText)
	}
	clean, _ := dissect(text)
	if len(clean)%4 == 1 { // six bits are no byte
		clean = clean[:len(clean)-1]
	}
	key, err := base64.RawStdEncoding.DecodeString(clean)
	if err != nil || len(key) == 0 {
		return nil, errors.New("secret has no Base64 in it: want the Base64 text of at least 32 bytes")
	}
	return key, nil
}

// SecretWarning says what is doubtful about a secret that [ParseSecret] reads: it is short, or
// decoders may disagree about its bytes. It is empty if nothing is. It repeats no part of text.
func SecretWarning(text string) string {
	key, err := ParseSecret(text)
	if err != nil {
		return ""
	}
	var all []string
	foreign := func(c rune) bool {
		return !strings.ContainsRune("+/=-_", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	}
	if len(key) < MinSecretLen && strings.ContainsFunc(strings.TrimSpace(text), foreign) {
		all = append(all, "it looks like plain words, not like the Base64 that the API shows")
	}
	if len(key) < MinSecretLen {
		all = append(all, fmt.Sprintf("it decodes to %s, and should to at least %d: make one with openssl rand -base64 32", show.Counted(uint64(len(key)), "byte"), MinSecretLen))
	}
	if _, flaws := dissect(text); len(flaws) > 0 {
		all = append(all, "it is no clean Base64, so that decoders may disagree about its bytes (taken as Node.js does): "+strings.Join(flaws, ", "))
	}
	return strings.Join(all, "; ")
}

// dissect returns the characters of text that are decoded, in the standard alphabet, and why
// text is no padded standard Base64. White space around it is none of the reasons.
func dissect(text string) (clean string, flaws []string) {
	text = strings.TrimSpace(text)
	body, _, _ := strings.Cut(text, "=")
	end := text[len(body):]
	spaces, foreign, url := 0, uint64(0), false
	clean = strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			return c
		case c == '-', c == '_':
			url = true
			return map[rune]rune{'-': '+', '_': '/'}[c]
		case unicode.IsSpace(c):
			spaces++
		default:
			foreign++
		}
		return -1
	}, body)
	flaw := func(is bool, text string) {
		if is {
			flaws = append(flaws, text)
		}
	}
	flaw(url, "it has - or _ of the URL alphabet for + and /")
	flaw(spaces > 0, "white space in it is ignored")
	flaw(foreign > 0, show.Counted(foreign, "other character")+" in it ignored")
	flaw(strings.Trim(end, "=") != "", "what follows its = sign is ignored")
	padding := (4 - len(clean)%4) % 4
	flaw(padding == 3, "its last character is ignored, so a part may be missing")
	flaw(padding < 3 && len(end) < padding, "the = signs at its end are missing")
	flaw(padding < 3 && strings.Trim(end, "=") == "" && len(end) > padding, "it has too many = signs")
	if padding < 3 {
		_, err := base64.RawStdEncoding.Strict().DecodeString(clean)
		flaw(err != nil, "its last bits are ignored")
	}
	return clean, flaws
}

// GenerateSecret returns a new secret of [MinSecretLen] bytes from the operating system's
// source of randomness.
func GenerateSecret() Secret {
	key := make(Secret, MinSecretLen)
	rand.Read(key) // never fails: the program ends first
	return key
}

// Base64 returns the secret as clean Base64. It is the one way to see it.
func (s Secret) Base64() string { return base64.StdEncoding.EncodeToString(s) }

// String returns a text of the secret's length without its content.
func (s Secret) String() string { return fmt.Sprintf("[secret of %d bytes]", len(s)) }

// GoString is String, for the verb %#v.
func (s Secret) GoString() string { return s.String() }

// Format writes what String returns, whatever the verb: without it %d and %c would print
// the bytes.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue is String, for package slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for JSON and the like. What it writes cannot be read back.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
