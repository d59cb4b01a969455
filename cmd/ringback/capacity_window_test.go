package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/capacity"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// windowsTo plays windows to a handler.
func windowsTo(t *testing.T, handler http.HandlerFunc, connections int, gates ...string) *windows {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	sc, err := scenarios.Load("voicemail")
	if err != nil {
		t.Fatal(err)
	}
	o := &windows{traffic: &settings.Traffic{Scenarios: []*scenario.Scenario{sc}}, options: plan.Options{Seed: 7}, inUse: func() inUse { return inUse{} },
		emitter: emitter.Emitter{Speed: 1, Connections: connections, Targets: []emitter.Target{{Name: "c", URL: server.URL}}}}
	for _, text := range gates {
		g, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		o.gates = append(o.gates, g)
	}
	return o
}

func afterwards(d time.Duration) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { time.Sleep(d) }
}

// everyOther refuses every other request.
func everyOther() http.HandlerFunc {
	n := new(atomic.Int64)
	return func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1)%2 == 0 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}
}

// What a window says of a consumer follows from real requests to it.
func TestAWindowIsJudged(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	var one sync.Mutex
	for _, c := range []struct {
		name        string
		handler     http.HandlerFunc
		connections int
		gates       string
		rate        float64
		verdict     capacity.Verdict
		broke       capacity.Break
		why         string
	}{
		{"at once", afterwards(0), 64, "answer p99 < 10m", 50, capacity.Holds, "", ""},
		{"slow, in time", afterwards(400 * time.Millisecond), 64, "answer p99 < 10m", 50, capacity.Holds, "", ""},
		{"every other refused", everyOther(), 64, "", 50, capacity.Fails, capacity.ByRefusals, "429"},
		{"every other refused, as a gate allows", everyOther(), 64, "refused < 90%", 50, capacity.Holds, "", ""},
		{"too slow for a gate", afterwards(50 * time.Millisecond), 64, "answer p99 < 10ms", 50, capacity.Fails, capacity.ByLatency, "answer p99 < 10ms: it was "},
		{"one after the other", func(http.ResponseWriter, *http.Request) {
			one.Lock()
			defer one.Unlock()
			time.Sleep(40 * time.Millisecond)
		}, 512, "", 100, capacity.Fails, capacity.ByQueue, "what waited for a response grew by "},
		{"too few connections", afterwards(100 * time.Millisecond), 1, "", 40, capacity.Own, "", "use more --connections"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var gates []string
			if c.gates != "" {
				gates = []string{c.gates}
			}
			o := windowsTo(t, c.handler, c.connections, gates...)
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
	}
}
