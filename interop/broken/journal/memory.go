package main

import (
	"container/list"
	"encoding/binary"
	"hash/fnv"
	"time"
)

// memory knows keys.
type memory interface {
	has(string) bool
	add(string)
}

func newMemory() memory {
	switch {
	case is("lru-of-1000"):
		return &lru{size: 1000, by: map[string]*list.Element{}, l: list.New()}
	case is("ttl-of-10s"):
		return &ttl{by: map[string]time.Time{}}
	case is("bloom-filter"):
		return &bloom{bits: make([]bool, 16384)}
	}
	return set{}
}

type set map[string]bool

func (s set) has(k string) bool { return s[k] }
func (s set) add(k string)      { s[k] = true }

type lru struct {
	size int
	by   map[string]*list.Element
	l    *list.List
}

func (c *lru) has(k string) bool {
	e := c.by[k]
	if e != nil {
		c.l.MoveToFront(e)
	}
	return e != nil
}

func (c *lru) add(k string) {
	c.by[k] = c.l.PushFront(k)
	if c.l.Len() > c.size {
		last := c.l.Back()
		delete(c.by, last.Value.(string))
		c.l.Remove(last)
	}
}

type ttl struct{ by map[string]time.Time }

func (c *ttl) has(k string) bool {
	until, ok := c.by[k]
	return ok && time.Now().Before(until)
}
func (c *ttl) add(k string) { c.by[k] = time.Now().Add(10 * time.Second) }

// bloom was sized for the test system.
type bloom struct{ bits []bool }

func (b *bloom) places(k string) [3]uint64 {
	h := fnv.New128a()
	h.Write([]byte(k))
	s := h.Sum(nil)
	x, y := binary.BigEndian.Uint64(s), binary.BigEndian.Uint64(s[8:])
	n := uint64(len(b.bits))
	return [3]uint64{x % n, (x + y) % n, (x + 2*y) % n}
}

func (b *bloom) has(k string) bool {
	for _, p := range b.places(k) {
		if !b.bits[p] {
			return false
		}
	}
	return true
}

func (b *bloom) add(k string) {
	for _, p := range b.places(k) {
		b.bits[p] = true
	}
}
