package gate_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/gate"
)

func TestGatesThatCompareAreRead(t *testing.T) {
	for _, c := range []struct {
		text, normal string
		value        float64
	}{
		{"answer p99 < 1.2x", "answer p99 < 1.2x", 1.2},
		{"answer p99 < 1.2 x", "answer p99 < 1.2x", 1.2},
		{"latency mean <= 2X", "latency mean <= 2X", 2},
		{"throughput >= 0.9×", "throughput >= 0.9×", 0.9},
		{"latency p50 < +20%", "latency p50 < +20%", 1.2},
		{"throughput >= -5%", "throughput >= -5%", 0.95},
		{"failures <= 1x", "failures <= 1x", 1},
		{"error rate <= 1.5x", "error rate <= 1.5x", 1.5},
		{"accepted >= 0.99x", "accepted >= 0.99x", 0.99},
		{"violations <= 1x", "violations <= 1x", 1},
		{"duration < 1.1x", "duration < 1.1x", 1.1},
	} {
		g, err := gate.ParseCompared(c.text)
		if err != nil || !g.Relative || g.Share || g.String() != c.normal || math.Abs(g.Value-c.value) > 1e-9 {
			t.Errorf("%q is read as %q, %v, relative %t, %v; want %v", c.text, g, g.Value, g.Relative, err, c.value)
		}
		if _, err := gate.Parse(c.text); err == nil || !strings.Contains(err.Error(), "compares with another run, and there is none here") {
			t.Errorf("%q without another run: got %v", c.text, err)
		}
	}
	if g, err := gate.ParseCompared("accepted >= 99%"); err != nil || g.Relative || g.Value != 99 {
		t.Errorf("a gate about one run is read as %+v, %v", g, err)
	}
}

func TestWhatIsWrongWithAFactorIsTold(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
		says   string
	}{
		{"latency p99 < 0x", 15, "want a factor from 0.001x to 1000x"},
		{"latency p99 < 1001x", 15, "want a factor from"},
		{"throughput > -100%", 14, "want a factor from"},
		{"latency p99 < x1.2", 15, "want the factor before its sign: 1.2x"},
		{"latency p99 < 120%", 15, "a factor such as 1.2x or a change such as +20%"},
		{"throughput > 90%", 14, "a factor such as 0.9x or a change such as -10%"},
		{"notifications == 1x", 18, "notifications is what was planned"},
		{"forgeries < 1.1x", 13, "is what was planned"},
		{"latency p99 < -1.2x", 15, "want a time"},
	} {
		_, err := gate.ParseCompared(c.text)
		var e *gate.Error
		if !errors.As(err, &e) || e.Column != c.column || !strings.Contains(e.Problem, c.says) {
			t.Errorf("%q: got %v; want character %d: …%s…", c.text, err, c.column, c.says)
		}
	}
}

func TestAFactorDoesNotLookEqualUnlessItIs(t *testing.T) {
	g, err := gate.ParseCompared("latency p99 < 1.2x")
	if err != nil {
		t.Fatal(err)
	}
	for factor, want := range map[float64]string{1.2: "1.2x", 1.2001: "1.2001x", 1.23456: "1.23x", 0.5: "0.5x", 1234.5: "1230x"} {
		if got := g.ShowFactor(factor); got != want {
			t.Errorf("%v is shown as %q, want %q", factor, got, want)
		}
	}
	if g.Holds(1.2) || !g.Holds(1.19) {
		t.Error("a factor is not compared with the bound")
	}
}
