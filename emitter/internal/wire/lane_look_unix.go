//go:build unix

package wire

import (
	"net"
	"syscall"
)

// glance looks at the socket of an idle connection without waiting.
type glance struct {
	socket syscall.RawConn
	read   func(socket uintptr) bool // made once: it would be an allocation each time
	buffer [1]byte
	silent bool
}

// newGlance returns nil for a connection that is no socket.
func newGlance(c net.Conn) *glance {
	if tracked, ok := c.(*trackedConn); ok {
		c = tracked.Conn
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	socket, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	g := &glance{socket: socket}
	g.read = func(socket uintptr) bool {
		_, err := syscall.Read(int(socket), g.buffer[:])
		g.silent = err == syscall.EAGAIN
		return true
	}
	return g
}

// quiet reports whether the connection is open and nothing has come. A byte that has come is
// taken away, so the connection must not be used then.
func (g *glance) quiet() bool {
	return g.socket.Read(g.read) == nil && g.silent
}
