//go:build unix

package watch

import (
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

var (
	suspend       os.Signal = syscall.SIGTSTP                        // ctrl-Z
	endSignals              = []os.Signal{syscall.SIGQUIT}           // end the program without asking it
	screenSignals           = []os.Signal{suspend, syscall.SIGWINCH} // and another size
)

// isForeground reports whether this process may use the terminal: in the background, changing
// or reading it would stop the process.
func isForeground(f *os.File) bool {
	group, err1 := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	own, err2 := unix.Getpgid(0)
	return err1 == nil && err2 == nil && group == own
}

// readByKey makes a terminal give each key at once and without showing it, and passes the keys
// on until restore is called. Unlike raw mode it leaves ctrl-C to the kernel, which so still
// works should this program hang. A read comes back after a tenth of a second with nothing,
// so that it can be ended.
func readByKey(f *os.File, press func(byte)) (restore func(), err error) {
	fd := int(f.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	t.Lflag &^= unix.ICANON | unix.ECHO
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 0, 1
	if err := unix.IoctlSetTermios(fd, setTermios, t); err != nil {
		return nil, err
	}
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() { readKeys(f, stop, press) })
	return func() {
		close(stop)
		reading.Wait()
		_ = term.Restore(fd, before)
	}, nil
}

// readKeys passes on keys until stop is closed, or the terminal is gone.
func readKeys(f *os.File, stop <-chan struct{}, press func(byte)) {
	buffer := make([]byte, 16)
	for quick := 0; quick < 20; {
		select {
		case <-stop:
			return
		default:
		}
		before := time.Now()
		n, err := unix.Read(int(f.Fd()), buffer)
		if err != nil && err != unix.EINTR {
			return
		}
		for _, key := range buffer[:max(0, n)] {
			press(key)
		}
		if quick++; n > 0 || time.Since(before) > 50*time.Millisecond {
			quick = 0 // a terminal that is gone has nothing at once, again and again
		}
	}
}
