package story

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Rate is how often something begins, as a whole number of times in a period. Its zero
// value is no rate.
type Rate struct {
	Times uint64
	Per   time.Duration
}

var rateUnits = [...]struct {
	name string
	per  time.Duration
}{{"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}}

// perUnit writes rates as other programs do in the way of this one.
var perUnit = strings.NewReplacer(" ", "", "\t", "", "seconds", "s", "second", "s", "sec", "s", "minutes", "m", "minute", "m", "min", "m", "hours", "h", "hour", "h", "hr", "h", "per", "/")

// MaxRate is the highest rate, a second: sums of rates stay exact, and no machine sends more.
const MaxRate = 1_000_000

// ErrTooHigh means that a rate is above MaxRate.
var ErrTooHigh = fmt.Errorf("want at most %d/s", MaxRate)

// mostDecimals are those of a rate: 0.000001/h is one event in a hundred years.
const mostDecimals = 6

// ParseRate reads a rate such as 5/s, 0.5/s, 300/m or 20/h, up to MaxRate.
func ParseRate(text string) (Rate, error) {
	number, unit, _ := strings.Cut(strings.TrimSpace(text), "/")
	for _, u := range rateUnits {
		if unit != u.name {
			continue
		}
		whole, fraction, pointed := strings.Cut(number, ".")
		times, err := strconv.ParseUint(whole+fraction, 10, 64)
		if err != nil || whole == "" || pointed && fraction == "" || len(fraction) > mostDecimals {
			break
		}
		per := u.per
		for range fraction {
			per *= 10
		}
		high, low := bits.Mul64(times, uint64(time.Second))
		if mostHigh, mostLow := bits.Mul64(MaxRate, uint64(per)); high > mostHigh || high == mostHigh && low > mostLow {
			return Rate{}, fmt.Errorf("%w, got %q", ErrTooHigh, text)
		}
		return Rate{times, per}, nil
	}
	err := fmt.Errorf("want a rate such as 5/s, 0.5/s or 300/m, got %q", text)
	if fewer, _, _ := strings.Cut(number, "."); len(number)-len(fewer) > 1+mostDecimals {
		return Rate{}, fmt.Errorf("%w, with more than %d decimals", err, mostDecimals)
	}
	if _, missing := strconv.ParseFloat(text, 64); missing == nil && strings.Trim(text, "0123456789.") == "" {
		err = fmt.Errorf("%w (add a unit: %s/s)", err, text)
	} else if better := perUnit.Replace(strings.ToLower(text)); better != text {
		if _, unclear := ParseRate(better); unclear == nil {
			err = fmt.Errorf("%w (write %s)", err, better)
		}
	}
	return Rate{}, err
}

// IsZero reports whether nothing ever begins at this rate.
func (r Rate) IsZero() bool { return r.Times == 0 }

// Moment is when the i-th one begins, from 0, exactly i periods divided by the times and
// rounded down to nanoseconds, so that errors never add up. Moments beyond 100 years are
// cut to that.
func (r Rate) Moment(i uint64) time.Duration {
	const most = 100 * 365 * 24 * time.Hour
	hi, lo := bits.Mul64(i, uint64(r.Per))
	if r.Times == 0 || hi >= r.Times {
		return most
	}
	at, _ := bits.Div64(hi, lo, r.Times)
	return time.Duration(min(at, uint64(most)))
}

// String is the rate as the scenario language writes it.
func (r Rate) String() string {
	for _, u := range rateUnits {
		if u.per == r.Per {
			return fmt.Sprintf("%d/%s", r.Times, u.name)
		}
	}
	return strconv.FormatFloat(float64(r.Times)/r.Per.Seconds(), 'g', -1, 64) + "/s"
}

// Stretch is a part of the arrivals, in which the rate changes evenly. Everything that a
// workload can say about arrivals becomes a list of stretches.
type Stretch struct {
	From, To Rate          // conversations that begin in a time; zero is none
	Over     time.Duration // how long it lasts, above 0
	Poisson  bool          // they come at random, with that rate on average; else evenly
}
