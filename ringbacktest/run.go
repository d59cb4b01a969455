// Package ringbacktest examines a consumer of a contact centre's notifications inside a Go test, and plays stories to it.
//
// Examine finds out what is wrong with a consumer; Play plays what a test chooses.
//
// A test, a consumer and the names of scenarios come in; real signed requests over a real
// loopback socket, test failures that show what happened, and the truth of what was played
// go out. It promises that equal settings send equal notifications, that a failure names
// what repeats it, and that nothing of it still runs when they return. It never waits for
// a story's moments, touches a global state, or connects to a public address that was not
// allowed by name.
package ringbacktest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/signature"
)

// The values that zero fields of a Run stand for.
const (
	DefaultRetryFor = time.Minute // four attempts
	DefaultTimeout  = 10 * time.Second
)

// DefaultStart is the moment of the first step unless Run.Start says otherwise. It is fixed,
// so that a test sends the same bytes today and tomorrow; the tokens are as fresh as ever.
func DefaultStart() time.Time { return time.Date(2025, time.March, 3, 9, 0, 0, 0, time.UTC) }

// Run says how scenarios are played. Its zero value plays each once, without faults, signed
// with the development secret. A Run may be used any number of times, also at once.
type Run struct {
	Seed     uint64        // all random choices come from it, and from nothing else
	Start    time.Time     // the moment of the first step; zero means DefaultStart
	Versions plan.Versions // which generations of events are sent; zero means v0 alone
	Count    uint64        // conversations altogether, the scenarios in turn; 0 means each scenario once

	// Faults are put into the notifications besides those of the scenarios themselves, such
	// as "duplicate 20%" or "wrong-key every 5 of channel.held.*"; docs/faults.md lists them.
	// A consumer that answers one of them as a correct consumer does not, fails the test.
	Faults []string

	// Unordered lets notifications of a conversation overlap, as those of the real sender may:
	// they come in bursts that follow from the seed, instead of one after the other.
	Unordered bool

	// Assume chooses where the API's documentation is silent, such as {"absent-ids": "null"};
	// docs/assumptions.md lists names and values. It goes over what the scenarios choose.
	Assume map[string]string

	// Set gives parameters of the scenarios values, such as {"hold": "2m"}. Each is for all
	// scenarios that have it.
	Set map[string]string

	// Secret signs; empty means signature.DevelopmentSecret. NextSecret signs after the
	// fault rotate-key; empty means signature.DevelopmentNextSecret.
	Secret, NextSecret signature.Secret

	// Path is where a handler expects notifications; empty means /. PlayURL ignores it.
	Path string

	// Header is sent along. It must not name what a notification has itself.
	Header http.Header

	// Allow holds hosts that PlayURL may connect to though they are public.
	Allow []string

	// Timeout is the longest time that an answer may take; 0 means 10 s, as with the real
	// sender. The first attempt that takes longer ends the run, and fails the test.
	Timeout time.Duration

	// RetryFor is how long a notification is tried again, in the story's time; 0 means a
	// minute, which is four attempts, one behind the other without a pause. Negative means
	// no retries.
	RetryFor time.Duration
}

// Play plays scenarios to a handler with the zero Run.
func Play(t testing.TB, consumer http.Handler, scenarios ...string) *Result {
	t.Helper()
	return Run{}.Play(t, consumer, scenarios...)
}

// PlayURL plays scenarios to a consumer that runs elsewhere with the zero Run.
func PlayURL(t testing.TB, url string, scenarios ...string) *Result {
	t.Helper()
	return Run{}.PlayURL(t, url, scenarios...)
}

// Play serves the consumer on a loopback socket of its own, plays the scenarios to it as
// fast as it answers, and returns when all is delivered and the server is gone. A scenario
// is the name of a ready-made one, a path, or YAML text.
//
// The test fails, and goes on, if an answer is not that of a correct consumer, or if the
// consumer panics; it shows the story's timeline and each wrong answer. Settings and
// scenarios that make no sense end the test, and nothing is sent. Notifications of one
// conversation come one after the other, those of several conversations at once.
func (r Run) Play(t testing.TB, consumer http.Handler, scenarios ...string) *Result {
	t.Helper()
	p := r.prepare(t, scenarios)
	s, err := serve(consumer)
	if err != nil {
		t.Fatalf("ringbacktest: %v", err)
	}
	defer func() {
		t.Helper()
		for _, complaint := range s.stop() {
			t.Error("ringbacktest: " + complaint)
		}
	}()
	result := p.play(t, fmt.Sprintf("http://%s/%s", s.listener.Addr(), strings.TrimPrefix(r.Path, "/")))
	if !result.AllRight() {
		s.cut() // nobody waits for an answer any more
	}
	return result
}

// PlayURL is Play for a consumer that already listens, in this process or elsewhere. Its
// address is loopback, private or link-local, or named in Allow.
func (r Run) PlayURL(t testing.TB, url string, scenarios ...string) *Result {
	t.Helper()
	return r.prepare(t, scenarios).play(t, url)
}
