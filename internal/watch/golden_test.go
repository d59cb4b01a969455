package watch

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/internal/lifecycle"
)

// histogram holds the given times in µs.
func histogram(us ...int64) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, (24 * time.Hour).Microseconds(), 3)
	for _, v := range us {
		_ = h.RecordValue(v)
	}
	return h
}

var began = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

// busy are two snapshots of a load run with troubles, a second apart.
func busy() (first, second emitter.Snapshot) {
	first = emitter.Snapshot{At: began.Add(311 * time.Second), Started: began, Speed: 20, Planned: 311 * 20 * time.Second,
		Total:   emitter.Counts{Matched: 310_000, Accepted: 309_000, Attempts: 309_500, Retries: 12, Statuses: map[int]uint64{200: 100_000, 202: 209_000, 503: 300}},
		Latency: histogram(900, 1100, 52_000), Lateness: histogram(3, 31, 400), Pacing: histogram(3, 20, 30)}
	second = emitter.Snapshot{At: began.Add(312 * time.Second), Started: began, Speed: 22, Planned: 312 * 20 * time.Second,
		Live: 100_523, Queued: 17, Waiting: 12, InFlight: 64, Retrying: 5,
		Phases: map[lifecycle.Phase]int{lifecycle.Alerting: 210, lifecycle.Connected: 90_011, lifecycle.Held: 512, lifecycle.Wrap: 3300, lifecycle.Unexpected: 1},
		Total: emitter.Counts{Matched: 330_000, Accepted: 328_900, GivenUp: 3, NotSent: 41, Attempts: 329_450, Retries: 16,
			Statuses: map[int]uint64{200: 110_000, 202: 218_900, 301: 2, 404: 9, 503: 420}},
		Latency: histogram(1210, 1300, 1_234_567), Lateness: histogram(21, 22, 1900), Pacing: histogram(4, 18, 95)}
	return first, second
}

func frames() map[string]Status {
	m := Meter{last: Status{Title: "one-of-many-calls", Length: 8 * time.Hour, Rate: 1000}}
	first, second := busy()
	m.Add(&first)
	all := map[string]Status{"busy": m.Add(&second)}

	paused := second
	paused.At, paused.Paused = paused.At.Add(time.Second), true
	paused.Latency, paused.Lateness, paused.Pacing = histogram(), histogram(), histogram()
	f := m.Add(&paused)
	f.Notice = "paused"
	all["paused"] = f

	fresh := Meter{last: Status{Title: "inbound-call"}}
	all["fresh"] = fresh.Add(&emitter.Snapshot{Speed: emitter.Max})
	return all
}

func TestDrawings(t *testing.T) {
	for name, f := range frames() {
		var b strings.Builder
		for _, size := range []Size{{40, 50}, {80, 24}, {120, 40}} {
			fmt.Fprintf(&b, "-- %d x %d --\n%s\n", size.Width, size.Height, strings.Join(f.Draw(size, false), "\n"))
		}
		fmt.Fprintf(&b, "-- line --\n%s\n", f.Line())
		golden.Check(t, "testdata/"+name+".txt", b.String())
	}
}

func TestColours(t *testing.T) {
	f := frames()["busy"]
	text := strings.Join(f.Draw(Size{80, 24}, true), "\n")
	golden.Check(t, "testdata/colours.txt", strings.ReplaceAll(text, "\x1b", "ESC"))
	sequences := regexp.MustCompile("\x1b\\[[0-9;]*m")
	if got, want := sequences.ReplaceAllString(text, ""), strings.Join(f.Draw(Size{80, 24}, false), "\n"); got != want {
		t.Errorf("without colours it is\n%s\nwant\n%s", got, want)
	}
}

// Nothing that is drawn is ever wider or higher than the terminal, however small that is.
func TestDrawingsFitTheirSize(t *testing.T) {
	for name, f := range frames() {
		f.Title = "\u202e\u009b2J\x1b[2J\n" + f.Title + strings.Repeat("—", 200)
		for width := range 130 {
			for _, height := range []int{0, 1, 2, 5, 10, 24, 60} {
				lines := f.Draw(Size{width, height}, false)
				if len(lines) > height {
					t.Fatalf("%s at %d x %d has %d lines", name, width, height, len(lines))
				}
				for _, l := range lines {
					if utf8.RuneCountInString(l) > width || strings.ContainsAny(l, "\x1b\n\u202e\u009b") {
						t.Fatalf("%s at %d x %d: %q is too wide, or moves the cursor", name, width, height, l)
					}
				}
				if height > 0 && width > 12 && !strings.HasPrefix(lines[len(lines)-1], "+ - ") {
					t.Fatalf("%s at %d x %d ends with %q, want the keys", name, width, height, lines[len(lines)-1])
				}
			}
		}
	}
}

func TestRatesAreOfTheTimeBetweenSnapshots(t *testing.T) {
	var m Meter
	at := func(d time.Duration, matched uint64) Status {
		return m.Add(&emitter.Snapshot{At: began.Add(d), Started: began, Speed: 1, Total: emitter.Counts{Matched: matched}})
	}
	for _, tt := range []struct {
		after   time.Duration
		matched uint64
		rate    float64
	}{{2 * time.Second, 100, 50}, {4 * time.Second, 500, 200}, {4 * time.Second, 500, 0}, {4500 * time.Millisecond, 501, 2}} {
		if f := at(tt.after, tt.matched); f.Counts[offered] != (Count{tt.matched, tt.rate}) {
			t.Errorf("after %s: offered %+v, want %d and %v a second", tt.after, f.Counts[offered], tt.matched, tt.rate)
		}
	}
}

func TestTimeLeft(t *testing.T) {
	for _, tt := range []struct {
		f     Status
		left  time.Duration
		known bool
	}{
		{Status{Length: time.Hour, Plan: 30 * time.Minute, Speed: 60}, 30 * time.Second, true},
		{Status{Length: time.Hour, Plan: 2 * time.Hour, Speed: 1}, 0, false},
		{Status{Length: time.Hour, Speed: 1, State: Paused}, 0, false},
		{Status{Length: time.Hour, Speed: emitter.Max}, 0, false},
		{Status{Plan: time.Hour, Speed: 1}, 0, false},
	} {
		if left, known := tt.f.Left(); left != tt.left || known != tt.known {
			t.Errorf("%+v: left = %s, %v; want %s, %v", tt.f, left, known, tt.left, tt.known)
		}
	}
}
