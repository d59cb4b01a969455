package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"time"
)

// BodyFault is what goes wrong on purpose while a body is sent.
type BodyFault uint8

// The faults of a body.
const (
	NoBodyFault BodyFault = iota
	SlowBody              // the body goes out in small pieces, with pauses
	CutOff                // the connection is cut in the middle of the body
)

// How a slow body is sent: slowly enough to arrive in pieces, and far from any time limit.
const (
	slowPieces = 8
	slowPause  = 50 * time.Millisecond
)

// errCutOff ends a body on purpose.
var errCutOff = errors.New("the connection was cut on purpose")

// faultyBody is a body that the client reads as the fault says.
func faultyBody(ctx context.Context, f BodyFault, body []byte) io.ReadCloser {
	if f == CutOff {
		broken, end := io.Pipe()
		end.CloseWithError(errCutOff)
		return io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), broken))
	}
	var parts []io.Reader
	for piece := range slices.Chunk(body, max(1, (len(body)+slowPieces-1)/slowPieces)) {
		if len(parts) > 0 {
			parts = append(parts, pause{ctx})
		}
		parts = append(parts, bytes.NewReader(piece))
	}
	return io.NopCloser(io.MultiReader(parts...))
}

// pause is a reader that ends after a while, without a byte.
type pause struct{ ctx context.Context }

func (p pause) Read([]byte) (int, error) {
	select {
	case <-time.After(slowPause):
		return 0, io.EOF
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
}
