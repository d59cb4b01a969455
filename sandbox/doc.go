// Package sandbox puts the parts of the sandbox together and keeps strangers out.
//
// A folder, an address and credentials come in; one HTTP server goes out, with the vendor's
// management API, the control API, the console and probes, and behind it the engine room that
// sends. It promises that nobody gets in who does not sit at this machine or know the
// credentials, whatever page their browser shows, and that no secret is written to a log. It
// never listens beyond loopback without TLS, unless it was told to.
package sandbox
