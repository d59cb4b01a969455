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

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/emitter/internal/wire"
	"github.com/ringback/ringback/internal/policy"
)

// Max is the speed at which nothing waits for its moment: notifications go out as fast as
// the targets answer, and retries follow at once.
const Max = pace.Max

// The values that zero fields of an Emitter stand for.
const (
	DefaultConnections = 64
	DefaultTimeout     = 10 * time.Second
	DefaultWaiting     = 100_000
	DefaultRetryFor    = policy.RetryFor
	DefaultPatience    = 30 * time.Second
)

// Pacing is a way to wait for moments.
type Pacing = pace.Way

// The ways.
const (
	Timers = pace.Timers // Go's timers: everywhere, to the millisecond, and in virtual time
	Kernel = pace.Kernel // a thread of its own that sleeps in the kernel, to 0.1 ms, and sends over HTTP/1.1 itself; Timers where there is no such sleep, or GOMAXPROCS is 1
)

// Emitter holds the settings of a run. The zero values of all fields but Targets are
// usable. An Emitter may run several times, also at once if On allows that.
type Emitter struct {
	// Targets get every notification whose type they select. At least one is needed, and
	// their names must differ.
	Targets []Target

	// Speed is how many seconds of the plan pass in a real second; 0 means 1. Max, or
	// positive infinity, takes no time into account. Others are 0.001 to 1,000,000,000.
	Speed float64

	// Connections is the most requests in flight per target; 0 means 64. What a schedule
	// needs is its rate times the target's latency.
	Connections int

	// Sockets bounds the connections that are open to all targets together, and ends idle ones; nil
	// means a bound of its own: as many as this process may open files (RLIMIT_NOFILE), with some
	// left for other things.
	Sockets *Sockets

	// Timeout bounds an attempt, from before connecting until the whole answer is there;
	// 0 means 10 s. It is real time at any speed.
	Timeout time.Duration

	// Waiting is the most notifications that wait per target; 0 means 100,000, which take
	// up to about 200 MB. Half are first attempts: what comes beyond them is not sent, and
	// counted (NotSent), so that nothing that the target does moves the schedule. Half are
	// retries: beyond them a notification is given up after the attempt that failed. At speed
	// Max there is no schedule: no more than 16 per connection wait for their first attempt,
	// and the plan waits for them.
	Waiting int

	// Success says which statuses accept a notification (assumption success).
	Success Success

	// RetryFor is how long after its first attempt a notification is tried again, in the
	// plan's time; 0 means 24 h, and a negative value means no retries.
	RetryFor time.Duration

	// RetryAfter says what becomes of the answer header of that name (assumption retry-after).
	RetryAfter RetryAfter

	// Redirects says what a redirect does (assumption redirects).
	Redirects Redirects

	// SignaturePrefix stands before the token (assumption signature-prefix).
	SignaturePrefix string

	// ContentType is the media type of requests (assumption content-type); empty means
	// application/cloudevents+json.
	ContentType string

	// TokenClock is how far the clock that dates tokens is ahead of the real one, or behind it
	// if negative (assumption token-clock). Tokens live for signature.Lifetime.
	TokenClock time.Duration

	// Patience ends a run against a target that is not there. When all first attempts are
	// made and a target has never given one HTTP answer for this long since the first of
	// them, what waits for it is given up. It is real time at any speed; 0 means 30 s, and
	// a negative value means to go on until RetryFor is over.
	Patience time.Duration

	// Drain, once closed, lets nothing new begin: what is in flight finishes, all else is
	// undelivered. Nil is never closed.
	Drain <-chan struct{}

	// CutAt is when the run is over, after its start and in the plan's time, if all of the plan is due before: what
	// waits then, also for a retry, is left undelivered, which Result.CutOff says. 0: never. At speed Max
	// nothing waits for a moment, and it means nothing.
	CutAt time.Duration

	// Engine says what sends over HTTP.
	Engine Engine

	// Pacing says how moments are waited for.
	Pacing Pacing

	// Traceparent sends a traceparent header along (W3C Trace Context): the trace is the
	// notification's, the span the attempt's.
	Traceparent bool

	// Control, if not nil, steers the run and looks at it.
	Control *Control

	// On is called for each row, one call at a time, in the order in which they happen.
	// An error ends the run and is what Run returns. On must not keep the row, and while it
	// runs no other answer is dealt with, and with Kernel pacing perhaps nothing sent. Nil does nothing.
	On func(*Attempt) error
}

// Check reports everything that is wrong with the settings, all at once; files that targets
// name are read. Run makes the same check before it sends anything.
func (e *Emitter) Check() error {
	_, err := e.withDefaults().prepare()
	return err
}

// Check reports everything that is wrong with the target; the files of TLS are read.
func (t *Target) Check() error {
	_, err := t.prepare(new(Emitter).withDefaults())
	return err
}

// CheckURL says what is wrong with the URL, without naming the target.
func (t *Target) CheckURL() error {
	_, err := wire.ParseURL(t.URL)
	return err
}

func (e *Emitter) withDefaults() *Emitter {
	full := *e
	full.Speed = cmp.Or(e.Speed, 1)
	full.Connections = cmp.Or(e.Connections, DefaultConnections)
	full.Timeout = cmp.Or(e.Timeout, DefaultTimeout)
	full.Waiting = cmp.Or(e.Waiting, DefaultWaiting)
	full.RetryFor = cmp.Or(e.RetryFor, DefaultRetryFor)
	full.Patience = cmp.Or(e.Patience, DefaultPatience)
	if full.Sockets == nil {
		full.Sockets = &Sockets{Most: policy.ConnectionsWithin(policy.OpenFiles())}
	}
	return &full
}

// prepare checks the settings and makes an outbox for each target. Defaults are in place.
func (e *Emitter) prepare() ([]*outbox, error) {
	var errs []error
	if !(e.Speed >= policy.LeastSpeed) || e.Speed > policy.MostSpeed && e.Speed < Max { // also when it is not a number
		errs = append(errs, fmt.Errorf("speed is %v, want %v to %d, or Max", e.Speed, policy.LeastSpeed, policy.MostSpeed))
	}
	if e.Connections < 0 || e.Connections > policy.MostConnections {
		errs = append(errs, fmt.Errorf("connections are %d, want 1 to %d", e.Connections, policy.MostConnections))
	}
	if e.Timeout < 0 || e.Timeout > policy.LongestTimeout {
		errs = append(errs, fmt.Errorf("timeout is %v, want a time up to %v", e.Timeout, policy.LongestTimeout))
	}
	if e.Waiting < 0 || e.Waiting > policy.MostWaiting {
		errs = append(errs, fmt.Errorf("waiting is %d, want 1 to %d", e.Waiting, policy.MostWaiting))
	}
	if !wire.ValidHeaderValue(e.SignaturePrefix) {
		errs = append(errs, fmt.Errorf("signature prefix %q cannot stand in a header", e.SignaturePrefix))
	}
	if !wire.ValidHeaderValue(e.ContentType) {
		errs = append(errs, fmt.Errorf("content type %q cannot stand in a header", e.ContentType))
	}
	if len(e.Targets) == 0 {
		errs = append(errs, errors.New("no targets: name at least one URL to send to"))
	}
	var boxes []*outbox
	named, waiting := make(map[string]bool), 0
	for i := range e.Targets {
		t := &e.Targets[i]
		sender, err := t.prepare(e)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if name := t.Label(); named[name] {
			errs = append(errs, fmt.Errorf("two targets are named %q: give each a name of its own", name))
		}
		named[t.Label()] = true
		boxes = append(boxes, newOutbox(e, t, sender))
		waiting += boxes[len(boxes)-1].waiting
	}
	if waiting > policy.MostWaitingInAll {
		errs = append(errs, fmt.Errorf("%d notifications could wait for all targets together, want at most %d: lower waiting, or use fewer targets", waiting, policy.MostWaitingInAll))
	}
	return boxes, errors.Join(errs...)
}

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
