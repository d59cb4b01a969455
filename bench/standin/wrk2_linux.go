package main

import (
	"fmt"
	"math"
	"syscall"
	"time"
	"unsafe"
)

// stagger is how far the first requests of two connections are apart, as wrk2 has it.
const stagger = 5 * time.Millisecond

// likeWrk2 makes the system calls of wrk2, in its order. For each request these are: after the
// answer, the wish to write; once epoll says that this is possible, though not yet due, the
// wish withdrawn and a timer of whole milliseconds; after that the wish again, the write, and
// the wish withdrawn. With the read that makes six calls, and up to three waits that several
// connections may share.
func (x *sender) likeWrk2() error {
	for i, c := range x.conns {
		c.first = int64(i) * int64(stagger)
		c.timer = max(c.first, 1)
	}
	for now := x.elapsed(); now < int64(x.lasting); now = x.elapsed() {
		n, err := x.await(x.untilTimer(now))
		if err != nil {
			return err
		}
		for _, e := range x.events[:n] {
			c := x.conns[e.Fd]
			if e.Events&(syscall.EPOLLIN|syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
				err = x.answer(c)
			} else {
				err = x.writable(c)
			}
			if err != nil {
				return err
			}
		}
		if err := x.timers(); err != nil {
			return err
		}
	}
	return nil
}

// untilTimer is how long to wait for the next timer, in whole milliseconds.
func (x *sender) untilTimer(now int64) int {
	next := int64(math.MaxInt64)
	for _, c := range x.conns {
		if c.timer > 0 {
			next = min(next, c.timer)
		}
	}
	if next == math.MaxInt64 {
		return 100
	}
	return int(max(next/1e6-now/1e6, 0))
}

// timers wishes to write where a timer has run out and the request is due.
func (x *sender) timers() error {
	now := x.elapsed() / 1e6
	for _, c := range x.conns {
		if c.timer == 0 || c.timer/1e6 > now {
			continue
		}
		if x.early(c) {
			continue
		}
		c.timer = 0
		if err := x.wish(c, syscall.EPOLLIN|syscall.EPOLLOUT); err != nil {
			return err
		}
	}
	return nil
}

// dueBy is when the next request of c is to leave by its own schedule, in ns since the beginning.
func (x *sender) dueBy(c *conn) int64 {
	return c.first + c.count*int64(len(x.conns))*1e9/int64(x.rate)
}

// early reports whether the next request of c is not due, and then sets a timer: half a
// millisecond to one and a half later than it is due.
func (x *sender) early(c *conn) bool {
	due, now := x.dueBy(c), x.elapsed()
	if due <= now {
		return false
	}
	ms := math.Round(float64(due-now)/1e6 + 0.5)
	c.timer = now + int64(ms)*1e6
	return true
}

func (x *sender) answer(c *conn) error {
	if err := x.read(c); err != nil || c.waiting {
		return err
	}
	c.count++
	return x.wish(c, syscall.EPOLLIN|syscall.EPOLLOUT)
}

func (x *sender) writable(c *conn) error {
	if !x.early(c) {
		if err := x.write(c); err != nil {
			return err
		}
	}
	return x.wish(c, syscall.EPOLLIN)
}

// wish says which events of c are wanted from now on.
func (x *sender) wish(c *conn, events uint32) error {
	e := syscall.EpollEvent{Events: events, Fd: c.index}
	if _, _, no := syscall.RawSyscall6(syscall.SYS_EPOLL_CTL, uintptr(x.poll), syscall.EPOLL_CTL_MOD, uintptr(c.fd), uintptr(unsafe.Pointer(&e)), 0, 0); no != 0 {
		return fmt.Errorf("epoll_ctl: %w", no)
	}
	return nil
}
