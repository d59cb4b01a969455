// Package watch lets people and programs watch a run, and steer it.
//
// Snapshots of a run and its attempts come in; a screen or lines on a terminal, a control
// port, Prometheus metrics and a part of the report go out. It promises that it never slows
// a run, that a drawing is never wider or higher than the terminal, that figures keep their
// places from one drawing to the next, and that the terminal is left as it was found. It
// changes only the pace of a run, never what is sent.
package watch
