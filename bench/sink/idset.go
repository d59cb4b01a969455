package main

import (
	"encoding/binary"
	"math/bits"
)

// idSet is an exact set of ids: a table with open addressing, without pointers, so that ten
// million ids cost the collector nothing. Longer ids than a slot holds go to a map.
type idSet struct {
	slots []slot // a power of two of them, at most half full
	used  int
	long  map[string]struct{}
}

// slot is the length of an id and its bytes; all zero is free.
type slot [32]byte

func newIDSet() *idSet { return &idSet{slots: make([]slot, 1<<16), long: map[string]struct{}{}} }

// add reports whether id was not there before.
func (s *idSet) add(id []byte) bool {
	var key slot
	if len(id) >= len(key) {
		if _, known := s.long[string(id)]; known {
			return false
		}
		s.long[string(id)] = struct{}{}
		return true
	}
	key[0] = byte(len(id))
	copy(key[1:], id)
	if 2*s.used >= len(s.slots) {
		s.grow()
	}
	if !s.put(key) {
		return false
	}
	s.used++
	return true
}

func (s *idSet) len() int { return s.used + len(s.long) }

func (s *idSet) put(key slot) bool {
	mask := uint64(len(s.slots) - 1)
	for i := hash(&key) & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case key:
			return false
		case slot{}:
			s.slots[i] = key
			return true
		}
	}
}

func (s *idSet) grow() {
	old := s.slots
	s.slots = make([]slot, 4*len(old))
	for _, key := range old {
		if key != (slot{}) {
			s.put(key)
		}
	}
}

// hash mixes all bytes of a key.
func hash(key *slot) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for i := 0; i < len(key); i += 8 {
		high, low := bits.Mul64(h^binary.LittleEndian.Uint64(key[i:]), 0xd6e8feb86659fd93)
		h = high ^ low ^ uint64(i)
	}
	return h ^ h>>32
}
