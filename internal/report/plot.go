package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/show"
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

// draw adds lines of dots, and the ticks of their vertical axis.
func (d *plot) draw(lines [][]dot, x scale, axis func([][]dot) (scale, []tick)) {
	y, ticks := axis(lines)
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

// extent is the least and the greatest value of several lines, and at least 0.
func extent(lines [][]dot) (least, most float64) {
	least = math.Inf(1)
	for _, line := range lines {
		for _, d := range line {
			if !d.missing() {
				least, most = min(least, d.y), max(most, d.y)
			}
		}
	}
	return least, most
}

// linear is a scale from 0, with its ticks at round numbers.
func linear(lines [][]dot) (scale, []tick) {
	_, most := extent(lines)
	step := roundStep(most / 4)
	y := scale{low: 0, high: step * max(1, math.Ceil(most/step)), from: plotBottom, to: plotTop}
	var ticks []tick
	for i := 0.0; i*step <= y.high; i++ {
		ticks = append(ticks, y.tick(i*step, number(i*step)))
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

// decades is a scale of times in µs, by powers of ten around what is drawn, of which there is some.
func decades(lines [][]dot) (scale, []tick) {
	least, most := extent(lines)
	low, high := math.Floor(math.Log10(max(1, least))), math.Ceil(math.Log10(max(10, most))) // times are whole µs
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
	if e >= 6 {
		return fmt.Sprintf("%.0f s", math.Pow(10, float64(e-6)))
	}
	return []string{"1", "10", "100"}[e%3] + []string{" µs", " ms"}[e/3]
}

// number is a count or a rate: whole from 10 on.
func number(v float64) string {
	if v < 10 && v != math.Trunc(v) {
		return fmt.Sprintf("%.1f", v)
	}
	return show.Grouped(uint64(math.Round(v)))
}

func microseconds(v float64) string {
	return show.Duration(time.Duration(v) * time.Microsecond)
}

// curve is a distribution to be drawn against percentiles.
type curve struct {
	name string
	of   *hdrhistogram.Histogram
}

// fewest is the least number of times that are worth a plot.
const fewest = 100

// percentilePlot draws distributions against percentiles. Its axis gives the slowest tenth, the
// slowest hundredth and so on as much space as all times before them, since problems show there.
// There is no plot if there is too little to draw.
func percentilePlot(title, about string, curves []curve) []plot {
	d := plot{Title: title, About: about}
	most := int64(0)
	var drawn []curve
	for _, c := range curves {
		if c.of != nil && c.of.TotalCount() >= fewest {
			drawn, most = append(drawn, c), max(most, c.of.TotalCount())
		}
	}
	if len(drawn) == 0 {
		return nil
	}
	nines := math.Ceil(math.Log10(float64(most)))
	x := scale{low: 0, high: nines, from: plotLeft, to: plotRight}
	for n := 0.0; n <= nines; n++ {
		d.XTicks = append(d.XTicks, x.tick(n, percentileName(int(n))))
	}
	var lines [][]dot
	for _, c := range drawn {
		d.Names = append(d.Names, c.name)
		lines = append(lines, c.dots())
	}
	d.draw(lines, x, decades)
	d.tabulatePercentiles(drawn, int(nines))
	return []plot{d}
}

// percentileName is the percentile with so many nines: 0%, 90%, 99%, 99.9% …
func percentileName(nines int) string {
	if nines < 3 {
		return [...]string{"0%", "90%", "99%"}[nines]
	}
	return "99." + strings.Repeat("9", nines-2) + "%"
}

// dots are percentiles up to the one that is about a single time, 20 between two nines.
func (c *curve) dots() (line []dot) {
	const between = 20
	end := math.Log10(float64(c.of.TotalCount()))
	var at []float64
	var percentiles []float64
	for i := 0; float64(i)/between < end; i++ {
		nines := float64(i) / between
		at, percentiles = append(at, nines), append(percentiles, 100*(1-math.Pow(10, -nines)))
	}
	at, percentiles = append(at, end), append(percentiles, 100)
	for i, v := range c.of.ValueAtPercentilesSlice(percentiles) {
		line = append(line, dot{at[i], float64(v)})
	}
	return line
}

// tabulatePercentiles lists the usual percentiles, as far as they are about more than one time.
func (d *plot) tabulatePercentiles(curves []curve, nines int) {
	d.Table = [][]string{append([]string{"percentile"}, d.Names...)}
	at := []float64{50, 75, 90, 95, 99}
	for n := 3; n < nines; n++ {
		p, _ := strconv.ParseFloat(strings.TrimSuffix(percentileName(n), "%"), 64)
		at = append(at, p)
	}
	at = append(at, 100)
	for _, p := range at {
		row := []string{fmt.Sprintf("p%v", p)}
		if p == 100 {
			row[0] = "max"
		}
		for _, c := range curves {
			row = append(row, microseconds(float64(c.of.ValueAtPercentile(p))))
		}
		d.Table = append(d.Table, row)
	}
	row := []string{"count"}
	for _, c := range curves {
		row = append(row, show.Grouped(uint64(c.of.TotalCount())))
	}
	d.Table = append(d.Table, row)
}

// Curve draws lines of points, such as latencies in µs, over an axis of rates that is logarithmic like the other one, with their figures in a table.
// What it returns is for the template "plot". It is nil where there is too little to draw.
func Curve(title, about string, names []string, lines [][][2]float64, table [][]string) any {
	var all [][]dot
	low, high := math.Inf(1), 0.0
	for _, line := range lines {
		var dots []dot
		for _, p := range line {
			dots = append(dots, dot{p[0], p[1]})
			low, high = min(low, p[0]), max(high, p[0])
		}
		all = append(all, dots)
	}
	if !(low > 0) || low >= high {
		return nil
	}
	p := &plot{Title: title, About: about, Names: names, Table: table}
	x := scale{low: low, high: high, from: plotLeft, to: plotRight, log: true}
	for e := math.Floor(math.Log10(low)); e <= math.Log10(high); e++ {
		for _, times := range []float64{1, 2, 5} {
			if v := times * math.Pow(10, e); v >= low && v <= high {
				p.XTicks = append(p.XTicks, x.tick(v, number(v)+"/s"))
			}
		}
	}
	p.draw(all, x, decades)
	return p
}
