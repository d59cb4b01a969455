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
	"sync"
)

const (
	keyHeader = "Idempotency-Key"
	maxKey    = 255 // bytes
)

// busy is the keys of requests that are being answered right now.
type busy struct {
	sync.Mutex
	keys map[string]bool
}

// take is false if the key is taken already.
func (b *busy) take(key string) bool {
	b.Lock()
	defer b.Unlock()
	if b.keys == nil {
		b.keys = map[string]bool{}
	}
	if b.keys[key] {
		return false
	}
	b.keys[key] = true
	return true
}

func (b *busy) free(key string) {
	b.Lock()
	defer b.Unlock()
	delete(b.keys, key)
}

// onlyOnce does what a request with an idempotency key wants, unless it was done before: then
// the answer of that time is given again. Only what succeeded is kept, since what was refused
// changed nothing and may be asked again.
func (d *desk) onlyOnce(do func(*desk, *http.Request) (answer, error), r *http.Request) (answer, error) {
	key := r.Header.Get(keyHeader)
	if len(key) > maxKey || strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		return answer{}, malformed("%s: want at most %d characters of ASCII", keyHeader, maxKey)
	}
	body, err := read(r)
	if err != nil {
		return answer{}, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	request := fingerprint(r, body)
	if !d.busy.take(key) {
		return answer{}, refuse(http.StatusConflict, "a request with this %s is being answered right now; try again when it is done", keyHeader)
	}
	defer d.busy.free(key)

	before, status, same, err := d.Store.Remember(r.Context(), key, request, 0, nil)
	switch {
	case err != nil:
		return answer{}, err
	case before != nil && !same:
		return answer{}, invalid("this %s belongs to another request; take a new one", keyHeader)
	case before != nil:
		return answer{status, json.RawMessage(before)}, nil
	}
	a, err := do(d, r)
	if err != nil {
		return answer{}, err
	}
	text, err := json.Marshal(a.body)
	if err != nil {
		return answer{}, fmt.Errorf("answer to keep: %w", err)
	}
	if _, _, _, err := d.Store.Remember(r.Context(), key, request, a.status, text); err != nil {
		d.broken(r, err) // it is done all the same, and must be told
	}
	return answer{a.status, json.RawMessage(text)}, nil
}

// fingerprint is equal for requests that want the same.
func fingerprint(r *http.Request, body []byte) string {
	sum := sha256.Sum256(body)
	return r.Method + " " + r.URL.Path + " " + hex.EncodeToString(sum[:])
}
