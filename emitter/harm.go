package emitter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// Harm is what a Sender does to a request on purpose.
type Harm uint8

// The harms.
const (
	Unharmed Harm = iota
	Dribble       // the body goes out in small pieces, with pauses
	CutOff        // the connection is cut in the middle of the body
)

// harm is what the sender does in this attempt: a connection is cut once.
func harm(n *plan.Notification, attempt int) Harm {
	switch {
	case n.Fault == fault.SlowBody:
		return Dribble
	case n.Fault == fault.Reset && attempt == 1:
		return CutOff
	}
	return Unharmed
}

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
	size := max(1, (len(body)+dribblePieces-1)/dribblePieces)
	return io.NopCloser(&dribble{ctx: ctx, rest: body, size: size, piece: size})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errCutOff }

// dribble gives a body away in pieces, with a pause before each but the first.
type dribble struct {
	ctx   context.Context
	rest  []byte
	size  int // of a piece
	piece int // bytes left of the one that may be read now
}

func (d *dribble) Read(p []byte) (int, error) {
	switch {
	case len(d.rest) == 0:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	case d.piece == 0:
		var a alarm
		if !a.until(d.ctx, time.Now().Add(dribblePause), nil) {
			return 0, d.ctx.Err()
		}
		d.piece = d.size
	}
	n := copy(p, d.rest[:min(d.piece, len(d.rest))])
	d.rest, d.piece = d.rest[n:], d.piece-n
	return n, nil
}
