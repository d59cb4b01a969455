//go:build unix

package policy

import (
	"math"
	"syscall"
)

// OpenFiles is how many files this process may have open: the limit of the system (RLIMIT_NOFILE),
// which Go raises at the start of a program as far as the system allows. It is math.MaxInt where
// there is none.
func OpenFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || uint64(limit.Cur) > math.MaxInt32 {
		return math.MaxInt
	}
	return int(limit.Cur)
}
