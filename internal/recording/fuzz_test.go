package recording_test

import (
	"slices"
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

// Whatever two recordings hold: what is missing in one is too much in the other, and they differ or do not, from whichever side they are
// looked at.
func FuzzCompare(f *testing.F) {
	all := bodies(f, plan.Options{}, "inbound-call")
	other := strings.NewReplacer(`"agentId":"1001"`, `"agentId":"01001"`, "T09:", "T10:").Replace(lines(all))
	f.Add(lines(all), lines(all[2:]))
	f.Add(lines(all), other)
	f.Add(lines(append(slices.Clone(all), all[0], all[0])), lines(append(slices.Clone(all[3:]), all[1], all[0])))
	f.Add(rows(f, time.Second, all[3], all[1], all[2]), rows(f, time.Second, all[1:4]...))
	f.Add("", lines(all[:1]))
	f.Add(`{"specversion":"1.0","source":"/a","id":"1","x":[1,{"y":null}]}`, `{"specversion":"1.0","source":"/a","id":"1","x":[1,{"y":false}]}`)
	f.Fuzz(func(t *testing.T, first, second string) {
		a, errA := recording.ReadSide("a", strings.NewReader(first), true)
		b, errB := recording.ReadSide("b", strings.NewReader(second), true)
		if errA != nil || errB != nil || a.Count > 100 || b.Count > 100 {
			return
		}
		for i := range 8 {
			ignore := recording.Ignore{Order: i&1 != 0, Time: i&2 != 0, IDs: i&4 != 0}
			ab, ba := tally(recording.Compare(a, b, ignore)), tally(recording.Compare(b, a, ignore))
			less := func(of map[recording.Kind]int) int { return of[recording.Missing] }
			more := func(of map[recording.Kind]int) int { return of[recording.Extra] + of[recording.Duplicate] }
			if (len(ab) == 0) != (len(ba) == 0) || less(ab) != more(ba) || more(ab) != less(ba) || (ab[recording.Different] == 0) != (ba[recording.Different] == 0) {
				t.Fatalf("%+v: %v from one side, %v from the other", ignore, ab, ba)
			}
			if ab[recording.Different] == 0 && ab[recording.Disorder] != ba[recording.Disorder] {
				t.Fatalf("%+v: %v from one side, %v from the other", ignore, ab, ba)
			}
		}
	})
}

// tally counts differences by their kind.
func tally(all []recording.Difference) map[recording.Kind]int {
	counts := map[recording.Kind]int{}
	for i := range all {
		counts[all[i].Kind]++
	}
	return counts
}
