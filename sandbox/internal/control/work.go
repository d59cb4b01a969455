package control

import (
	"bytes"
	"context"
	"io"
	"net/http"
)

// A text of a megabyte takes two hundred while it is read. So one is read at a time, and few requests wait for
// that with their bodies.
const (
	maxWork    = 1
	maxWaiting = 50
)

// alone waits for a place among those that read texts. Its body is read before, since it may come slowly.
func (h *handler) alone(r *http.Request) (done func(), err error) {
	if h.waiting.Add(1) > maxWaiting {
		h.waiting.Add(-1)
		return nil, refuse(http.StatusServiceUnavailable, "%d requests wait for their scenarios to be read already, the maximum; try again later", maxWaiting)
	}
	defer h.waiting.Add(-1)
	body, err := read(r)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return h.turn(r.Context())
}

// turn waits until nobody else reads a text.
func (h *handler) turn(ctx context.Context) (done func(), err error) {
	select {
	case h.work <- struct{}{}:
		return func() { <-h.work }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
