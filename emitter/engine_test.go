package emitter_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ringback/ringback/emitter"
)

// eachEngine runs a test with each engine, the choice between them included.
func eachEngine(t *testing.T, test func(*testing.T, emitter.Engine)) {
	for _, engine := range []emitter.Engine{emitter.AutoEngine, emitter.NetHTTP, emitter.FastLane} {
		name, err := engine.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		t.Run(string(name), func(t *testing.T) { test(t, engine) })
	}
}

func TestEnginesAreReadByName(t *testing.T) {
	eachEngine(t, func(t *testing.T, want emitter.Engine) {
		text, _ := want.MarshalText()
		var got emitter.Engine
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("%s is read as %d, %v", text, got, err)
		}
	})
	var e emitter.Engine
	if err := e.UnmarshalText([]byte("fast")); err == nil || err.Error() != `want auto, http or lane, got "fast"` {
		t.Errorf("error is %v", err)
	}
}

func TestTheFastLaneIsRefusedWhereItDoesNotApply(t *testing.T) {
	e := with(emitter.Emitter{Engine: emitter.FastLane, Redirects: emitter.FollowRedirects})
	const want = "target " + good + ": the fast lane follows no redirects; leave the choice of the engine to ringback, or take net/http"
	if err := e.Check(); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	e.Targets[0].URL, e.Redirects = "http://bücher.example/", emitter.FailRedirects
	if err := e.Check(); err == nil || !strings.Contains(err.Error(), "beyond ASCII") {
		t.Errorf("error is %v, want one about the host name", err)
	}
	for _, other := range []emitter.Engine{emitter.AutoEngine, emitter.NetHTTP} {
		e.Engine, e.Redirects = other, emitter.FollowRedirects
		if err := e.Check(); err != nil {
			t.Errorf("engine %d: %v", other, err)
		}
	}
}

func TestTheEngineIsChosen(t *testing.T) {
	one, two := secure(t, false), secure(t, true)
	ca, _ := certificateFiles(t, one.TLS.Certificates[0])
	const lane, reference = "fast lane", "net/http"
	tests := []struct {
		name      string
		engine    emitter.Engine
		url       string
		redirects emitter.Redirects
		want      string
	}{
		{"plain HTTP takes the lane", emitter.AutoEngine, plain(t), emitter.FailRedirects, lane},
		{"redirects are for net/http", emitter.AutoEngine, plain(t), emitter.FollowRedirects, reference},
		{"TLS with HTTP/1.1 takes the lane", emitter.AutoEngine, one.URL, emitter.FailRedirects, lane},
		{"HTTP/2 is for net/http", emitter.AutoEngine, two.URL, emitter.FailRedirects, reference},
		{"the lane does not offer HTTP/2", emitter.FastLane, two.URL, emitter.FailRedirects, lane},
		{"net/http is what was asked for", emitter.NetHTTP, plain(t), emitter.FailRedirects, reference},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := one200(emitter.Target{URL: test.url, TLS: emitter.TLS{CAFile: ca}})
			e.Engine, e.Redirects = test.engine, test.redirects
			result := play(t, &e, notes(200, 0))
			got := result.Targets[0]
			if got.Engine != test.want || !result.AllRight() {
				t.Errorf("engine %q, %v; want %q and all accepted", got.Engine, got.Diagnoses(), test.want)
			}
			if got.NewConnections > uint64(e.Connections) && test.want == lane {
				t.Errorf("%d connections, want at most %d", got.NewConnections, e.Connections)
			}
		})
	}
}

func one200(target emitter.Target) emitter.Emitter {
	return emitter.Emitter{Targets: []emitter.Target{target}, Speed: emitter.Max, Connections: 8, RetryFor: -1}
}

func TestTheTraceIsSentByBothEngines(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine emitter.Engine) {
		var got []string // one connection, so one at a time
		e := emitter.Emitter{Engine: engine, Traceparent: true, Connections: 1}
		e.Targets = []emitter.Target{{URL: serve(t, func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.Header["Traceparent"]...) }),
			Header: http.Header{"traceparent": {"mine"}}}}
		play(t, &e, notes(2, 0))
		if len(got) != 2 || got[0] == got[1] || !strings.HasPrefix(got[0], "00-") {
			t.Errorf("traces are %q, want two, and none of the target's own header", got)
		}
	})
}
