package mistake

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// Minutes, other units and short numbers are named however they come about, by code of its own that tells them.
func TestUnitsAndPrecisionAreNamed(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	all := answered(examined(t, 1, dimension.Stories))
	in := func(unit float64, as func(float64) float64, told float64) *Seen {
		return retold(all, timesAs(func(s float64) float64 { return as(s/unit) * told }))
	}
	same := func(s float64) float64 { return s }
	short := func(f *fact) time.Time {
		return time.Unix(int64(math.RoundToEven(float64(f.at.Unix())/128))*128, 0) // a number of 32 bits has room for every 128th second
	}
	for _, c := range []struct {
		name, want string
		told       func() *Seen
	}{
		{"begun minutes", "whole-minutes", func() *Seen { return in(60, math.Ceil, 60) }},
		{"whole minutes", "whole-minutes", func() *Seen { return in(60, math.Floor, 60) }},
		{"the nearest minutes", "whole-minutes", func() *Seen { return in(60, math.Round, 60) }},
		{"begun minutes as their number", "whole-minutes", func() *Seen { return in(60, math.Ceil, 1) }},
		{"whole minutes as their number", "whole-minutes", func() *Seen { return in(60, math.Floor, 1) }},
		{"the nearest minutes as their number", "whole-minutes", func() *Seen { return in(60, math.Round, 1) }},
		{"each stay in begun minutes", "whole-minutes", func() *Seen {
			return told(all, func(c *consumer) {
				c.stay = func(from, to time.Time) float64 { return math.Ceil(to.Sub(from).Minutes()) * 60 }
			})
		}},
		{"minutes", "minutes-told", func() *Seen { return in(60, same, 1) }},
		{"hours", "other-units-told", func() *Seen { return in(3600, same, 1) }},
		{"microseconds", "other-units-told", func() *Seen { return in(1, same, 1e6) }},
		{"ticks of 100 ns", "other-units-told", func() *Seen { return in(1, same, 1e7) }},
		{"nanoseconds", "other-units-told", func() *Seen { return in(1, same, 1e9) }},
		{"each stay in tenths", "tenths", func() *Seen {
			return told(all, func(c *consumer) {
				c.stay = func(from, to time.Time) float64 { return to.Sub(from).Round(100 * time.Millisecond).Seconds() }
			})
		}},
		{"single precision", "single-precision", func() *Seen { return told(all, func(c *consumer) { c.moment = short }) }},
		{"single precision, in the order as well", "single-precision", func() *Seen {
			return told(all, func(c *consumer) {
				c.moment, c.together = short, func(a, b *fact) bool { return short(a).Equal(short(b)) }
				c.order = func(a, b *fact) int { return cmp.Or(short(a).Compare(short(b)), a.rank-b.rank) }
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.told()
			if !slices.ContainsFunc(byName(c.want).changes, func(change change) bool { return s.simulate(change).explainsAll() }) {
				t.Errorf("%s explains it in part", c.want)
			}
			causes := s.Explain()
			if len(causes) != 1 || causes[0].Rule != rulebook.KeepFractions || !slices.Equal(causes[0].Mistakes, []*Mistake{byName(c.want)}) {
				t.Errorf("want %s: %.600s", c.want, text(all, causes))
			}
		})
	}
}
