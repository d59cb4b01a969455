// Package screen draws how a run stands, as text.
//
// Snapshots of a run come in, one after the other; figures come out, as lines for a terminal
// of any size, or as one line for a log. It promises that what it gives never is wider or
// higher than asked for, and that figures keep their places from one drawing to the next.
// It never looks at a clock and never writes anywhere.
package watch
