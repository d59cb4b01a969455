//go:build unix

package emitter

import (
	"syscall"
	"time"
)

// processTime is the CPU time that this process has used; negative if nobody can tell.
func processTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return -1
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
