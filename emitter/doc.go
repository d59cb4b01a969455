// Package emitter plays planned notifications to webhook targets.
//
// Notifications in planned order and the targets that want them come in; signed POST
// requests, a row for every attempt and a result go out. It promises that each
// notification's body is encoded once, that the first attempts of one story reach a target
// in the plan's order, that every notification it took ends in exactly one final row, that
// memory and the number of requests in flight stay within their limits, and that nothing it
// started still runs when Run returns. It never changes what was planned, shows a secret,
// follows a redirect unasked, or connects to a public address that was not allowed by name.
package emitter
