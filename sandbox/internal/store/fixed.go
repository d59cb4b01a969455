package store

import (
	"encoding/binary"
)

// shorts are numbers below 65536, of two bytes each, which are read in their places: a search looks at many blocks, and at few numbers of some.
type shorts []byte

func (s shorts) at(i int) int { return int(binary.LittleEndian.Uint16(s[2*i:])) }

func appendShort(b []byte, n int) []byte { return binary.LittleEndian.AppendUint16(b, uint16(n)) }

// longs are numbers below 2³², of four bytes each.
type longs []byte

func (s longs) at(i int) int64 { return int64(binary.LittleEndian.Uint32(s[4*i:])) }

// slice reads so many bytes, no more than are left.
func (r *numbers) slice(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.failed, r.rest = true, nil
		return make([]byte, max(n, 0))
	}
	part := r.rest[:n:n]
	r.rest = r.rest[n:]
	return part
}

// count reads how many items follow, each of a byte at least.
func (r *numbers) count() int {
	n := r.unsigned()
	if n > uint64(len(r.rest)) {
		r.failed, r.rest = true, nil
		return 0
	}
	return int(n)
}

// keys reads a list of keys.
func (r *numbers) keys() (all []int64) {
	for range r.count() {
		all = append(all, r.signed())
	}
	return all
}

func appendKeys(b []byte, all []int64) []byte {
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, key := range all {
		b = binary.AppendVarint(b, key)
	}
	return b
}

// moments reads moments, each as the difference to the one before.
func moments(differences []byte, n int) ([]int64, error) {
	r := numbers{rest: differences}
	all := make([]int64, n)
	at := int64(0)
	for i := range all {
		at += r.signed()
		all[i] = at
	}
	if r.failed {
		return nil, errBlock
	}
	return all, nil
}

func appendMoments(b []byte, all []int64) []byte {
	before := int64(0)
	for _, at := range all {
		b = binary.AppendVarint(b, at-before)
		before = at
	}
	return b
}

// place returns where a value is in a list, at its end if it is new.
func place[T comparable](all *[]T, known map[T]int, v T) int {
	i, seen := known[v]
	if !seen {
		i = len(*all)
		known[v], *all = i, append(*all, v)
	}
	return i
}
