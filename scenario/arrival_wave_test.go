package scenario

import (
	"math"
	"testing"
	"time"
)

// Each piece of a wave stays within a thousandth of the sine that it stands for, the pieces
// meet, and together they last as long as was asked for.
func TestAWaveIsASine(t *testing.T) {
	for _, c := range []struct {
		low, high         string
		every, over, peak time.Duration
	}{
		{"1/s", "6/s", 24 * time.Hour, 8 * time.Hour, 11 * time.Hour},
		{"0/s", "5/s", time.Hour, 150 * time.Minute, 30 * time.Minute},
		{"20/h", "21/h", 7 * time.Minute, time.Hour, 0},
		{"0.000001/s", "1000000/s", time.Minute, time.Minute, time.Minute},
		{"1/s", "6/s", 24 * time.Hour, time.Second, 11*time.Hour + time.Millisecond},
		{"3/s", "3/s", time.Millisecond, time.Second, 0},
	} {
		low, high := mustRate(t, c.low), mustRate(t, c.high)
		a := Arrival{Low: low, High: high, Every: c.every, Over: c.over, Peak: c.peak, Poisson: true}
		middle, size := (perSecond(high)+perSecond(low))/2, (perSecond(high)-perSecond(low))/2
		at, worst := time.Duration(0), 0.0
		off := func(r Rate, at time.Duration) {
			want := middle + size*math.Cos(2*math.Pi*float64(at-c.peak)/float64(c.every))
			worst = max(worst, math.Abs(perSecond(r)-want))
		}
		last := Rate{}
		for i, s := range a.waves() {
			if s.Over <= 0 || !s.Poisson || i > 0 && math.Abs(perSecond(s.From)-perSecond(last)) > 2e-9 {
				t.Fatalf("%+v: piece %d is %+v, behind %s", c, i, s, last)
			}
			off(s.From, at)
			off(between(scaled(s.From), scaled(s.To), 1, 2), at+s.Over/2)
			at += s.Over
			off(s.To, at)
			last = s.To
		}
		if at != c.over {
			t.Errorf("%+v lasts %s", c, at)
		}
		if worst > 0.001*size+3e-9 {
			t.Errorf("%+v is off by %g a second, which is %.3f %% of its height", c, worst, 100*worst/size)
		}
	}
}

func TestTheNumberOfPiecesIsBounded(t *testing.T) {
	for _, every := range []time.Duration{time.Hour, 97 * time.Millisecond, MaxSpan} {
		a := Arrival{Low: mustRate(t, "1/s"), High: mustRate(t, "2/s"), Every: every, Over: 90 * time.Second, Peak: every / 3}
		if got := len(a.waves()); int64(got) > a.pieces() || got == 0 {
			t.Errorf("every %s: %d pieces, want 1 to %d", every, got, a.pieces())
		}
	}
}

func TestRatesAreCompared(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"1/s", "60/m", 0}, {"0/s", "0/h", 0}, {"0/s", "0.000001/h", -1}, {"0.000001/h", "0/m", 1},
		{"1000000/s", "999999.999999/s", 1}, {"3600000000/h", "1000000/s", 0}, {"0.333333/s", "20/m", -1}} {
		if got := compareRates(mustRate(t, c.a), mustRate(t, c.b)); got != c.want {
			t.Errorf("%s against %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func mustRate(t *testing.T, text string) Rate {
	t.Helper()
	r, err := ParseRate(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func perSecond(r Rate) float64 { return float64(r.Times) / r.Per.Seconds() }
