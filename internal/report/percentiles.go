package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/show"
)

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
	d := plot{Title: title, About: about, Table: [][]string{{"percentile"}}}
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
	y, ticks := decades(lines)
	d.draw(lines, x, y, ticks)
	d.tabulatePercentiles(drawn, int(nines))
	return []plot{d}
}

// percentileName is the percentile with so many nines: 0%, 90%, 99%, 99.9% …
func percentileName(nines int) string {
	switch nines {
	case 0:
		return "0%"
	case 1:
		return "90%"
	case 2:
		return "99%"
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
	at := []float64{50, 75, 90, 95, 99}
	for n := 3; n < nines; n++ {
		p, _ := strconv.ParseFloat(strings.TrimSuffix(percentileName(n), "%"), 64)
		at = append(at, p)
	}
	at = append(at, 100)
	for _, c := range curves {
		d.Table[0] = append(d.Table[0], c.name)
	}
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
