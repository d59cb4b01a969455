package report

import (
	"math"
	"slices"
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
	name     string
	of       func(p *Point, seconds float64) float64 // of a point that stands for so many seconds; NaN if there is nothing
	optional bool                                    // not drawn if it is 0 throughout
}

func rate(name string, of func(*Point) uint64) track {
	return track{name: name, of: func(p *Point, seconds float64) float64 { return float64(of(p)) / seconds }}
}

func gauge(name string, of func(*Point) int) track {
	return track{name: name, of: func(p *Point, _ float64) float64 { return float64(of(p)) }, optional: true}
}

// spreads are the tracks of times.
func spreads(which func(*Point) *Spread) []track {
	of := func(name string, of func(*Spread) int64) track {
		return track{name: name, of: func(p *Point, _ float64) float64 {
			if s := which(p); s != nil {
				return float64(of(s))
			}
			return math.NaN()
		}}
	}
	return []track{of("p50", func(s *Spread) int64 { return s.P50 }), of("p99", func(s *Spread) int64 { return s.P99 }),
		of("max", func(s *Spread) int64 { return s.Max })}
}

// plotsOverTime draws a series of a run that took so long. Those in which there is nothing to see
// are left out.
func (s *Series) plotsOverTime(took time.Duration) (plots []plot) {
	if s == nil || len(s.Points) < 2 {
		return nil
	}
	notSent := rate("not sent", func(p *Point) uint64 { return p.NotSent })
	notSent.optional = true
	for _, d := range []struct {
		title, about string
		axis         func([][]dot) (scale, []tick)
		text         func(float64) string
		tracks       []track
	}{
		{"Rate", "Per second: notifications offered by the plan and accepted, and failed attempts.", linear, number, []track{
			rate("offered", func(p *Point) uint64 { return p.Offered }), rate("accepted", func(p *Point) uint64 { return p.Accepted }),
			rate("failures", func(p *Point) uint64 { return p.Failures }), notSent}},
		{"Latency", "From the beginning of a request to the end of its response.", decades, microseconds,
			spreads(func(p *Point) *Spread { return p.Latency })},
		{"Lateness", "From the planned moment of a request to its beginning.", decades, microseconds,
			spreads(func(p *Point) *Spread { return p.Lateness })},
		{"Conversations", "Live conversations, and those that wait for an agent.", linear, number, []track{
			gauge("live", func(p *Point) int { return p.Live }), gauge("in queue", func(p *Point) int { return p.Queued })}},
	} {
		tracks := slices.DeleteFunc(d.tracks, func(t track) bool {
			return !slices.ContainsFunc(s.Points, func(p Point) bool { v := t.of(&p, 1); return v > 0 || v == 0 && !t.optional })
		})
		if len(tracks) == 0 {
			continue
		}
		p := plot{Title: d.title + " over time", About: d.about}
		lines, x := p.overTime(s.coarse(mostDots), took, tracks)
		p.draw(lines, x, d.axis)
		p.tabulate(s.coarse(mostRows), took, tracks, d.text)
		plots = append(plots, p)
	}
	return plots
}

// overTime makes dots of tracks, and the axis of time.
func (d *plot) overTime(s *Series, took time.Duration, tracks []track) (lines [][]dot, x scale) {
	end := s.Points[len(s.Points)-1].At
	x = scale{low: 0, high: float64(end), from: plotLeft, to: plotRight}
	for _, t := range tracks {
		d.Names = append(d.Names, t.name)
		var line []dot
		last := int64(0)
		for i := range s.Points {
			p := &s.Points[i]
			if p.At > last+s.Step {
				line = append(line, dot{0, math.NaN()}) // no data
			}
			last = p.At
			line = append(line, dot{float64(p.At) - float64(s.Step)/2, t.of(p, s.seconds(p, took))})
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
	d.Table = [][]string{append([]string{"up to"}, d.Names...)}
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
