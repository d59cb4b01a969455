package main

import (
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// loop serves all connections on one thread.
type loop struct {
	settings
	*tally
	poll, listener int
	conns          map[int]*conn
	buf            []byte // what one read can take
	out            []byte // answers of one read
	late           []owed // answers that wait for their moment, the earliest first
}

// conn is one connection.
type conn struct {
	fd   int
	rest []byte // of a request that is not whole yet
}

// owed is an answer that waits.
type owed struct {
	to   *conn
	at   int64
	last bool
}

// serveLoop serves until stop. It calls ready once with its address.
func serveLoop(s settings, t *tally, stop <-chan os.Signal, ready func(string)) error {
	runtime.LockOSThread()
	debug.SetGCPercent(400)
	l := &loop{settings: s, tally: t, conns: map[int]*conn{}, buf: make([]byte, 256<<10)}
	if err := l.open(ready); err != nil {
		return err
	}
	defer syscall.Close(l.poll)
	defer syscall.Close(l.listener)
	events := make([]syscall.EpollEvent, 256)
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		n, err := syscall.EpollWait(l.poll, events, l.patience())
		if err != nil && err != syscall.EINTR {
			return fmt.Errorf("epoll: %w", err)
		}
		for _, e := range events[:max(n, 0)] {
			if int(e.Fd) == l.listener {
				l.accept()
			} else if c := l.conns[int(e.Fd)]; c != nil {
				l.read(c)
			}
		}
		l.settle()
	}
}

func (l *loop) open(ready func(string)) (err error) {
	addr, err := netip.ParseAddrPort(l.listen)
	if err != nil || !addr.Addr().Is4() {
		return fmt.Errorf("--listen: want an IPv4 address and a port, got %q", l.listen)
	}
	if l.listener, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	syscall.SetsockoptInt(l.listener, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	if err := syscall.Bind(l.listener, &syscall.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}); err != nil {
		return fmt.Errorf("bind %s: %w", addr, err)
	}
	if err := syscall.Listen(l.listener, 4096); err != nil {
		return err
	}
	bound, err := syscall.Getsockname(l.listener)
	if err != nil {
		return err
	}
	if l.poll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if err := l.watch(l.listener); err != nil {
		return err
	}
	ready(netip.AddrPortFrom(addr.Addr(), uint16(bound.(*syscall.SockaddrInet4).Port)).String())
	return nil
}

func (l *loop) watch(fd int) error {
	return syscall.EpollCtl(l.poll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

// patience is how long to wait for events, in ms: a tenth of a second at most, to see stop.
func (l *loop) patience() int {
	if len(l.late) == 0 {
		return 100
	}
	wait := time.Duration(l.late[0].at - time.Now().UnixNano())
	return int(min(max(wait, 0)+time.Millisecond-1, 100*time.Millisecond) / time.Millisecond)
}

func (l *loop) accept() {
	for {
		fd, _, err := syscall.Accept4(l.listener, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		if err != nil {
			return // nobody waits any more
		}
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
		if l.watch(fd) != nil {
			syscall.Close(fd)
			continue
		}
		l.conns[fd] = &conn{fd: fd}
		l.counts.Connections++
	}
}

func (l *loop) close(c *conn) {
	if len(c.rest) > 0 {
		l.counts.Torn++
	}
	delete(l.conns, c.fd)
	syscall.Close(c.fd)
}

// read takes what is there and answers the requests that are whole.
func (l *loop) read(c *conn) {
	n, err := syscall.Read(c.fd, l.buf)
	if err == syscall.EAGAIN || err == syscall.EINTR {
		return
	}
	if n <= 0 || err != nil {
		l.close(c)
		return
	}
	now := time.Now().UnixNano()
	got := l.buf[:n]
	if len(c.rest) > 0 {
		c.rest = append(c.rest, got...)
		got = c.rest
	}
	l.out = l.out[:0]
	last := false
	for len(got) > 0 && !last {
		r, used, err := parse(got)
		if err != nil {
			l.counts.Malformed++
			c.rest = c.rest[:0]
			l.close(c)
			return
		}
		if used == 0 {
			break
		}
		last = l.take(c, &r, now)
		got = got[used:]
	}
	c.rest = append(c.rest[:0], got...)
	if l.send(c) && last {
		l.close(c)
	}
}

// take counts a request and prepares or owes its answer. It reports whether to close after
// what is prepared.
func (l *loop) take(c *conn, r *request, now int64) (last bool) {
	if string(r.method) == "GET" {
		l.out = append(l.out, l.control(r.path, now)...)
		return r.last
	}
	if string(r.method) == "POST" {
		l.add(r, now)
	}
	switch {
	case l.hang && string(r.method) == "POST":
		return false
	case l.delay > 0:
		l.late = append(l.late, owed{c, now + int64(l.delay), r.last})
		return false
	}
	l.out = append(l.out, answer...)
	return r.last
}

// settle sends the answers whose moment has come.
func (l *loop) settle() {
	now := time.Now().UnixNano()
	for len(l.late) > 0 && l.late[0].at <= now {
		o := l.late[0]
		l.late = l.late[1:]
		if l.conns[o.to.fd] != o.to {
			continue // the sender did not wait
		}
		l.out = append(l.out[:0], answer...)
		if l.send(o.to) && o.last {
			l.close(o.to)
		}
	}
}

// send writes out and reports whether the connection still stands. Answers fit into a
// socket's buffer; what does not, a long report, is worth a blocking write.
func (l *loop) send(c *conn) bool {
	for left := l.out; len(left) > 0; {
		n, err := syscall.Write(c.fd, left)
		switch err {
		case nil:
			left = left[n:]
		case syscall.EAGAIN:
			syscall.SetNonblock(c.fd, false)
			defer syscall.SetNonblock(c.fd, true)
		case syscall.EINTR:
		default:
			l.close(c)
			return false
		}
	}
	return true
}
