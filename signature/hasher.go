package signature

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
)

// hasher makes SHA-256 of bodies, and HMAC-SHA-256 of messages that begin alike. crypto/hmac keeps
// the states of SHA-256 behind the two forms of the key, and so does hasher; but hasher also keeps
// the one behind a block of the message. See FIPS 198-1, section 6.
type hasher struct {
	inner, outer   digest
	fresh          []byte // state of either behind nothing
	keyed, started []byte // states of inner: behind the key, and behind what start was given
	before         int    // bytes that made started
	sealed         []byte // state of outer behind the key
	direct         bool   // sums are read from states
	state, text    []byte // the last ones, kept for their memory
}

// digest is what sha256.New returns.
type digest interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

func newHasher(secret Secret) *hasher {
	h := &hasher{inner: sha256.New().(digest), outer: sha256.New().(digest)}
	var key [sha256.BlockSize]byte
	if len(secret) > len(key) {
		short := sha256.Sum256(secret)
		secret = short[:]
	}
	copy(key[:], secret)
	padded := func(with byte) []byte {
		block := key
		for i := range block {
			block[i] ^= with
		}
		return block[:]
	}
	h.fresh = stateOf(h.inner)
	h.inner.Write(padded(0x36))
	h.outer.Write(padded(0x5c))
	h.keyed, h.sealed = stateOf(h.inner), stateOf(h.outer)
	want := h.outer.Sum(nil)
	h.direct = len(h.sealed) >= sumAt+sha256.Size
	h.direct = h.direct && bytes.Equal(h.sum(h.outer, h.sealed, sha256.BlockSize, nil), want)
	return h
}

// start says how the messages begin that are given to finish, until it is called again.
func (h *hasher) start(text []byte) {
	restore(h.inner, h.keyed)
	h.inner.Write(text)
	h.started, _ = h.inner.AppendBinary(h.started[:0]) // fails for no state
	h.before = sha256.BlockSize + len(text)
}

// finish is the HMAC of what start was given and text behind it. It holds until the next call.
func (h *hasher) finish(text []byte) []byte {
	return h.sum(h.outer, h.sealed, sha256.BlockSize, h.sum(h.inner, h.started, h.before, text))
}

// hash is the SHA-256 of a body.
func (h *hasher) hash(body []byte) [sha256.Size]byte {
	const most = 4096 // bytes that are rather copied than hashed in two parts
	if len(body) > most {
		return sha256.Sum256(body)
	}
	return [sha256.Size]byte(h.sum(h.inner, h.fresh, 0, body))
}

// sumAt is where the eight words of SHA-256 stand in a state. Nobody has promised that, so newHasher
// tries it.
const sumAt = 4

// sum goes on from a state, behind so many bytes, with text. A digest's own Sum works on a copy, so
// that one may go on, and hashes the padding by itself, which is a fifth of the time of an HMAC.
// Instead, text is padded here as SHA-256 wants it (FIPS 180-4, section 5.1), and what comes of that
// is read from the state.
func (h *hasher) sum(d digest, state []byte, before int, text []byte) []byte {
	restore(d, state)
	if !h.direct {
		d.Write(text)
		h.state = d.Sum(h.state[:0])
		return h.state
	}
	const block, length = sha256.BlockSize, 8
	bits := uint64(before+len(text)) * 8
	h.text = append(append(h.text[:0], text...), 0x80)
	zeros := (2*block - length - (before+len(h.text))%block) % block
	h.text = append(h.text, make([]byte, zeros)...)
	h.text = binary.BigEndian.AppendUint64(h.text, bits)
	d.Write(h.text)
	h.state, _ = d.AppendBinary(h.state[:0]) // fails for no state
	return h.state[sumAt : sumAt+sha256.Size]
}

func stateOf(d digest) []byte {
	state, _ := d.AppendBinary(nil) // fails for no state
	return state
}

func restore(d digest, state []byte) {
	if err := d.UnmarshalBinary(state); err != nil {
		panic("signature: SHA-256 refuses its own state: " + err.Error())
	}
}
