package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/ringback/ringback/emitter/internal/pace"
)

// parked is a connection that waits in a Poll, without a goroutine: neither reading nor writing waits. Its deadline is kept by
// whoever waits.
type parked struct {
	*net.TCPConn // what it was before, closed; for its addresses
	poll         *pace.Poll

	heard func() // the owner's; nil between requests
	quiet bool   // nothing was heard between requests, and no end
	ended bool   // the other side says no more

	stamp   [64]byte  // control messages of the last read
	arrived time.Time // when its last bytes were there; zero: the system does not tell
	unsent  []byte    // of what was written, where there was no room for it

	mu     sync.Mutex // the end of a run, or of a rest, may close it
	fd     int        // -1: closed
	number int32
}

// do makes a system call, unless the connection is closed. It waits for nothing, so the scheduler need not know of it.
func (c *parked) do(name string, call func() (int, error)) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := net.ErrClosed
	for c.fd >= 0 {
		n, no := call()
		switch no {
		case nil:
			return n, nil
		case syscall.EAGAIN:
			return 0, errStarved
		case syscall.EINTR:
			continue
		}
		err = os.NewSyscallError(name, no)
		break
	}
	return 0, &net.OpError{Op: name, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// Read also learns when what it reads has arrived.
func (c *parked) Read(p []byte) (int, error) {
	stamped := 0
	n, err := c.do("read", func() (n int, err error) {
		n, stamped, _, _, err = syscall.Recvmsg(c.fd, p, c.stamp[:], 0)
		return n, err
	})
	if n == 0 && err == nil {
		err = io.EOF
	}
	c.arrived = time.Time{}
	if h := (*syscall.Cmsghdr)(unsafe.Pointer(&c.stamp)); stamped >= syscall.CmsgSpace(int(unsafe.Sizeof(syscall.Timespec{}))) && h.Type == syscall.SO_TIMESTAMPNS {
		at := (*syscall.Timespec)(unsafe.Pointer(&c.stamp[syscall.CmsgLen(0)]))
		now := time.Now()
		c.arrived = now.Add(-max(0, now.Sub(time.Unix(at.Unix())))) // of the clock that nobody sets
	}
	return n, err
}

// Write keeps what there is no room for: a record of TLS cannot be written a second time.
func (c *parked) Write(p []byte) (int, error) {
	n, err := c.do("write", func() (int, error) {
		n, _, no := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		if no != 0 {
			return 0, no
		}
		return int(n), nil
	})
	if err != nil && err != errStarved {
		return n, err
	}
	c.unsent = append(c.unsent, p[n:]...)
	return len(p), nil
}

func (c *parked) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fd < 0 {
		return net.ErrClosed
	}
	return syscall.Close(c.takeOut())
}

// takeOut makes it closed, though its socket is not.
func (c *parked) takeOut() (fd int) {
	c.poll.Remove(c.fd, c.number)
	fd, c.fd = c.fd, -1
	return fd
}

// SetDeadline does nothing.
func (c *parked) SetDeadline(time.Time) error { return nil }

// Heard is called by the Poll.
func (c *parked) Heard(ended bool) {
	c.ended = c.ended || ended
	if c.quiet = c.quiet && !ended; c.heard != nil {
		c.heard()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fd >= 0 && c.quiet { // what was heard may have been read before
		var one [1]byte
		_, _, err := syscall.Recvfrom(c.fd, one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		c.quiet = err == syscall.EAGAIN
	}
}

// parked is the connection if it waits in a Poll.
func (l *lane) parked() *parked {
	if l.conn == nil {
		return nil
	}
	tracked, _ := l.conn.wire.Conn.(*trackedConn)
	if tracked == nil {
		return nil
	}
	c, _ := tracked.Conn.(*parked)
	return c
}

// Park lets the connection wait in p between requests, without a goroutine, and reports whether it does.
func (l *lane) Park(p *pace.Poll) bool {
	if l.parked() != nil {
		return true
	}
	if l.conn == nil {
		return false
	}
	tracked, _ := l.conn.wire.Conn.(*trackedConn)
	if tracked == nil {
		return false
	}
	d := tracked.dialer
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, open := d.open[tracked]; !open {
		return false
	}
	tcp, ok := tracked.Conn.(*net.TCPConn)
	if !ok {
		return false
	}
	c := &parked{TCPConn: tcp, poll: p, fd: -1, quiet: true}
	raw, err := tcp.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { // Go's poller would wake another thread for each answer
			copied, _, no := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
			if no == 0 {
				c.fd = int(copied)
			}
		})
	}
	if c.fd < 0 {
		return false
	}
	_ = syscall.SetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1) // else answers have arrived when they are read
	if c.number = p.Add(c.fd, c); c.number == 0 {
		syscall.Close(c.fd)
		return false
	}
	tracked.Conn, l.conn.look = c, nil
	tcp.Close()
	return true
}

// unpark makes the connection an ordinary one. If that fails, it is closed.
func (l *lane) unpark() {
	c := l.parked()
	if c == nil {
		return
	}
	tracked := l.conn.wire.Conn.(*trackedConn)
	tracked.dialer.mu.Lock()
	defer tracked.dialer.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fd < 0 {
		return
	}
	file := os.NewFile(uintptr(c.takeOut()), "")
	defer file.Close()
	if plain, err := net.FileConn(file); err == nil {
		tracked.Conn = plain
		l.conn.look, l.conn.wire.set = newGlance(tracked), time.Time{}
	}
}

// Begin sends a request over a parked connection, and waits for nothing: heard is called when something has come, for Answered. It
// reports false if the request has to be sent by Send. If it could not be sent to its end, Resume has to do the rest.
func (l *lane) Begin(ctx context.Context, r *Request, heard func()) (begun, whole bool) {
	c := l.parked()
	if c != nil && !c.quiet {
		if c.quiet = !c.ended && l.conn.silent(true); !c.quiet { // such as new keys
			l.drop()
		}
	}
	if l.conn == nil || c == nil || r.Fresh || r.BodyFault != NoBodyFault || len(r.Body) > oneRecord {
		return false, false
	}
	start := time.Now()
	if !l.conn.begin(ctx, start, start.Add(r.Timeout)) {
		return false, false
	}
	l.out = l.target.appendRequest(l.out[:0], r)
	l.asked = exchange{start: start, due: start.Add(r.Timeout), kept: true, idle: start.Sub(l.conn.used)}
	c.unsent = nil
	if l.asked.failed = l.conn.send(l.out); l.asked.failed != nil && l.conn.wire.sent == 0 {
		l.drop()
		return false, false
	}
	l.conn.left = maxHeader
	if whole = len(c.unsent) == 0; whole {
		c.heard = heard
	}
	return true, whole
}

// Due is when the time for the request that was begun is over: from then on, Resume has its answer.
func (l *lane) Due() time.Time { return l.asked.due }

// Leave lets heard be called no more.
func (l *lane) Leave() { l.parked().heard = nil }

// Answered is what came of a request that was begun, and when, if the system tells. If it is not there yet, wait tells whether heard will be called again; else Resume
// has to wait for it.
func (l *lane) Answered(ctx context.Context, r *Request) (a Answer, arrived time.Time, there, wait bool) {
	c := l.conn
	a, again, err := c.plain()
	switch {
	case errors.Is(err, errStarved):
		return Answer{}, time.Time{}, false, true
	case err == nil && !again:
		seen, _ := c.in.Peek(c.in.Buffered())
		rest := &piece{whole: seen}
		part := &laneConn{over: rest, left: maxHeader, lease: c.lease}
		part.in = bufio.NewReaderSize(part, answerSize)
		if a, again, err = part.anyAnswer(l.target.url, r.discreet()); rest.starved {
			l.Leave()
			return Answer{}, time.Time{}, false, false
		}
		again = again && len(rest.whole) == 0
		c.lease, c.used = part.lease, part.used
		c.in.Discard(len(seen))
	}
	arrived = l.parked().arrived
	l.Leave()
	return l.answered(ctx, r, a, again, err), arrived, true, false
}

// piece is what was read of an answer, without an end.
type piece struct {
	net.Conn
	whole   []byte
	starved bool
}

func (p *piece) Read(b []byte) (int, error) {
	n, err := bytes.NewReader(p.whole).Read(b)
	p.whole = p.whole[n:]
	if err != nil {
		p.starved, err = true, errStarved
	}
	return n, err
}

// Resume waits for the answer to a request that was begun, on any goroutine, behind Leave.
func (l *lane) Resume(ctx context.Context, r *Request) Answer {
	rest := l.parked().unsent
	l.unpark()
	if err := l.conn.wire.limit(l.asked.due); err != nil {
		return l.answered(ctx, r, Answer{}, false, err)
	}
	if len(rest) > 0 {
		_, l.asked.failed = l.conn.wire.Write(rest)
	}
	a, again, err := l.conn.answer(l.target.url, r.discreet())
	return l.answered(ctx, r, a, again, err)
}
