//go:build !unix

package pace

import "time"

// ProcessTime is the CPU time that this process has used, where the system tells.
func ProcessTime() (used time.Duration, ok bool) { return 0, false }
