package scenario

import "time"

// Stretch is a part of the arrivals, in which the rate changes evenly. Everything that a
// workload can say about arrivals becomes a list of stretches.
type Stretch struct {
	From, To Rate          // conversations that begin in a time; zero is none
	Over     time.Duration // how long it lasts, above 0
	Poisson  bool          // they come at random, with that rate on average; else evenly
}
