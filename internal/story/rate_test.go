package story

import (
	"math"
	"math/big"
	"testing"
	"time"
)

func TestRatesAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		text, want string
		tenth      time.Duration // when the tenth begins, counted from 0
	}{
		{"5/s", "5/s", 2 * time.Second},
		{"0.5/s", "0.5/s", 20 * time.Second},
		{"300/m", "300/m", 2 * time.Second},
		{"20/h", "20/h", 30 * time.Minute},
		{"3/s", "3/s", 3333333333},
		{" 7/m ", "7/m", 85714285714},
		{"0.000001/h", "2.7777777777777777e-10/s", 100 * 365 * 24 * time.Hour},
	} {
		r, err := ParseRate(c.text)
		if err != nil || r.String() != c.want || r.Moment(10) != c.tenth || r.IsZero() {
			t.Errorf("%q: got %s, tenth at %s, %v; want %s, tenth at %s", c.text, r, r.Moment(10), err, c.want, c.tenth)
		}
	}
}

func TestRatesThatAreNone(t *testing.T) {
	for _, text := range []string{"", "5", "/s", "5/", "5/d", "5/sec", "-5/s", "+5/s", "5./s", ".5/s", "1e3/s", "0x5/s", "5 /s",
		"0.0000001/s", "9999999999999/s", "1000001/s", "1000000.000001/s", "60000001/m", "3600000000.1/h", "99999999999999999999999/s", "5/s/s", "NaN/s", "Inf/s"} {
		if r, err := ParseRate(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, r)
		}
	}
}

func TestNoRateNeverBegins(t *testing.T) {
	r, err := ParseRate("0/s")
	if err != nil || !r.IsZero() || r.Moment(0) != 100*365*24*time.Hour {
		t.Errorf("got %s, %v, first at %s", r, err, r.Moment(0))
	}
}

// The moments are those of exact arithmetic, cut to nanoseconds, however far.
func TestMomentsAreExact(t *testing.T) {
	const most = 100 * 365 * 24 * time.Hour
	for _, text := range []string{"1/s", "3/s", "7/m", "11/h", "0.999999/s", "1000000/s", "999999.999999/s", "0.000001/h"} {
		r, err := ParseRate(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []uint64{0, 1, 2, 3, 999, 1 << 20, 1<<32 - 1, 1 << 40, 1 << 62, math.MaxUint64} {
			want := new(big.Int).SetUint64(i)
			want.Mul(want, big.NewInt(int64(r.Per))).Div(want, new(big.Int).SetUint64(r.Times))
			if want.Cmp(big.NewInt(int64(most))) > 0 {
				want = big.NewInt(int64(most))
			}
			if got := r.Moment(i); int64(got) != want.Int64() {
				t.Errorf("%s: number %d begins at %d, want %d", text, i, got, want)
			}
		}
	}
}
