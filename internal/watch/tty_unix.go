//go:build unix

package watch

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// endSignals end the program without asking it.
func endSignals() []os.Signal { return []os.Signal{syscall.SIGHUP, syscall.SIGQUIT} }

// screenSignals tell of ctrl-Z and of another size.
func screenSignals() []os.Signal {
	return []os.Signal{syscall.SIGTSTP, syscall.SIGWINCH}
}

func isSuspend(s os.Signal) bool { return s == syscall.SIGTSTP }

// raise sends a signal to this process.
func raise(s os.Signal) {
	if number, ok := s.(syscall.Signal); ok {
		_ = syscall.Kill(syscall.Getpid(), number)
	}
}

// isForeground reports whether this process may use the terminal: in the background, changing
// or reading it would stop the process.
func isForeground(f *os.File) bool {
	group, err1 := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	own, err2 := unix.Getpgid(0)
	return err1 == nil && err2 == nil && group == own
}

// readByKey makes a terminal give each key at once and without showing it. Unlike raw mode it
// leaves ctrl-C to the kernel, which so still works should this program hang. A read comes
// back after a tenth of a second with nothing, so that it can be ended.
func readByKey(f *os.File) (restore func(), err error) {
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
	return func() { _ = term.Restore(fd, before) }, nil
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
