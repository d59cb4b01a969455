package policy

import "time"

// The limits of what a user may choose. Emitters, the sandbox and their commands have the same.
const (
	// MostConnections is how many requests may be in flight to one target: each needs a file, and a port of the
	// 28,000 that Linux has towards one address.
	MostConnections = 10_000

	// MostWaiting is how many notifications may wait for one target: each takes about two and a half kilobytes.
	MostWaiting = 1_000_000

	// MostWaitingInAll is how many may wait for all targets of a run together: each target adds some hundred bytes to
	// those of the notification, whose body is there once.
	MostWaitingInAll = 20_000_000

	// ShortestTimeout and LongestTimeout are what an attempt may take. No network answers sooner, and the vendor
	// waits for 10 s.
	ShortestTimeout, LongestTimeout = time.Millisecond, time.Hour

	// LeastSpeed and MostSpeed are how many seconds of a scenario a real one may be. A minute takes seventeen hours at the least; at
	// the most thirty years take a second, so that no moment is beyond what times hold.
	LeastSpeed, MostSpeed = 0.001, 1_000_000_000

	// LongestRetry is how long something may be tried again, or waited for: thirty times as long as the vendor does.
	LongestRetry = 30 * RetryFor
)

// OtherFiles is how many files a process keeps for what is no connection to a target: its standard streams, files
// that it reads and writes, name servers, ports to watch it.
const OtherFiles = 64

// ConnectionsWithin is how many connections a process may have that may open so many files.
func ConnectionsWithin(files int) int { return max(1, files-min(OtherFiles, files/2)) }
