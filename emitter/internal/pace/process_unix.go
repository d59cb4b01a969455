//go:build unix

package pace

import (
	"syscall"
	"time"
)

// ProcessTime is the CPU time that this process has used, or 0 where the system does not tell.
func ProcessTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // if it fails, u stays zero
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
