// Package policy decides how notifications are sent, for run and serve alike: what a response
// means, when a failed attempt is made again, and in which order first attempts go out. It has
// no clock, no connection and no store; the caller tells it what happened, and when.
package policy

import (
	"net/http"
	"time"

	"github.com/ringback/ringback/scenario/fault"
)

// RetryFor is how long after its first attempt a notification is tried again, as the vendor
// documents it.
const RetryFor = 24 * time.Hour

// The waits of the retry ladder. They are an assumption: only the 24 hours are documented.
const (
	firstWait   = 5 * time.Second
	longestWait = 15 * time.Minute
)

// Wait is how long a notification waits after its attempt number n, from 1, has failed: 5 s at
// first, then twice as long each time, up to 15 min.
func Wait(n int) time.Duration {
	const doublings = 8 // 5 s doubled eight times is over 15 min
	if n > doublings {
		return longestWait
	}
	return min(firstWait<<(max(n, 1)-1), longestWait)
}

// Waited is the sum of the waits before attempt number n.
func Waited(n int) (sum time.Duration) {
	for i := 1; i < n; i++ {
		sum += Wait(i)
	}
	return sum
}

// Next is the wait after attempt number n, from 1, has failed, and whether there is another
// attempt at all: not if it would come more than limit after the first one, which was spent
// ago. Asked is what the response asked for; it prolongs a wait and never shortens one. All
// times are the plan's. Where no time passes between attempts, spent is the sum of the waits.
func Next(n int, spent, asked, limit time.Duration) (wait time.Duration, again bool) {
	wait = max(Wait(n), asked)
	return wait, wait <= limit-spent // asked may be any time: a sum could overflow
}

// Lost is how many attempts a fault loses on the way, before the first that the target sees.
func Lost(k fault.Kind) int {
	if k == fault.LateRetry {
		return 1
	}
	return 0
}

// Verdict is what a response means for a delivery. All but Retry are final.
type Verdict uint8

// The verdicts.
const (
	Retry           Verdict = iota // the attempt failed
	Accepted                       // delivered
	Refused                        // refused as a correct consumer refuses this fault
	WronglyAccepted                // accepted, though a correct consumer refuses this fault
	Mishandled                     // neither accepted nor refused as a correct consumer does
)

// Judge says what a response means. Status is 0 without a response, and success reports
// whether the status accepts. What a correct consumer need not accept is not tried again
// once the consumer has said what it thinks of it; no response, and one that puts off, say
// nothing about that.
func Judge(want fault.Want, status int, success bool) Verdict {
	putOff := status == 0 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
	switch {
	case want == fault.Finish && status >= 200 && status <= 299, want != fault.RefuseSignature && success:
		return Accepted
	case putOff, want == fault.Accept:
		return Retry
	case success:
		return WronglyAccepted
	case status == http.StatusUnauthorized:
		return when(want == fault.RefuseSignature)
	case want == fault.RefuseSignature:
		return when(status == http.StatusForbidden || status == http.StatusBadRequest)
	}
	return when(status >= 400)
}

// when is the verdict on a refusal.
func when(right bool) Verdict {
	if right {
		return Refused
	}
	return Mishandled
}
