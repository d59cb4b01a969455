//go:build !unix

package emitter

import "time"

// processTime is the CPU time that this process has used, where the system tells.
func processTime() (used time.Duration, ok bool) { return 0, false }
