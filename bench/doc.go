// Bench compares ringback with other senders, and prints the figures that docs/performance.md
// shows. In come the names of lines to measure, out go a table in Markdown, raw rounds in
// JSON, and exit status 0 if everything asked for was measured. It starts every program by
// its command line, as a user would, counts at a sink of its own (see sink), and promises
// that what it compares was sent in turns, by pinned processes on cores that are kept awake.
// It never looks into ringback, and sends to loopback only. Run it with bench/run.
package main
