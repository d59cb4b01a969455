package signature

import (
	"crypto/sha256"
	"encoding"
	"hash"
)

// mac makes HMAC-SHA-256 of messages that begin alike. crypto/hmac keeps the states of SHA-256
// behind the two forms of the key, and so does mac; but mac also keeps the one behind a block of
// the message. See FIPS 198-1, section 6.
type mac struct {
	inner, outer   digest
	keyed, started []byte // states of inner: behind the key, and behind what start was given
	sealed         []byte // state of outer behind the key
	sum            []byte // the last one, kept for its memory
}

// digest is what sha256.New returns.
type digest interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

func newMAC(secret Secret) *mac {
	m := &mac{inner: sha256.New().(digest), outer: sha256.New().(digest), sum: make([]byte, 0, sha256.Size)}
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
	m.inner.Write(padded(0x36))
	m.outer.Write(padded(0x5c))
	m.keyed, m.sealed = state(nil, m.inner), state(nil, m.outer)
	return m
}

// start says how the messages begin that are given to finish, until it is called again.
func (m *mac) start(text []byte) {
	restore(m.inner, m.keyed)
	m.inner.Write(text)
	m.started = state(m.started[:0], m.inner)
}

// finish is the HMAC of what start was given and text behind it. It holds until the next call.
func (m *mac) finish(text []byte) []byte {
	restore(m.inner, m.started)
	m.inner.Write(text)
	m.sum = m.inner.Sum(m.sum[:0])
	restore(m.outer, m.sealed)
	m.outer.Write(m.sum)
	m.sum = m.outer.Sum(m.sum[:0])
	return m.sum
}

func state(dst []byte, d digest) []byte {
	dst, _ = d.AppendBinary(dst) // fails for no state
	return dst
}

func restore(d digest, state []byte) {
	if err := d.UnmarshalBinary(state); err != nil {
		panic("signature: SHA-256 refuses its own state: " + err.Error())
	}
}
