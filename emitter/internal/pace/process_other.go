//go:build !unix

package pace

import "time"

// ProcessTime is the CPU time that this process has used, or 0 where the system does not tell.
func ProcessTime() time.Duration { return 0 }
