package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/capacity"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// answering answers with a status, after its time.
type answering func() (status int)

func (c answering) Send(_ context.Context, r *emitter.Request) emitter.Answer {
	return emitter.Answer{Status: c(), Released: true}
}

// windowsTo plays windows to a consumer.
func windowsTo(t *testing.T, c answering, connections int, gates ...string) *windows {
	t.Helper()
	sc, err := scenarios.Load("voicemail")
	if err != nil {
		t.Fatal(err)
	}
	traffic, err := newTraffic([]*scenario.Scenario{sc}, plan.Options{Seed: 7}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &windows{traffic: traffic, inUse: func() inUse { return inUse{} },
		emitter: emitter.Emitter{Speed: 1, Connections: connections, Targets: []emitter.Target{{Name: "c", Sender: c}}}}
	for _, text := range gates {
		g, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		o.gates = append(o.gates, g)
	}
	return o
}

func afterwards(d time.Duration) answering {
	return func() int { time.Sleep(d); return http.StatusOK }
}

// oneByOne answers one request after the other.
func oneByOne(d time.Duration) answering {
	turn := make(chan bool, 1) // a goroutine that waits for a mutex would hold virtual time
	return func() int {
		turn <- true
		defer func() { <-turn }()
		time.Sleep(d)
		return http.StatusOK
	}
}

// everyOther refuses every other request.
func everyOther() answering {
	n := new(atomic.Int64)
	return func() int {
		if n.Add(1)%2 == 0 {
			return http.StatusTooManyRequests
		}
		return http.StatusOK
	}
}

// What ringback could not do says nothing of the consumer; neither do times that a machine adds which it fills itself.
func TestAWindowThatFailsByRingbackIsItsOwn(t *testing.T) {
	slow, err := gate.Parse("answer p99 < 10ms")
	if err != nil {
		t.Fatal(err)
	}
	const machines = "the processors of this machine were 99 % in use, 50 % by ringback itself"
	for _, c := range []struct {
		name    string
		summary report.Summary
		growth  float64
		used    inUse
		verdict capacity.Verdict
		why     string
	}{
		{"it was late", report.Summary{Invalid: []string{"late behind the schedule"}}, 0, inUse{}, capacity.Own, "late behind the schedule"},
		{"a full machine", report.Summary{}, 5, inUse{machine: 0.99, own: 0.5}, capacity.Own, machines},
		{"a machine that others fill", report.Summary{}, 5, inUse{machine: 0.99, own: 0.1}, capacity.Fails, "what waited for a response grew by 5 each second"},
		{"a full machine on which all is well", report.Summary{}, 0, inUse{machine: 0.99, own: 0.5}, capacity.Holds, ""},
	} {
		o := &windows{gates: []gate.Gate{slow}}
		w := capacity.Window{Verdict: capacity.Holds, Growth: c.growth}
		if o.judge(&w, &c.summary, &emitter.Result{}, c.used); w.Verdict != c.verdict || !strings.HasPrefix(w.Why, c.why) {
			t.Errorf("%s: %s, %q; want %s, %q", c.name, w.Verdict, w.Why, c.verdict, c.why)
		}
	}
}

// No interaction is in two windows.
func TestWindowsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC))) // no notification is older than 2014
		var bodies []string
		o := windowsTo(t, nil, 1)
		o.emitter.Targets[0].Sender = keeping{&bodies}
		for range 2 {
			if _, err := o.play(t.Context(), 5, 2*time.Second); err != nil {
				t.Fatal(err)
			}
		}
		interaction := regexp.MustCompile(`"interactionId":"[^"]+"`)
		if len(bodies) != 20 {
			t.Fatalf("%d notifications, want 20", len(bodies))
		}
		first := strings.Join(bodies[:10], "")
		for _, body := range bodies[10:] {
			if id := interaction.FindString(body); id == "" || strings.Contains(first, id) {
				t.Errorf("%s is in both windows", id)
			}
		}
	})
}

// keeping accepts all, and keeps it.
type keeping struct{ bodies *[]string }

func (k keeping) Send(_ context.Context, r *emitter.Request) emitter.Answer {
	*k.bodies = append(*k.bodies, string(r.Body))
	return emitter.Answer{Status: http.StatusOK, Released: true}
}

// What a window says of a consumer follows from its responses.
func TestAWindowIsJudged(t *testing.T) {
	for _, c := range []struct {
		name        string
		consumer    func() answering
		connections int
		gates       string
		rate        float64
		verdict     capacity.Verdict
		broke       capacity.Break
		why         string
	}{
		{"at once", func() answering { return afterwards(0) }, 64, "answer p99 < 10m", 50, capacity.Holds, "", ""},
		{"slow, in time", func() answering { return afterwards(400 * time.Millisecond) }, 64, "answer p99 < 10m", 50, capacity.Holds, "", ""},
		{"every other refused", everyOther, 64, "", 50, capacity.Fails, capacity.ByRefusals, "429"},
		{"every other refused, as a gate allows", everyOther, 64, "refused < 90%", 50, capacity.Holds, "", ""},
		{"too slow for a gate", func() answering { return afterwards(50 * time.Millisecond) }, 64, "answer p99 < 10ms", 50, capacity.Fails, capacity.ByLatency, "answer p99 < 10ms: it was "},
		{"one after the other", func() answering { return oneByOne(40 * time.Millisecond) }, 512, "", 100, capacity.Fails, capacity.ByQueue, "what waited for a response grew by "},
		{"too few connections", func() answering { return afterwards(100 * time.Millisecond) }, 1, "", 40, capacity.Own, "", "use more --connections"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC))) // no notification is older than 2014
				var gates []string
				if c.gates != "" {
					gates = []string{c.gates}
				}
				o := windowsTo(t, c.consumer(), c.connections, gates...)
				if c.verdict == capacity.Own {
					if w, err := o.play(t.Context(), 2, 2*time.Second); err != nil || w.Verdict != capacity.Holds {
						t.Fatalf("at first: %+v, %v", w, err)
					}
				}
				w, err := o.play(t.Context(), c.rate, 3*time.Second)
				if err != nil || w.Verdict != c.verdict || w.Broke != c.broke || !strings.Contains(w.Why, c.why) || w.Offered != uint64(3*c.rate) {
					t.Errorf("%+v, %v; want %s by %q, because of %q", w, err, c.verdict, c.broke, c.why)
				}
			})
		})
	}
}

// An interrupt ends a search with what is known.
func TestAnInterruptedSearchSaysWhatIsKnown(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	signals := make(chan os.Signal, 2)
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if requests.Add(1) == 40 { // of the second window
			signals <- os.Interrupt
		}
	}))
	defer server.Close()
	var out, errs bytes.Buffer
	left := func(int) { t.Error("the program was left at once") }
	path := filepath.Join(t.TempDir(), "c.json")
	status := run(context.WithValue(t.Context(), leave{}, left), []string{"capacity", "inbound-call", "--to", server.URL, "--report", path}, stdio{strings.NewReader(""), &out, &errs}, signals)
	const want = "no limit can be named: it was interrupted; " // and what holds, unless the machine stood still
	report, err := os.ReadFile(path)
	if status != exitInterrupted || err != nil || !strings.HasPrefix(out.String(), want) || !bytes.Contains(report, []byte(`"reason": "it was interrupted"`)) {
		t.Errorf("status %d, %v, %q, want %d and %q; %s", status, err, out.String(), exitInterrupted, want, errs.String())
	}
}

// Responses are slow by the first gate on a percentile, and single ones are not what another gate on times is about.
func TestSlowResponsesOfAWindow(t *testing.T) {
	gates := make([]gate.Gate, 0, 3)
	for _, text := range []string{"answer mean < 400ms", "answer p99 < 500ms", "answer p50 < 10ms"} {
		g, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		gates = append(gates, g)
	}
	h := hdrhistogram.New(1, 10_000_000, 3)
	for i := range int64(100) {
		_ = h.RecordValue(1000 + 10*i) // µs, within its range
	}
	_ = h.RecordValues(600_000, 3)
	o := windows{gates: gates}
	for _, c := range []struct {
		name   string
		broke  capacity.Break
		failed int // gate
		want   uint64
	}{
		{"holds", "", 0, 3}, {"refuses", capacity.ByRefusals, 0, 3}, {"is slow", capacity.ByLatency, 1, 3}, {"is slow on average", capacity.ByLatency, 0, 103}, {"is slow mostly", capacity.ByLatency, 2, 103},
	} {
		s := &report.Summary{}
		if c.broke == capacity.ByLatency {
			s.Gates = []report.Gate{{Text: gates[c.failed].String()}}
		}
		if got := o.slow(&capacity.Window{Offered: 103, Broke: c.broke}, s, h); got != c.want {
			t.Errorf("of a window that %s, %d are slow, want %d", c.name, got, c.want)
		}
	}
}
