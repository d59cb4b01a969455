package recording

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/show"
)

// Row is one request as "receive --log" records it; docs/recordings.md describes the form.
type Row struct {
	Received    time.Time           `json:"received"` // when the request began, in UTC
	Method      string              `json:"method"`
	Path        string              `json:"path"` // without the query, in which secrets travel
	ContentType string              `json:"content_type"`
	Headers     map[string][]string `json:"headers"` // see PublicHeaders
	Status      int                 `json:"status"`  // of the response; 0 if there was none
	Answer      json.RawMessage     `json:"answer"`  // null if it was not JSON
	Body        string              `json:"body"`
	BodyBase64  string              `json:"body_base64,omitempty"` // instead of Body, if that is not UTF-8
}

// SetBody keeps a body byte for byte.
func (r *Row) SetBody(body []byte) {
	r.Body, r.BodyBase64 = string(body), ""
	if !utf8.Valid(body) {
		r.Body, r.BodyBase64 = "", base64.StdEncoding.EncodeToString(body)
	}
}

// Append appends the row as a line to dst; what acts on terminals unseen is escaped. An answer that is no JSON becomes null.
func (r *Row) Append(dst []byte) ([]byte, error) {
	line := *r
	if len(line.Answer) == 0 || !json.Valid(line.Answer) {
		line.Answer = nil
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(line)
	return append(dst, show.Visible(text.String())...), err
}

// NotRecorded stands for the value of a header that may hold a secret.
const NotRecorded = "(not recorded)"

// PublicHeaders is a copy of h in which NotRecorded stands for each value that may be a
// secret: by the name of its header, or because it looks like a key. URLs are without user and query.
func PublicHeaders(h map[string][]string) map[string][]string {
	public := make(map[string][]string, len(h))
	for name, values := range h {
		secret := !redact.IsPublic(name) && redact.IsSecretName(name)
		shown := make([]string, len(values))
		for i, value := range values {
			if shown[i] = redact.BareURL(value); secret || !redact.IsPublic(name) && redact.IsKey(value) || strings.Contains(value, "eyJ") {
				shown[i] = NotRecorded
			}
		}
		public[name] = shown
	}
	return public
}
