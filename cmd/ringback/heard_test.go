package main

import (
	"bytes"
	"regexp"
	"sync"
	"testing"
)

// heard is what a program writes, as far as it has come.
type heard struct {
	mu   sync.Mutex
	cond *sync.Cond
	text bytes.Buffer
	over bool
}

func newHeard() *heard {
	h := &heard{}
	h.cond = sync.NewCond(&h.mu)
	return h
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer h.cond.Broadcast()
	return h.text.Write(p)
}

// end says that nothing more comes.
func (h *heard) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
	h.cond.Broadcast()
}

// find waits until what was written behind the first from bytes matches, and returns the
// match with its groups, and where it ends.
func (h *heard) find(t *testing.T, form string, from int) (groups []string, end int) {
	t.Helper()
	re := regexp.MustCompile(form)
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		text := h.text.String()[from:]
		if at := re.FindStringSubmatchIndex(text); at != nil {
			return re.FindStringSubmatch(text), from + at[1]
		}
		if h.over {
			t.Fatalf("%q never comes; the end is\n%q", form, text[max(0, len(text)-4000):])
		}
		h.cond.Wait()
	}
}
