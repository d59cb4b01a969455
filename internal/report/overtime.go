package report

import (
	"fmt"
	"math"
	"time"

	"github.com/ringback/ringback/internal/show"
)

// How much of a series is drawn, and listed beside the drawing.
const (
	mostDots = 480
	mostRows = 24
)

// track is one line of a plot over time.
type track struct {
	name string
	of   func(p *Point, seconds float64) float64 // of a point that stands for so many seconds; NaN if there is nothing
}

func rate(of func(*Point) uint64) func(*Point, float64) float64 {
	return func(p *Point, seconds float64) float64 { return float64(of(p)) / seconds }
}

func gauge(of func(*Point) int) func(*Point, float64) float64 {
	return func(p *Point, _ float64) float64 { return float64(of(p)) }
}

func timeOf(which func(*Point) *Spread, of func(*Spread) int64) func(*Point, float64) float64 {
	return func(p *Point, _ float64) float64 {
		if s := which(p); s != nil {
			return float64(of(s))
		}
		return math.NaN()
	}
}

// plotsOverTime draws a series of a run that took so long. They are empty if there is nothing
// to see in it.
func (s *Series) plotsOverTime(took time.Duration) (plots []plot) {
	if s == nil || len(s.Points) < 2 {
		return nil
	}
	rates := []track{
		{"offered", rate(func(p *Point) uint64 { return p.Offered })},
		{"accepted", rate(func(p *Point) uint64 { return p.Accepted })},
		{"failures", rate(func(p *Point) uint64 { return p.Failures })},
	}
	if s.any(func(p *Point) bool { return p.NotSent > 0 }) {
		rates = append(rates, track{"not sent", rate(func(p *Point) uint64 { return p.NotSent })})
	}
	plots = append(plots, s.plot(took, "Rate", "Per second: notifications offered by the plan and accepted, and failed attempts.", rates))
	for _, t := range []struct {
		title, about string
		which        func(*Point) *Spread
	}{
		{"Latency", "From the beginning of a request to the end of its response.", func(p *Point) *Spread { return p.Latency }},
		{"Lateness", "From the planned moment of a request to its beginning.", func(p *Point) *Spread { return p.Lateness }},
	} {
		if s.any(func(p *Point) bool { return t.which(p) != nil }) {
			plots = append(plots, s.plotTimes(took, t.title, t.about, t.which))
		}
	}
	if s.any(func(p *Point) bool { return p.Live+p.Queued > 0 }) {
		live := []track{{"live", gauge(func(p *Point) int { return p.Live })}}
		if s.any(func(p *Point) bool { return p.Queued > 0 }) {
			live = append(live, track{"in queue", gauge(func(p *Point) int { return p.Queued })})
		}
		plots = append(plots, s.plot(took, "Conversations", "Live conversations, and those that wait for an agent.", live))
	}
	return plots
}

func (s *Series) any(is func(*Point) bool) bool {
	for i := range s.Points {
		if is(&s.Points[i]) {
			return true
		}
	}
	return false
}

// plot draws numbers.
func (s *Series) plot(took time.Duration, title, about string, tracks []track) plot {
	d := plot{Title: title + " over time", About: about}
	lines, x := d.overTime(s, took, tracks)
	y, ticks := linear(highest(lines), number)
	d.draw(lines, x, y, ticks)
	d.tabulate(s.coarse(mostRows), took, tracks, number)
	return d
}

// plotTimes draws p50, p99 and the longest of times.
func (s *Series) plotTimes(took time.Duration, title, about string, which func(*Point) *Spread) plot {
	tracks := []track{
		{"p50", timeOf(which, func(s *Spread) int64 { return s.P50 })},
		{"p99", timeOf(which, func(s *Spread) int64 { return s.P99 })},
		{"max", timeOf(which, func(s *Spread) int64 { return s.Max })},
	}
	d := plot{Title: title + " over time", About: about}
	lines, x := d.overTime(s, took, tracks)
	y, ticks := decades(lines)
	d.draw(lines, x, y, ticks)
	d.tabulate(s.coarse(mostRows), took, tracks, microseconds)
	return d
}

// overTime makes dots of tracks, and the axis of time.
func (d *plot) overTime(s *Series, took time.Duration, tracks []track) (lines [][]dot, x scale) {
	c := s.coarse(mostDots)
	end := c.Points[len(c.Points)-1].At
	x = scale{low: 0, high: float64(end), from: plotLeft, to: plotRight}
	for _, t := range tracks {
		d.Names = append(d.Names, t.name)
		var line []dot
		last := int64(0)
		for i := range c.Points {
			p := &c.Points[i]
			if p.At > last+c.Step {
				line = append(line, dot{0, math.NaN()}) // no data
			}
			last = p.At
			line = append(line, dot{float64(p.At) - float64(c.Step)/2, t.of(p, c.seconds(p, took))})
		}
		lines = append(lines, line)
	}
	length := time.Duration(end) * time.Second
	step := axis{length: length, width: 80}.step()
	for at := time.Duration(0); at <= length; at += step {
		d.XTicks = append(d.XTicks, x.tick(at.Seconds(), "+"+show.Brief(at)))
	}
	return lines, x
}

// seconds is how long the time is that a point stands for: the last one ends with the run.
func (s *Series) seconds(p *Point, took time.Duration) float64 {
	const least = 0.25 // of a step, so that a moment's work is not drawn as a great rate
	step := float64(s.Step)
	return max(least*step, min(step, took.Seconds()-float64(p.At-s.Step)))
}

// tabulate lists the points of a coarse series.
func (d *plot) tabulate(s *Series, took time.Duration, tracks []track, text func(float64) string) {
	head := []string{"up to"}
	for _, t := range tracks {
		head = append(head, t.name)
	}
	d.Table = [][]string{head}
	for i := range s.Points {
		p := &s.Points[i]
		row := []string{"+" + show.Brief(min(time.Duration(p.At)*time.Second, max(took, time.Second).Round(time.Second)))}
		for _, t := range tracks {
			cell := "–"
			if v := t.of(p, s.seconds(p, took)); !math.IsNaN(v) {
				cell = text(v)
			}
			row = append(row, cell)
		}
		d.Table = append(d.Table, row)
	}
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
