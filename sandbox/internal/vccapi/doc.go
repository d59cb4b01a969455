// Package vendor is the management API of the vendor, as a sandbox can give it.
//
// Requests for tokens and about subscriptions come in; documented answers go out, and what
// was asked is in the store. It promises the paths, members, scopes and error bodies of the
// public documentation, and that a secret is shown once, in the answer to its creation. It
// never sends a notification, and no secret or token of anybody stands in an error or a log.
package vccapi
