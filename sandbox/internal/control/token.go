package control

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

// token is a JWT as a person reads it. Whether it is right is not looked at: wrong ones are
// sent on purpose.
type token struct {
	Header json.RawMessage `json:"header"`
	Claims json.RawMessage `json:"claims"`
}

// decoded finds the token among the headers of an attempt, or nil.
func decoded(h store.Header) *token {
	for _, line := range h {
		if strings.EqualFold(line[0], signature.HeaderName) {
			return decodeToken(strings.TrimPrefix(line[1], signature.BearerPrefix))
		}
	}
	return nil
}

func decodeToken(text string) *token {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || len(text) > signature.MaxHeaderLen {
		return nil
	}
	header, claims := object(parts[0]), object(parts[1])
	if header == nil || claims == nil {
		return nil
	}
	return &token{header, claims}
}

// object decodes a part of a token, or is nil.
func object(part string) json.RawMessage {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || !json.Valid(text) || !strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		return nil
	}
	return text
}
