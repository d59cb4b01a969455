package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
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
		half := bytes.NewReader(body[:len(body)/2])
		return io.NopCloser(io.MultiReader(half, brokenReader{}))
	}
	size := max(1, (len(body)+slowPieces-1)/slowPieces)
	return io.NopCloser(&slowReader{ctx: ctx, rest: body, size: size, piece: size})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errCutOff }

// slowReader gives a body away in pieces, with a pause before each but the first.
type slowReader struct {
	ctx   context.Context
	rest  []byte
	size  int // of a piece
	piece int // bytes left of the one that may be read now
}

func (d *slowReader) Read(p []byte) (int, error) {
	switch {
	case len(d.rest) == 0:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	case d.piece == 0:
		select {
		case <-time.After(slowPause):
		case <-d.ctx.Done():
			return 0, d.ctx.Err()
		}
		d.piece = d.size
	}
	n := copy(p, d.rest[:min(d.piece, len(d.rest))])
	d.rest, d.piece = d.rest[n:], d.piece-n
	return n, nil
}
