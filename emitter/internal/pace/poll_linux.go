package pace

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Listener is told that its socket has something to say, on the thread that waits: what came can be read, or, if ended, the other
// side says no more.
type Listener interface{ Heard(ended bool) }

// Poll is the wait of one thread for a moment and for sockets at once: a thread that waits, writes and reads by itself has no
// other one to wake. Add, Remove and Wake are for any goroutine.
type Poll struct {
	set, waker int // epoll, and an eventfd in it
	events     [64]syscall.EpollEvent
	there      bool // the last wait ended with an event
	limit      syscall.Timespec
	files      struct { // as poll(2) wants it
		fd             int32
		events, became int16
	}

	woken, asleep atomic.Bool

	mu      sync.Mutex
	sockets map[int32]Listener // by the number that their events carry; nil: closed
	last    int32
}

const epollEdge = 1 << 31 // EPOLLET, which package syscall has as a negative number

// newPoll returns nil where the system lends no more files.
func newPoll() *Poll {
	set, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil
	}
	waker, _, no := syscall.RawSyscall(syscall.SYS_EVENTFD2, 0, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	p := &Poll{set: set, waker: int(waker), sockets: map[int32]Listener{}}
	if no != 0 || p.watch(p.waker, 0) != nil {
		syscall.Close(set)
		return nil
	}
	return p
}

// watch lets the events of a file carry a number.
func (p *Poll) watch(fd int, number int32) error {
	e := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | epollEdge, Fd: number} // no file: it may be another one by then
	return syscall.EpollCtl(p.set, syscall.EPOLL_CTL_ADD, fd, &e)
}

// Add lets l hear of a socket until it is taken out by the number that is returned; 0: it cannot.
func (p *Poll) Add(fd int, l Listener) (number int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sockets == nil || p.watch(fd, p.last+1) != nil {
		return 0
	}
	p.last++
	p.sockets[p.last] = l
	return p.last
}

// Remove takes a socket out that is still open.
func (p *Poll) Remove(fd int, number int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sockets[number] != nil {
		delete(p.sockets, number)
		_ = syscall.EpollCtl(p.set, syscall.EPOLL_CTL_DEL, fd, &syscall.EpollEvent{})
	}
}

// Close takes all sockets out.
func (p *Poll) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sockets = nil
	syscall.Close(p.set)
	syscall.Close(p.waker)
}

// Wake ends the wait, or the next one at once.
func (p *Poll) Wake() {
	p.woken.Store(true)
	if !p.asleep.Load() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sockets != nil {
		_, _ = syscall.Write(p.waker, []byte{7: 1}) // a number of eight bytes, whichever it is
	}
}

// wait waits for d, or unless deaf until something is there. Alone is for a thread that has the next thing to do itself: it keeps its
// processor, which costs half. Who has to wait for that thread, such as the garbage collector, ends the wait by a signal.
func (p *Poll) wait(d time.Duration, alone, deaf bool) {
	p.limit = syscall.NsecToTimespec(max(d, 0).Nanoseconds())
	files := uintptr(0)
	if !deaf {
		files = 1
		p.asleep.Store(true)
		if p.woken.Load() {
			p.limit = syscall.Timespec{}
		}
	}
	p.files.fd, p.files.events = int32(p.set), 1 // POLLIN
	var n uintptr
	var err syscall.Errno
	if alone {
		n, _, err = syscall.RawSyscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p.files)), files, uintptr(unsafe.Pointer(&p.limit)), 0, 0, 0)
	} else {
		n, _, err = syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&p.files)), files, uintptr(unsafe.Pointer(&p.limit)), 0, 0, 0)
	}
	if !deaf {
		p.asleep.Store(false)
		p.woken.Store(false)
	}
	p.there = err == 0 && n > 0
}

// deliver tells the listeners what the last wait has found.
func (p *Poll) deliver() {
	for p.there {
		n, _, err := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.set), uintptr(unsafe.Pointer(&p.events)), uintptr(len(p.events)), 0, 0, 0)
		if err != 0 {
			n = 0
		}
		p.there = int(n) == len(p.events)
		for _, e := range p.events[:n] {
			p.mu.Lock()
			l := p.sockets[e.Fd]
			p.mu.Unlock()
			if l != nil {
				l.Heard(e.Events&(syscall.EPOLLRDHUP|syscall.EPOLLHUP|syscall.EPOLLERR) != 0)
			}
		}
	}
}

// turns is how long this thread runs at least when there are others for its core. Linux 6.12 and later let one that wakes go first if its
// turns are shorter than those of who runs, usually 3 ms; earlier ones do not know it.
const turns = 100 * time.Microsecond

// sharpen makes the sleeps of this thread end on time: by default the kernel may let them last 50 µs longer, to save power, and let whoever
// runs then finish its turn.
func sharpen() (restore func()) {
	slack, _ := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	before, err := unix.SchedGetAttr(0, 0)
	ordinary := err == nil && before.Policy == unix.SCHED_NORMAL
	if ordinary {
		short := *before
		short.Runtime = uint64(turns)
		ordinary = unix.SchedSetAttr(0, &short, 0) == nil
	}
	return func() {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(max(slack, 0)), 0, 0, 0) // 0: as it was at first
		if ordinary {
			_ = unix.SchedSetAttr(0, before, 0)
		}
	}
}
