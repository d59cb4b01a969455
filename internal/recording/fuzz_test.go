package recording_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/plan"
)

// Whatever a file holds: it is read or refused with its place, what is sent is what was
// surveyed, and with nothing to change the bodies go out byte for byte.
func FuzzReplay(f *testing.F) {
	all := bodies(f, plan.Options{}, "inbound-call")
	f.Add(lines(all))
	f.Add(rows(f, time.Second, all...))
	f.Add(rows(f, time.Second, "", `{"a":`, `{"id":"\u0041","data":[{"x":[1,"4f27b3a1-6f02-4006-8b9d-5f6e1c1a8f65"]}]}`))
	f.Add(`{"specversion":"1.0","time":"9999-12-31T23:59:59Z","data":{"timestamp":"0001-01-01T00:00:00Z"}}`)
	f.Add(`{"specversion":null,"id":{},"subject":[],"data":7}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range []recording.Options{{All: true}, {All: true, Renew: true, Seed: 7, Shift: true, Anchor: start}} {
			r, err := recording.NewReplay("f", opener(text), o)
			if err != nil {
				if !strings.HasPrefix(err.Error(), "f") {
					t.Fatalf("error without a place: %v", err)
				}
				return
			}
			count, last := uint64(0), time.Duration(0)
			for n := range r.Notifications() {
				if n.Due < last || n.At < 0 || n.Seq != count {
					t.Fatalf("notification %d is due at %s after %s, at %s", n.Seq, n.Due, last, n.At)
				}
				count, last = count+1, n.Due
			}
			if r.Err() != nil || count != r.Count() || last != r.Length() {
				t.Fatalf("sent %d over %s, %v; surveyed %d over %s", count, last, r.Err(), r.Count(), r.Length())
			}
		}
		if got := compared(t, text, text, recording.Ignore{}); got != "" {
			t.Fatalf("differs from itself: %s", got)
		}
		if got := compared(t, text, text, recording.Ignore{IDs: true, Order: true}); got != "" {
			t.Fatalf("differs from itself without identifiers: %s", got)
		}
	})
}
