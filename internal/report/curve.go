package report

import "math"

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
