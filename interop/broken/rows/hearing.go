package rows

import (
	"bytes"
	"net"
	"net/http"
	"sync"
)

// hearing is a listener whose connections remember what was said, since net/http changes the names
// of headers before anybody sees them.
type hearing struct{ net.Listener }

func (l hearing) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &heard{Conn: conn}, err
}

type heardKey struct{}

// heard keeps the last of what it has read.
type heard struct {
	net.Conn
	mu   sync.Mutex
	last []byte
}

func (h *heard) Read(b []byte) (int, error) {
	n, err := h.Conn.Read(b)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last = append(h.last, b[:n]...); len(h.last) > 64<<10 {
		h.last = append([]byte(nil), h.last[len(h.last)-32<<10:]...)
	}
	return n, err
}

// spelled reports whether the last request names a header in this spelling.
func spelled(r *http.Request, name string) bool {
	h, is := r.Context().Value(heardKey{}).(*heard)
	if !is {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	last := h.last[max(0, bytes.LastIndex(h.last, []byte("POST /"))):]
	return bytes.Contains(last, []byte("\n"+name+":"))
}
