//go:build !unix

package emitter

import "time"

// processTime is the CPU time that this process has used; negative if nobody can tell.
func processTime() time.Duration { return -1 }
