// Package ringbacktest plays stories of a contact centre to a consumer inside a Go test.
//
// A test, a consumer and the names of scenarios come in; real signed requests over a real
// loopback socket, test failures that show what happened, and the truth of what was played
// go out. It promises that equal settings send equal notifications, that a failure names
// what repeats it, and that nothing of it still runs when Play returns. It never waits for
// a story's moments, touches a global state, or connects to a public address that was not
// allowed by name.
package ringbacktest
