// Package mischief makes a consumer misbehave on purpose.
//
// Requests come in, with answers that were written down beforehand, such as "503 x2, 200";
// the consumer's own answers go out, or what was asked for instead of them. It promises
// that the same seed and the same requests give the same misbehaviour, in whatever order
// they arrive, and that a request which gets a success has reached the consumer exactly
// once. It never changes a request, hides a refusal behind a success, or remembers more
// than a bounded number of notifications.
package mischief
