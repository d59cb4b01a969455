//go:build unix

package emitter

import (
	"syscall"
	"time"
)

// processTime is the CPU time that this process has used, where the system tells.
func processTime() (used time.Duration, ok bool) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
