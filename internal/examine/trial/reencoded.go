package trial

import (
	"bytes"
	"encoding/json"

	"github.com/ringback/ringback/internal/jsontext"
)

// What follows writes a body as the libraries of consumers do that have read it first. A body
// that is no JSON stays as it is.

// Compact keeps the order of the members and leaves out all blanks.
func Compact(body []byte) []byte {
	var out bytes.Buffer
	if json.Compact(&out, body) != nil {
		return body
	}
	return out.Bytes()
}

// spaced has a blank behind each comma and colon.
func spaced(body []byte) []byte {
	return jsontext.AppendStyled(nil, Compact(body), jsontext.Spaced)
}

// slashed has a backslash before each slash.
func slashed(body []byte) []byte {
	return bytes.ReplaceAll(Compact(body), []byte("/"), []byte(`\/`))
}

// sorted sorts the members by name.
func sorted(body []byte) []byte {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return body
	}
	out, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return out
}
