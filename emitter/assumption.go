package emitter

import "github.com/ringback/ringback/emitter/internal/wire"

// Success is the assumption success: the statuses that accept a notification.
type Success uint8

// The values of Success.
const (
	Success200To205 Success = iota // 200 to 205, as documented
	Success2xx                     // 200 to 299
)

// RetryAfter is the assumption retry-after: what the answer header of that name does.
type RetryAfter uint8

// The values of RetryAfter.
const (
	IgnoreRetryAfter RetryAfter = iota // nothing
	ObeyRetryAfter                     // the retry waits at least that long, in the plan's time
)

// Redirects is the assumption redirects: what an answer with a redirect does.
type Redirects uint8

// The values of Redirects.
const (
	FailRedirects   Redirects = iota // the attempt has failed
	FollowRedirects                  // the same request is posted there, up to five times
)

var (
	successNames    = [...]string{Success200To205: "200-205", Success2xx: "2xx"}
	retryAfterNames = [...]string{IgnoreRetryAfter: "ignore", ObeyRetryAfter: "obey"}
	redirectsNames  = [...]string{FailRedirects: "fail", FollowRedirects: "follow"}
)

// Accepts reports whether an answer with this status accepts the notification.
func (s Success) Accepts(status int) bool {
	if s == Success2xx {
		return status >= 200 && status <= 299
	}
	return status >= 200 && status <= 205
}

// MarshalText writes the name that the assumption's value has in the documentation.
func (s Success) MarshalText() ([]byte, error) { return []byte(successNames[s]), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Success) UnmarshalText(text []byte) error { return wire.Choose(s, successNames[:], text) }

// MarshalText writes the name that the assumption's value has in the documentation.
func (r RetryAfter) MarshalText() ([]byte, error) { return []byte(retryAfterNames[r]), nil }

// UnmarshalText reads what MarshalText writes.
func (r *RetryAfter) UnmarshalText(text []byte) error {
	return wire.Choose(r, retryAfterNames[:], text)
}

// MarshalText writes the name that the assumption's value has in the documentation.
func (r Redirects) MarshalText() ([]byte, error) { return []byte(redirectsNames[r]), nil }

// UnmarshalText reads what MarshalText writes.
func (r *Redirects) UnmarshalText(text []byte) error { return wire.Choose(r, redirectsNames[:], text) }
