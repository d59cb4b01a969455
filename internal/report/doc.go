// Package report tells people and programs what came of a run.
//
// The result of an emitter's run, snapshots of it, gates, reports of other runs in JSON, and the
// phases of channels in time come in; plain text, JSON with stable keys, JUnit XML, Markdown,
// pages of HTML or drawn bars go out. It promises the same output for the same input, on every
// platform, that no figure is rounded away in JSON, that merging the reports of shards gives the
// percentiles of all their times, and that no secret it was told of, token or URL's credentials
// are shown. It never reads a clock, opens a file, looks at a terminal or writes colours unasked.
package report
