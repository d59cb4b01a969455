//go:build !unix

package policy

import "math"

// OpenFiles is math.MaxInt: this system limits the files of a process only by its memory.
func OpenFiles() int { return math.MaxInt }
