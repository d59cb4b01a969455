// Package plan turns scenarios into the ordered notifications of a run.
//
// Checked scenarios, a seed, a start moment and options come in; notifications in the
// order of their planned sending come out. It promises the same notifications for the
// same input on every platform, whatever else runs, in memory that grows with the live
// conversations only. It never reads a clock, draws from a shared random source, starts a
// goroutine or touches a file or socket.
package plan
