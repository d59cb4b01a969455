package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
	"unsafe"
)

// sender is the one thread that sends.
type sender struct {
	settings
	request        []byte
	poll           int
	conns          []*conn
	began          time.Time
	events         [256]syscall.EpollEvent
	buf            [4096]byte // what one answer can take
	sent, answered int
}

// conn is one connection.
type conn struct {
	fd      int
	index   int32 // in the list of all
	waiting bool  // for an answer

	// For the way of wrk2 alone, in ns since the beginning.
	first int64 // moment of its first request
	count int64 // requests answered
	timer int64 // when to look again; 0: there is no timer
}

// send opens the connections and sends until the time is over.
func send(s settings, to netip.AddrPort, request []byte) (sent, answered int, err error) {
	runtime.LockOSThread()
	debug.SetGCPercent(-1) // nothing is allocated while it sends
	sharpen()
	x := &sender{settings: s, request: request}
	if x.poll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return 0, 0, err
	}
	defer syscall.Close(x.poll)
	defer func() {
		for _, c := range x.conns {
			syscall.Close(c.fd)
		}
	}()
	for range s.connections {
		if err := x.connect(to); err != nil {
			return 0, 0, fmt.Errorf("connect to %s: %w", to, err)
		}
	}
	x.began = time.Now()
	if s.way == "wrk2" {
		err = x.likeWrk2()
	} else {
		err = x.byMoments()
	}
	return x.sent, x.answered, err
}

// sharpen makes sleeps end on time: by default they may last 50 µs longer.
func sharpen() {
	const setSlack = 29 // PR_SET_TIMERSLACK
	syscall.RawSyscall(syscall.SYS_PRCTL, setSlack, 1, 0)
}

func (x *sender) connect(to netip.AddrPort) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	c := &conn{fd: fd, index: int32(len(x.conns))}
	x.conns = append(x.conns, c)
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
		return err
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		return err
	}
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	// The event carries the index of the connection in place of its descriptor.
	return syscall.EpollCtl(x.poll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: c.index})
}

// elapsed is the time since the beginning, in ns.
func (x *sender) elapsed() int64 { return int64(time.Since(x.began)) }

// write sends the request. Like all calls here it leaves the Go scheduler out: telling it would cost
// more than the calls, and the thread has nobody to share its processor with.
func (x *sender) write(c *conn) error {
	n, _, no := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(x.request))), uintptr(len(x.request)))
	if no != 0 || int(n) < len(x.request) {
		return fmt.Errorf("write: %w, %d of %d bytes", no, n, len(x.request))
	}
	c.waiting = true
	x.sent++
	return nil
}

// read takes an answer, which is that of bench's sink: short, without a body, and whole at once.
func (x *sender) read(c *conn) error {
	n, _, no := syscall.RawSyscall(syscall.SYS_READ, uintptr(c.fd), uintptr(unsafe.Pointer(&x.buf)), uintptr(len(x.buf)))
	if no == syscall.EAGAIN || no == syscall.EINTR {
		return nil
	}
	if no != 0 {
		return fmt.Errorf("read: %w", no)
	}
	if got := x.buf[:n]; !c.waiting || !bytes.HasPrefix(got, []byte("HTTP/1.1 200 ")) || !bytes.HasSuffix(got, []byte("\r\n\r\n")) {
		return fmt.Errorf("want an answer with status 200 and no body, got %q", got)
	}
	c.waiting = false
	x.answered++
	return nil
}

// due is when the next request is to leave by the one schedule, in ns since the beginning.
func (x *sender) due() int64 { return int64(x.sent) * 1e9 / int64(x.rate) }

// byMoments has one schedule: the k-th request leaves at k ÷ rate, by the connection that has
// rested longest. It sleeps between the moments and is not woken by answers, which it reads
// once half of the connections wait for theirs: one sleep, one write and one read each.
func (x *sender) byMoments() error {
	free := make([]*conn, len(x.conns)) // a ring; head is the next to use, of so many
	copy(free, x.conns)
	head, resting := 0, len(free)
	for now := x.elapsed(); now < int64(x.lasting); now = x.elapsed() {
		for ; resting > 0 && x.due() <= now; resting-- {
			if err := x.write(free[head]); err != nil {
				return err
			}
			head = (head + 1) % len(free)
		}
		if resting > len(free)/2 {
			x.sleep()
			continue
		}
		patience := 0
		if resting == 0 {
			patience = 100
		}
		n, err := x.await(patience)
		if err != nil {
			return err
		}
		for _, e := range x.events[:n] {
			c := x.conns[e.Fd]
			if err := x.read(c); err != nil {
				return err
			}
			if !c.waiting {
				free[(head+resting)%len(free)] = c
				resting++
			}
		}
		if n == 0 && resting > 0 {
			x.sleep()
		}
	}
	return nil
}

// sleep lasts until the next request is due.
func (x *sender) sleep() {
	if wait := x.due() - x.elapsed(); wait > 0 {
		t := syscall.NsecToTimespec(wait)
		syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&t)), 0, 0)
	}
}

// await waits for events, for so many milliseconds at most, and tells how many there are.
func (x *sender) await(patience int) (int, error) {
	n, _, no := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(x.poll), uintptr(unsafe.Pointer(&x.events)), uintptr(len(x.events)), uintptr(patience), 0, 0)
	if no == syscall.EINTR {
		return 0, nil
	}
	if no != 0 {
		return 0, fmt.Errorf("epoll_pwait: %w", no)
	}
	return int(n), nil
}
