//go:build unix

package wire

import (
	"net"
	"os"
	"syscall"
)

// glance looks at the socket of an idle connection without waiting.
type glance struct {
	socket syscall.RawConn
	read   func(socket uintptr) bool // made once: it would be an allocation each time
	buffer [1]byte
	silent bool

	write   func(socket uintptr) bool
	request []byte // that write sends
	sent    int    // bytes of it
	err     error
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
	g.write = func(socket uintptr) bool {
		if g.sent > 0 {
			return true // there is something to read
		}
		n, err := syscall.Write(int(socket), g.request)
		if err != nil && err != syscall.EAGAIN && err != syscall.EINTR {
			g.err = &net.OpError{Op: "write", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("write", err)}
		}
		g.sent = max(n, 0)
		return g.sent < len(g.request) // the ordinary way does the rest
	}
	return g
}

// quiet reports whether the connection is open and nothing has come. A byte that has come is
// taken away, so the connection must not be used then.
func (g *glance) quiet() bool {
	return g.socket.Read(g.read) == nil && g.silent
}

// ask writes a request and waits until there is something to read, or the socket's deadline is over. It returns
// how much was written at once. The wait begins where readiness to be read is forgotten, before the write: who writes
// first and then reads, tries in vain before it waits, which is a system call more.
func (g *glance) ask(request []byte) (int, error) {
	g.request, g.sent, g.err = request, 0, nil
	_ = g.socket.Read(g.write) // that the wait has failed, whoever reads will find, too
	g.request = nil
	return g.sent, g.err
}
