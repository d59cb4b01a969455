// Package report tells people and programs what came of a run.
//
// The result of an emitter's run, or the phases of channels in time, come in; plain text,
// JSON with stable keys, or drawn bars go out. It promises the same output for the same
// input, on every platform, and that no figure is rounded away: what JSON holds is exact. It
// never judges a figure, reads a clock, looks at a terminal or writes colours unasked.
package report
