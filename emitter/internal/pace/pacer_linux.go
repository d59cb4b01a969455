package pace

import (
	"syscall"
	"time"
)

// kernelSleeps reports whether this system has a sleep that is sharper than Go's timers, which
// end in epoll_wait, to the millisecond.
const kernelSleeps = true

// kernelSleep sleeps for d, or less if a signal comes. It is a system call that the scheduler
// knows of, so that other goroutines may use the processor meanwhile.
func kernelSleep(d time.Duration) {
	t := syscall.NsecToTimespec(d.Nanoseconds())
	_ = syscall.Nanosleep(&t, nil) // whether it ended early, the caller's clock tells
}

// sharpen makes the sleeps of this thread end on time: by default the kernel may let them
// last 50 µs longer, to save power.
func sharpen() (restore func()) {
	const setSlack, getSlack = 29, 30 // PR_SET_TIMERSLACK, PR_GET_TIMERSLACK
	before, _, err := syscall.RawSyscall(syscall.SYS_PRCTL, getSlack, 0, 0)
	if err != 0 {
		return func() {}
	}
	syscall.RawSyscall(syscall.SYS_PRCTL, setSlack, 1, 0)
	return func() { syscall.RawSyscall(syscall.SYS_PRCTL, setSlack, before, 0) }
}
