package snapshots

import (
	"bytes"
	"io"
	"log"
	"net"
	"sync"
)

// listener has connections that remember the head of the request.
type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &heard{Conn: c}, nil
}

type heardKey struct{}

// heard remembers what was read since the last answer.
type heard struct {
	net.Conn
	mu   sync.Mutex
	read []byte
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.read) < 64<<10 { // a head is never longer
		h.read = append(h.read, p[:n]...)
	}
	return n, err
}

func (h *heard) Write(p []byte) (int, error) {
	if !bytes.HasPrefix(p, []byte("HTTP/1.1 100 ")) {
		h.mu.Lock()
		h.read = nil
		h.mu.Unlock()
	}
	return h.Conn.Write(p)
}

// spelled reports whether the head has a name in this spelling, or does not have it at all.
func (h *heard) spelled(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	head, _, _ := bytes.Cut(h.read, []byte("\r\n\r\n"))
	return bytes.Contains(head, []byte("\r\n"+name+":"))
}

// quiet swallows what servers say about handlers that panic.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
