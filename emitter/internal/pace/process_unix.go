//go:build unix

package pace

import (
	"syscall"
	"time"
)

// ProcessTime is the CPU time that this process has used, where the system tells.
func ProcessTime() (used time.Duration, ok bool) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
