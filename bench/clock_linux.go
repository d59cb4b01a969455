package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// clockOf is the CPU time that all threads of a process have used, those that have ended
// included. /proc/PID/stat tells the same in hundredths of a second, which is too coarse: at
// 1,000 notifications a second a sender uses a few of them. It is 0 for a process that is gone.
func clockOf(pid int) time.Duration {
	const scheduled = 2 // CPUCLOCK_SCHED, of <linux/posix-timers.h>
	var t syscall.Timespec
	if _, _, no := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(^pid<<3|scheduled), uintptr(unsafe.Pointer(&t)), 0); no != 0 {
		return 0
	}
	return time.Duration(t.Nano())
}

// keepStamps makes the kernel stamp what arrives, until the socket that it returns is closed. It
// does so from the moment when any socket asks for that, as those of ringback do; but where
// processes of idle priority keep the cores, that moment may come seconds late, or never, and the
// run would be of a machine that has no stamps.
func keepStamps() (*os.File, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	socket := os.NewFile(uintptr(fd), "a socket with stamps of arrival")
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1); err != nil {
		socket.Close()
		return nil, fmt.Errorf("%s: %w", socket.Name(), err)
	}
	return socket, nil
}
