package mischief

import (
	"crypto/sha256"
	"encoding/json"
	"sync"
)

// identity names a notification, or a body that is none.
type identity [16]byte

// identify finds the notification that a body is about: two bodies with the same source
// and id are about the same one. What has no id is known by its bytes.
func identify(body []byte) (id identity) {
	var envelope struct {
		Source json.RawMessage `json:"source"`
		ID     json.RawMessage `json:"id"`
	}
	known := body
	if json.Unmarshal(body, &envelope) == nil && len(envelope.ID) > 0 {
		known = append(append(envelope.Source, 0), envelope.ID...)
	}
	sum := sha256.Sum256(known)
	copy(id[:], sum[:])
	return id
}

// maxRemembered is how many notifications are distinguished; beyond them the first ones are
// forgotten, so that their next request counts as their first again. 64 MB hold them.
const maxRemembered = 1 << 20

// requests counts the requests of each notification. The zero value has none.
type requests struct {
	mu    sync.Mutex
	seen  map[identity]uint64
	order []identity // a ring of all in seen, once it is full
	next  int        // place of the oldest in a full ring
}

// count returns how many requests of a notification there were before, and counts this one.
func (r *requests) count(id identity) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[identity]uint64{}
	}
	n, known := r.seen[id]
	r.seen[id] = n + 1
	switch {
	case known:
	case len(r.order) < maxRemembered:
		r.order = append(r.order, id)
	default:
		delete(r.seen, r.order[r.next])
		r.order[r.next] = id
		r.next = (r.next + 1) % maxRemembered
	}
	return n
}
