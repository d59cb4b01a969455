package signature

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// MinSecretLen is the least number of bytes of a decoded secret, the size of a SHA-256 sum.
const MinSecretLen = 32

// DevelopmentSecret is the Base64 of the 32 bytes "ringback-development-secret-only". It is
// published on purpose, the same everywhere and therefore not secret: use it where anybody
// may forge notifications, on your own machine and in tests, and nowhere else.
const DevelopmentSecret = "cmluZ2JhY2stZGV2ZWxvcG1lbnQtc2VjcmV0LW9ubHk="

// DevelopmentNextSecret is the Base64 of the 32 bytes "ringback-development-secret-next". It
// takes the place of [DevelopmentSecret] when a key is rotated, and is no secret either.
const DevelopmentNextSecret = "cmluZ2JhY2stZGV2ZWxvcG1lbnQtc2VjcmV0LW5leHQ="

// Secret is the decoded HMAC key of a subscription. However it is printed, logged or
// marshalled, its bytes do not show; [Secret.Base64] alone gives them away. One gap is
// out of its reach: package fmt ignores the methods of values in unexported fields, so
// do not print a struct that holds a Secret in one.
type Secret []byte

// ParseSecret decodes text, a secret in standard Base64 as a subscription shows it. White
// space around it does not matter. It is an error if text is not padded standard Base64 or
// stands for fewer than [MinSecretLen] bytes. No error repeats any part of text.
func ParseSecret(text string) (Secret, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, errors.New("secret is empty: want the Base64 text of at least 32 bytes")
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("secret is not Base64: %s", fault(text, err))
	}
	if len(key) < MinSecretLen {
		return nil, fmt.Errorf("secret decodes to %d bytes, at least %d needed: make one with openssl rand -base64 32", len(key), MinSecretLen)
	}
	return key, nil
}

// fault says why text did not decode. The two mistakes that people really make, the other
// alphabet and lost padding, are named as such.
func fault(text string, err error) string {
	if _, err := base64.RawStdEncoding.DecodeString(text); err == nil {
		return "the = signs at its end are missing"
	}
	if strings.ContainsAny(text, "-_") {
		return "it has the characters - or _ of the URL alphabet, want + and / in their place"
	}
	var at base64.CorruptInputError
	if errors.As(err, &at) && len(text)%4 == 0 {
		return fmt.Sprintf("character %d of %d does not fit", int(at)+1, len(text))
	}
	return fmt.Sprintf("its length of %d is no multiple of 4, so a part is missing", len(text))
}

// GenerateSecret returns a new secret of [MinSecretLen] bytes from the operating system's
// source of randomness.
func GenerateSecret() Secret {
	key := make(Secret, MinSecretLen)
	rand.Read(key) // never fails: the program ends first
	return key
}

// Base64 returns the secret as [ParseSecret] reads it. It is the one way to see it.
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
