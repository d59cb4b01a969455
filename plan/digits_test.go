package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// The digits behind the milliseconds differ from moment to moment, are the same for the events
// of a moment, and rise in the order of sending where the milliseconds are the same.
func TestAllSevenDigitsAreSignificant(t *testing.T) {
	for _, lag := range []*scenario.Span{nil, span(t, "0s"), span(t, "0s..4ms"), span(t, "100ms..2s")} {
		p := planned(t, load(t, "everything"), plan.Options{Start: dawn, Seed: 3, Count: 50, Lag: lag, Versions: plan.Both})
		ns := all(p)
		lawful(t, p, ns)
		type moment struct {
			story uint64
			at    time.Duration
		}
		occurred, sent := map[moment]time.Time{}, map[moment]time.Time{}
		digits := map[int]int{}
		for i := range ns {
			if ns[i].Raw != nil {
				continue
			}
			e, at := &ns[i].Event, moment{ns[i].Story, ns[i].At}
			if was, known := occurred[at]; known && !was.Equal(e.Timestamp.Time) {
				t.Fatalf("lag %v: two events at %s occurred at %s and %s", lag, ns[i].At, was, e.Timestamp.Time)
			}
			occurred[at] = e.Timestamp.Time
			digits[e.Time.Nanosecond()%1e6/100]++
			if e.Type.Version == event.V1 {
				if !e.Time.Equal(e.Timestamp.Time) {
					t.Fatalf("lag %v: a v1 time is %s, want the moment of the event, %s", lag, e.Time.Time, e.Timestamp.Time)
				}
				continue
			}
			if e.Time.Before(e.Timestamp.Time) {
				t.Fatalf("lag %v: sent at %s, before it occurred at %s", lag, e.Time.Time, e.Timestamp.Time)
			}
			due := moment{ns[i].Story, ns[i].Due}
			if was, known := sent[due]; known && (lag == nil && !was.Before(e.Time.Time) || was.Equal(e.Time.Time) && ns[i].Due > ns[i].At) {
				t.Fatalf("lag %v: number %d says that it was sent at %s, the one before it at %s", lag, i, e.Time.Time, was)
			}
			sent[due] = e.Time.Time
		}
		if len(digits) < len(occurred)/2 {
			t.Errorf("lag %v: %d moments end in %d kinds of digits", lag, len(occurred), len(digits))
		}
	}
}

// The lag is around the half second of the documented examples, and nothing passes anything.
func TestTheDefaultLag(t *testing.T) {
	ns := pick(t, load(t, "hold"), plan.Options{Start: dawn, Seed: 5, Count: 300, Calls: rate(t, "1/m")})
	var lags []time.Duration
	at := map[uint64]time.Duration{}
	for i := range ns {
		if ns[i].At < at[ns[i].Story] {
			t.Fatalf("number %d is of %s, behind one of %s", i, ns[i].At, at[ns[i].Story])
		}
		at[ns[i].Story] = ns[i].At
		lags = append(lags, ns[i].Due-ns[i].At)
	}
	slices.Sort(lags)
	low, median, high := lags[len(lags)/20], lags[len(lags)/2], lags[len(lags)*19/20]
	if lags[0] < 100*time.Millisecond || low < 250*time.Millisecond || low > 350*time.Millisecond ||
		median < 450*time.Millisecond || median > 550*time.Millisecond || high < 650*time.Millisecond || high > 750*time.Millisecond {
		t.Errorf("the lags are from %s by %s, %s and %s to %s", lags[0], low, median, high, lags[len(lags)-1])
	}
	if law := plan.DefaultLag(); law.Min() != 100*time.Millisecond || law.Max() != 2*time.Second {
		t.Errorf("the default lag is %s", law)
	}
}
