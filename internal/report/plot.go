package report

import (
	"fmt"
	"math"
	"strings"
)

// plot is a drawing of lines over two axes, with the same figures as a table for those who
// cannot see it.
type plot struct {
	Title  string
	About  string // what is drawn, in a sentence
	Names  []string
	Lines  []string // paths, by name
	XTicks []tick
	YTicks []tick
	Table  [][]string // with its head
}

// tick is a mark on an axis, in units of the drawing.
type tick struct{ At, Label string }

// The drawing, in its units: an area for the lines, with space for labels at the left and below.
const (
	plotLeft   = 72
	plotTop    = 10
	plotRight  = 926
	plotBottom = 210
)

// The template has the same numbers.
func (plot) Left() int   { return plotLeft }
func (plot) Right() int  { return plotRight }
func (plot) Top() int    { return plotTop }
func (plot) Bottom() int { return plotBottom }

// dot is a point of a line. Without a value the line is interrupted.
type dot struct{ x, y float64 }

func (d dot) missing() bool { return math.IsNaN(d.y) }

// scale maps values to a direction of the drawing.
type scale struct {
	low, high float64 // low is less than high
	from, to  float64 // in units of the drawing
	log       bool
}

func (s scale) at(v float64) float64 {
	low, high := s.low, s.high
	if s.log {
		low, high, v = math.Log10(low), math.Log10(high), math.Log10(max(v, s.low))
	}
	return s.from + (s.to-s.from)*(v-low)/(high-low)
}

func (s scale) tick(v float64, label string) tick { return tick{coordinate(s.at(v)), label} }

func coordinate(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// draw adds lines of dots, and the ticks of the vertical axis.
func (d *plot) draw(lines [][]dot, x, y scale, ticks []tick) {
	d.YTicks = ticks
	for _, line := range lines {
		d.Lines = append(d.Lines, path(line, x, y))
	}
}

// path draws dots as a line. A dot without neighbours is drawn as a short stroke.
func path(dots []dot, x, y scale) string {
	var b strings.Builder
	for i, d := range dots {
		first := i == 0 || dots[i-1].missing()
		switch {
		case d.missing():
			continue
		case first:
			b.WriteByte('M')
		default:
			b.WriteByte('L')
		}
		b.WriteString(coordinate(x.at(d.x)) + " " + coordinate(y.at(d.y)))
		if last := i == len(dots)-1 || dots[i+1].missing(); first && last {
			b.WriteString("h1")
		}
	}
	return b.String()
}

// highest is the greatest value of several lines, and at least 0.
func highest(lines [][]dot) (most float64) {
	for _, line := range lines {
		for _, d := range line {
			if !d.missing() {
				most = max(most, d.y)
			}
		}
	}
	return most
}

// linear is a scale from 0, with its ticks at round numbers.
func linear(most float64, label func(float64) string) (scale, []tick) {
	step := roundStep(most / 4)
	y := scale{low: 0, high: step * max(1, math.Ceil(most/step)), from: plotBottom, to: plotTop}
	var ticks []tick
	for i := 0.0; i*step <= y.high; i++ {
		ticks = append(ticks, y.tick(i*step, label(i*step)))
	}
	return y, ticks
}

// roundStep is the smallest of 1, 2 and 5 times a power of ten that is not less than least.
func roundStep(least float64) float64 {
	if least <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(least)))
	for _, times := range []float64{1, 2, 5} {
		if times*unit >= least {
			return times * unit
		}
	}
	return 10 * unit
}

// decades is a scale of times in µs, by powers of ten around what is drawn.
func decades(lines [][]dot) (scale, []tick) {
	least := math.Inf(1)
	for _, line := range lines {
		for _, d := range line {
			if !d.missing() {
				least = min(least, d.y)
			}
		}
	}
	least, most := max(1, least), max(10, highest(lines)) // times are whole µs
	if math.IsInf(least, 1) {
		least = 1
	}
	low, high := math.Floor(math.Log10(least)), math.Ceil(math.Log10(most))
	if low == high {
		low--
	}
	y := scale{low: math.Pow(10, low), high: math.Pow(10, high), from: plotBottom, to: plotTop, log: true}
	var ticks []tick
	for e := low; e <= high; e++ {
		ticks = append(ticks, y.tick(math.Pow(10, e), powerTime(int(e))))
	}
	return y, ticks
}

// powerTime is 10 to the power of e µs.
func powerTime(e int) string {
	units := [...]string{"µs", "ms", "s", "s", "s"}
	power := []string{"1", "10", "100"}
	switch {
	case e < 6:
		return power[e%3] + " " + units[e/3]
	}
	return fmt.Sprintf("%.0f s", math.Pow(10, float64(e-6)))
}
