package transport

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/signature"
)

// How requests are sent in pieces.
const (
	slowPieces = 8
	slowPause  = 50 * time.Millisecond // before each of them: 400 ms in all
	splitPause = 10 * time.Millisecond
	cutPause   = 10 * time.Millisecond // so that what was sent is there before the connection ends
	chunks     = 4
)

// piece is a part of a request that is written at once.
type piece struct {
	pause time.Duration // before it
	bytes []byte
}

// request writes a delivery as it travels, with a token of this moment. Of one that is cut off, it is
// what comes before.
func (t *Transport) request(d *trial.Delivery, way trial.Way, now time.Time) []piece {
	head := t.headOf(d, way, now)
	at := min(max(d.Wire.At, 0), len(d.Body))
	switch way {
	case trial.Chunked:
		return chunked(head, d.Body)
	case trial.Slow:
		all := []piece{{0, head}}
		for next := range slices.Chunk(d.Body, max(1, (len(d.Body)+slowPieces-1)/slowPieces)) {
			all = append(all, piece{slowPause, next})
		}
		return all
	case trial.Split:
		return []piece{{0, append(head, d.Body[:at]...)}, {splitPause, d.Body[at:]}}
	case trial.CutOff:
		return []piece{{0, append(head, d.Body[:min(at, max(0, len(d.Body)-1))]...)}}
	}
	return []piece{{0, append(head, d.Body...)}}
}

// headOf writes everything up to the body.
func (t *Transport) headOf(d *trial.Delivery, way trial.Way, now time.Time) []byte {
	all := slices.Clone(t.head)
	if media := cmp.Or(d.Media, t.Media); media != "" {
		i := slices.IndexFunc(all, func(h header) bool { return h.name == "Content-Type" })
		all[i].value = media
	}
	if way == trial.Chunked {
		all = append(all, header{"Transfer-Encoding", "chunked"})
	} else {
		all = append(all, header{"Content-Length", strconv.Itoa(len(d.Body))})
	}
	if way == trial.NewClose {
		all = append(all, header{"Connection", "close"})
	}
	if len(t.Target.Secret) > 0 {
		token, absent := t.token(d, now)
		if !absent {
			name := signature.HeaderName
			if d.Token == trial.InAuthorization {
				name = "Authorization"
			}
			all = append(all, header{name, t.Prefix + token})
		}
	}
	var out bytes.Buffer
	out.WriteString(t.line + "\r\n")
	for _, h := range all {
		if way == trial.LowerCase {
			h.name = strings.ToLower(h.name)
		}
		out.WriteString(h.name + ": " + h.value + "\r\n")
	}
	out.WriteString("\r\n")
	return out.Bytes()
}

// token makes the value of the header of a delivery, or takes that of the delivery before.
func (t *Transport) token(d *trial.Delivery, now time.Time) (value string, absent bool) {
	value, absent = d.Token.Make(t.Target.Secret, t.Target.NextSecret, d.Body, now.Add(t.Clock))
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case d.Token == trial.Right:
		t.earlier = value
	case d.Token == trial.Short:
		t.short[d.Source+d.ID] = value
	case d.Token == trial.Spent && t.short[d.Source+d.ID] != "":
		value = t.short[d.Source+d.ID]
	case d.Token == trial.Earlier && t.earlier != "":
		value = t.earlier
	}
	return value, absent
}

// chunked writes the body in chunks, each a piece.
func chunked(head, body []byte) []piece {
	all := []piece{{0, head}}
	for next := range slices.Chunk(body, max(1, (len(body)+chunks-1)/chunks)) {
		chunk := strconv.AppendInt(nil, int64(len(next)), 16)
		chunk = append(append(append(chunk, "\r\n"...), next...), "\r\n"...)
		all = append(all, piece{0, chunk})
	}
	last := &all[len(all)-1]
	last.bytes = append(last.bytes, "0\r\n\r\n"...)
	return all
}

// mostHeld is how much of a body is held back at the most: one that fits is sent in one packet, so that
// the consumer need not be able to put a body together.
const mostHeld = 8 << 10

// heldBack takes the end away that is held back in a burst: the body, if it is short and travels with
// the head, and else its last byte.
func heldBack(all []piece, body int) (before, last []piece) {
	for len(all) > 1 && len(all[len(all)-1].bytes) == 0 { // an empty body in two pieces
		all = all[:len(all)-1]
	}
	before = slices.Clone(all)
	end := &before[len(before)-1]
	held := 1
	if len(all) == 1 && body > 0 && body <= mostHeld {
		held = body
	}
	n := len(end.bytes) - held
	last = []piece{{0, end.bytes[n:]}}
	end.bytes = end.bytes[:n]
	return before, last
}
