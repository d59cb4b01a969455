package control

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	keyHeader = "Idempotency-Key"
	maxKey    = 255 // bytes
)

// onlyOnce serves a request with an idempotency key, or repeats the response of an earlier one.
// Only successes are kept: a refused request changed nothing and may be sent again.
func (h *handler) onlyOnce(do func(*handler, *http.Request) (any, error), r *http.Request, status int) (any, error) {
	key := r.Header.Get(keyHeader)
	if len(key) > maxKey || strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		return nil, malformed("%s: want at most %d characters of ASCII", keyHeader, maxKey)
	}
	body, err := read(r)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	request := r.Method + " " + r.URL.Path + " " + hex.EncodeToString(sum[:]) // equal for equal requests
	if _, taken := h.busy.LoadOrStore(key, true); taken {
		return nil, refuse(http.StatusConflict, "another request with this %s is in progress; try again later", keyHeader)
	}
	defer h.busy.Delete(key)

	before, _, same, err := h.Store.Remember(r.Context(), key, request, 0, nil)
	switch {
	case err != nil:
		return nil, err
	case before != nil && !same:
		return nil, invalid("this %s was used for another request; use a new one", keyHeader)
	case before != nil:
		return json.RawMessage(before), nil
	}
	result, err := do(h, r)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("response to keep: %w", err)
	}
	if _, _, _, err := h.Store.Remember(r.Context(), key, request, status, text); err != nil {
		h.logError(r, err) // the change is made, and the client must know
	}
	return json.RawMessage(text), nil
}
