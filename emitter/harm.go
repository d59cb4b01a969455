package emitter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"
)

// How a body is dribbled: slowly enough to be in pieces when it arrives, and far from any
// time limit.
const (
	dribblePieces = 8
	dribblePause  = 50 * time.Millisecond
)

// errCutOff ends a body on purpose.
var errCutOff = errors.New("the connection was cut on purpose")

// harmed is a body that the client reads as the harm says.
func harmed(ctx context.Context, h Harm, body []byte) io.ReadCloser {
	if h == CutOff {
		half := bytes.NewReader(body[:len(body)/2])
		return io.NopCloser(io.MultiReader(half, brokenReader{}))
	}
	return io.NopCloser(&dribble{ctx: ctx, rest: body, piece: max(1, (len(body)+dribblePieces-1)/dribblePieces)})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errCutOff }

// dribble gives a body away in pieces, with a pause before each but the first.
type dribble struct {
	ctx   context.Context
	rest  []byte
	piece int
	begun bool
}

func (d *dribble) Read(p []byte) (int, error) {
	if len(d.rest) == 0 {
		return 0, io.EOF
	}
	if d.begun {
		var a alarm
		if !a.until(d.ctx, time.Now().Add(dribblePause), nil) {
			return 0, d.ctx.Err()
		}
	}
	d.begun = true
	n := copy(p, d.rest[:min(d.piece, len(d.rest))])
	d.rest = d.rest[n:]
	return n, nil
}
