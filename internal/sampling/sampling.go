// Package sampling says how much of what takes long a test tries. Each test tries a part, so that all tests together take a minute at the
// most; where RINGBACK_REQUIRE names what they try, they try all of it, as .ci/run does of all but whole examinations. Only tests import it.
package sampling

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What is tried in part otherwise.
type What string

// RINGBACK_REQUIRE names these, separated by commas, beside what a test would skip otherwise.
const (
	Mistakes     What = "mistakes"     // each that explains wrong states
	Stories      What = "stories"      // those that chance writes
	Examinations What = "examinations" // whole ones that differ in one figure
	Crash        What = "crash"        // a hundred ends by SIGKILL
)

// Long skips a test with -short, with which .ci/run looks for races: of what takes long in one goroutine, that shows nothing.
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes long in one goroutine")
	}
}

// Whole reports whether all of something is to be tried.
func Whole(w What) bool {
	return slices.Contains(strings.Split(os.Getenv("RINGBACK_REQUIRE"), ","), string(w))
}

// Every is the step with which a test goes through its cases: 1 where all are to be tried, and the given one otherwise.
func Every(n int, w What) int {
	if Whole(w) {
		return 1
	}
	return n
}

// Some are one of so many cases of a test, the first one among them; all where all are to be tried.
func Some[T any](all []T, n int, w What) []T {
	some := make([]T, 0, len(all))
	for i := 0; i < len(all); i += Every(n, w) {
		some = append(some, all[i])
	}
	return some
}
