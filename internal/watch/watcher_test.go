package watch

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

func TestWhatIsTraffic(t *testing.T) {
	rate := scenario.Rate{Times: 1, Per: time.Second}
	for _, tt := range []struct {
		name          string
		o             plan.Options
		conversations uint64
		want          bool
	}{
		{"one story", plan.Options{}, 1, false},
		{"twenty stories", plan.Options{Count: 20}, 20, false},
		{"more than twenty", plan.Options{Count: 21}, 21, true},
		{"a rate", plan.Options{Calls: rate, Count: 1}, 1, true},
		{"notifications at a rate", plan.Options{Events: rate}, 1, true},
		{"a workload", plan.Options{Arrivals: []plan.Stretch{{From: rate, To: rate, Over: time.Second}}}, 1, true},
		{"a population", plan.Options{Population: 2}, 2, true},
	} {
		asked := false
		got := isTraffic(&tt.o, func() uint64 { asked = true; return tt.conversations })
		if got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if asked && (tt.o.Population > 0 || !tt.o.Events.IsZero()) {
			t.Errorf("%s: the plan was walked to count its conversations", tt.name)
		}
	}
}

// Where there is no terminal.
func TestHowARunIsFollowed(t *testing.T) {
	for _, tt := range []struct {
		progress, output string
		traffic          bool
		want             string // "" for an error
		attempts         bool
	}{
		{"auto", "text", false, "off", true}, {"auto", "text", true, "lines", false},
		{"auto", "json", false, "off", false}, {"auto", "json", true, "off", false},
		{"auto", "quiet", true, "off", false}, {"lines", "quiet", true, "lines", false},
		{"lines", "text", false, "lines", true}, {"lines", "json", true, "lines", false},
		{"off", "text", true, "off", false}, {"off", "text", false, "off", true},
		{"screen", "text", true, "", false},
	} {
		o := Options{Progress: tt.progress, Output: tt.output, Extent: Extent{Traffic: tt.traffic}, Messages: &Messages{To: io.Discard}}
		got, err := o.progress()
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%+v: %q, %v", tt, got, err)
		}
		if err != nil {
			continue
		}
		if w, err := Open(o, emitter.NewControl()); err != nil || w.Attempts() != tt.attempts || (w.sampler.show != nil) != (tt.want == "lines") {
			t.Errorf("%+v: attempts told %v, shown %v, %v", tt, w.Attempts(), w.sampler.show != nil, err)
		}
	}
}

// The sampler looks once a second, and for the last time when the run is over: every row is
// in exactly one point of the series.
func TestTheSamplerMissesNothing(t *testing.T) {
	sc, err := scenario.Parse("short.yaml", []byte(aStory))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: 1, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		network := memnet.Listen()
		server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { io.Copy(io.Discard, req.Body) })}
		go server.Serve(network)
		e := emitter.Emitter{Control: emitter.NewControl(), Targets: []emitter.Target{{URL: "http://127.0.0.1/", Secret: make([]byte, 32), Dial: network.DialContext}}}
		var seen []Status
		s := sampler{control: e.Control}
		s.show = func() { seen = append(seen, s.now()) }
		finish := s.start()
		result, err := e.Run(t.Context(), time.Now(), p.Notifications())
		finish()
		server.Close()
		if err != nil || !result.AllRight() {
			t.Fatalf("%v, %+v", err, result.Total())
		}
		sum := uint64(0)
		for _, point := range s.series.Points {
			sum += point.Accepted
		}
		took := result.Ended.Sub(result.Started)
		if want := result.Total().Accepted; sum != want || s.now().Counts[delivered].Total != want {
			t.Errorf("the series has %d accepted notifications, the last frame %d, want %d", sum, s.now().Counts[delivered].Total, want)
		}
		if want := int(took / time.Second); len(seen) < want-1 || len(seen) > want+1 {
			t.Errorf("%d frames in %s, want one a second", len(seen), took)
		}
	})
}

func TestSteeringRemembersSoMuch(t *testing.T) {
	s, _ := controlled(nil)
	for range mostChanges {
		s.press('p')
	}
	s.press('p')
	s.pause(true) // is nothing new
	notes := s.notes()
	if len(notes) != mostChanges+1 || notes[mostChanges] != "… and 1 more changes" || !strings.HasPrefix(notes[0], "paused after ") {
		t.Errorf("%d notes, the last one %q", len(notes), notes[len(notes)-1])
	}
}

func TestSpeedsKeepToFourDigits(t *testing.T) {
	for v, want := range map[float64]float64{1.1 * 1.1: 1.21, 20 * 1.1: 22, 22 / 1.1: 20, 0.0012345678: 0.001235, 123456: 123500} {
		if got := rounded(v); got != want {
			t.Errorf("rounded(%v) = %v, want %v", v, got, want)
		}
	}
}

const aStory = `name: short
story: A call.
steps: [{call: customer}, {ring: {agent: alice, for: 1s}}, {talk: 2s}, {hangup: customer}]
`
