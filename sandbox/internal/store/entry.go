package store

import (
	"encoding/binary"
	"errors"
	"strconv"
	"time"

	"github.com/ringback/ringback/signature"
)

// entry is what became of a delivery of a pack: what it has been since its first attempt, and that attempt.
type entry struct {
	position int // in the pack
	delivery Delivery
	attempt  *Attempt // nil: none is kept
}

// The values of a header that differ from request to request stand in the entry, and this in the form.
const varies = "\x00"

// formOf returns the form of a header, as the text by which it is known, and what it leaves out.
func formOf(b []byte, h Header) (form []byte, length uint64, token string) {
	for _, pair := range h {
		value := pair[1]
		switch pair[0] {
		case "Content-Length":
			if n, err := strconv.ParseUint(value, 10, 32); err == nil && n > 0 && strconv.FormatUint(n, 10) == value {
				length, value = n, varies
			}
		case signature.HeaderName:
			if value != "" {
				token, value = value, varies
			}
		}
		b = append(append(append(append(b, pair[0]...), 1), value...), 2)
	}
	return b, length, token
}

// headerOf puts into a form what it leaves out.
func headerOf(form Header, length uint64, token string) Header {
	h := make(Header, len(form))
	for i, pair := range form {
		if h[i] = pair; pair[1] != varies {
			continue
		}
		if h[i][1] = token; pair[0] == "Content-Length" {
			h[i][1] = strconv.FormatUint(length, 10)
		}
	}
	return h
}

// appendEntry writes an entry. Form is the key of the attempt's; 0: it has no header.
func appendEntry(b []byte, position int, d *Delivery, a *Attempt, form int64, length uint64, token string) []byte {
	b = binary.AppendUvarint(b, uint64(position))
	b = binary.AppendVarint(b, int64(d.Attempts))
	b = binary.AppendVarint(b, ns(d.First))
	b = binary.AppendVarint(b, int64(d.Status))
	b = binary.AppendVarint(b, d.LatencyUS)
	if a == nil {
		return append(b, 0)
	}
	b = binary.AppendVarint(append(b, 1), a.Number)
	b = binary.AppendVarint(b, int64(a.Try))
	b = binary.AppendVarint(b, ns(a.Sent)-ns(d.First))
	b = binary.AppendVarint(b, a.LatencyUS)
	b = binary.AppendVarint(b, int64(a.Status))
	b = binary.AppendVarint(b, form)
	b = binary.AppendUvarint(b, length)
	b = binary.AppendUvarint(b, uint64(len(token)))
	return append(b, token...)
}

var errEntry = unreadable{errors.New("what became of deliveries cannot be read")}

// numbers reads numbers one after the other. Behind the end, or what is none, it has failed.
type numbers struct {
	rest   []byte
	failed bool
}

func (r *numbers) signed() int64 {
	v, n := binary.Varint(r.rest)
	return take(r, v, n)
}

func (r *numbers) unsigned() uint64 {
	v, n := binary.Uvarint(r.rest)
	return take(r, v, n)
}

// bytes reads so many, no more than are left.
func (r *numbers) bytes(n uint64) string {
	if n > uint64(len(r.rest)) {
		r.failed, r.rest = true, nil
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}

func take[T int64 | uint64](r *numbers, v T, n int) T {
	if n <= 0 {
		r.failed, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// momentOf is the moment of the value of a column.
func momentOf(ns int64) (t time.Time) {
	_ = moment{&t}.Scan(ns) // never fails
	return t
}

// eachEntry calls f with the position in its pack, the moment of the first attempt and the status of each entry of a chunk.
func eachEntry(chunk []byte, f func(position int, first, status int64)) error {
	for r := (numbers{rest: chunk}); len(r.rest) > 0; {
		position := int(r.unsigned())
		_ = r.signed() // attempts
		first, status := r.signed(), r.signed()
		_ = r.signed() // latency
		if r.unsigned() != 0 {
			for range 6 { // number, try, moment, latency, status and form of the attempt
				_ = r.signed()
			}
			_ = r.unsigned() // length
			_ = r.bytes(r.unsigned())
		}
		if r.failed {
			return errEntry
		}
		f(position, first, status)
	}
	return nil
}

// readEntries reads the entries of a chunk. Forms gives the header of a form.
func readEntries(chunk []byte, forms func(key int64) (Header, error)) (all []entry, err error) {
	for r := (numbers{rest: chunk}); len(r.rest) > 0; {
		e := entry{position: int(r.unsigned())}
		d := &e.delivery
		d.State, d.Attempts, d.First = Delivered, int(r.signed()), momentOf(r.signed())
		first := ns(d.First)
		d.Status, d.LatencyUS, d.Outcome = int(r.signed()), r.signed(), OutcomeAccepted
		if r.unsigned() != 0 {
			a := &Attempt{Number: r.signed(), Try: int(r.signed()), Sent: momentOf(first + r.signed()), LatencyUS: r.signed(), Status: int(r.signed()), Outcome: OutcomeAccepted}
			form, length := r.signed(), r.unsigned()
			token := r.bytes(r.unsigned())
			if form != 0 && !r.failed {
				h, err := forms(form)
				if err != nil {
					return nil, err
				}
				a.Header = headerOf(h, length, token)
			}
			e.attempt = a
		}
		if all = append(all, e); r.failed {
			return nil, errEntry
		}
	}
	return all, nil
}
