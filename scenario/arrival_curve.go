package scenario

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// Most bytes of the files beside a workload.
const (
	maxCurve      = 4 << 20
	MaxAgentsFile = 16 << 20
	MaxIDsFile    = 64 << 20
)

// curvePoint is one line of a curve: a rate at a time after the first line.
type curvePoint struct {
	at   time.Duration
	rate Rate
}

// parseCurve reads lines of a time and a rate. Times may be those of a day; what counts is
// how long after the first line they are. Two lines with the same time are a jump.
func parseCurve(name string, text []byte) ([]curvePoint, error) {
	f, rows := source.Table(name, text, maxCurve)
	var points []curvePoint
	columns := []int{0, 1}
	for i, row := range rows {
		if i == 0 && !startsWithDigit(row[0].Text) {
			if columns = header(f, row, "time", "rate"); columns[0] < 0 || columns[1] < 0 {
				f.Errorf(row[0].Pos, "want the columns time and rate").Hint = "for example the lines \"time,rate\", \"0s,1/s\" and \"10m,4/s\""
				break
			}
			continue
		}
		if len(row) <= max(columns[0], columns[1]) {
			f.Errorf(row[0].Pos, "want a time and a rate, such as \"90s,4/s\"")
			continue
		}
		if p, ok := curveRow(f, row[columns[0]], row[columns[1]]); ok {
			if n := len(points); n > 0 && p.at < points[n-1].at {
				f.Errorf(row[columns[0]].Pos, "the time %s is before that of the line above", row[columns[0]].Text).
					Hint = "beyond midnight, hours go on: 24:30"
			}
			points = append(points, p)
		}
	}
	if n := len(points); f.Err() == nil && (n < 2 || points[n-1].at == points[0].at) {
		f.Errorf(Pos{Line: 1, Column: 1}, "want at least two lines with different times")
	}
	return filled(f, points, "rates")
}

func curveRow(f *source.File, at, rate source.Cell) (p curvePoint, ok bool) {
	d, err := parseOffset(at.Text)
	if err != nil {
		f.Errorf(at.Pos, "%v", err)
		return p, false
	}
	text := rate.Text
	if !strings.Contains(text, "/") {
		text += "/s"
	}
	r, err := ParseRate(text)
	switch {
	case errors.Is(err, story.ErrTooHigh):
		f.Errorf(rate.Pos, "%v, got %q", story.ErrTooHigh, rate.Text)
	case err != nil:
		f.Errorf(rate.Pos, "want a rate such as 4/s, or 4 for as many a second, got %q", rate.Text)
	}
	return curvePoint{d, r}, err == nil
}

var clockForm = regexp.MustCompile(`^([0-9]{1,3}):([0-5][0-9])(?::([0-5][0-9]))?$`)

// parseOffset reads a time such as 90s, 1h30m, 08:30, 08:30:15, or 90 for seconds.
func parseOffset(text string) (time.Duration, error) {
	if m := clockForm.FindStringSubmatch(text); m != nil {
		var parts [3]time.Duration
		for i := range parts {
			n, _ := strconv.Atoi(m[i+1]) // digits by the expression, or none
			parts[i] = time.Duration(n)
		}
		d := parts[0]*time.Hour + parts[1]*time.Minute + parts[2]*time.Second
		if d > MaxSpan {
			return 0, fmt.Errorf("want at most %s, got %q", show.Brief(MaxSpan), text)
		}
		return d, nil
	}
	if text != "" && strings.Trim(text, "0123456789.") == "" {
		d, err := story.ParseTime(text + "s")
		if err != nil {
			err = fmt.Errorf("want seconds such as 90 or 90.5, in whole milliseconds and at most %s, got %q", show.Brief(MaxSpan), text)
		}
		return d, err
	}
	d, err := story.ParseTime(text)
	if err != nil {
		err = fmt.Errorf("want a time such as 90s, 1h30m or 08:30, or seconds, got %q", text)
	}
	return d, err
}

// curve are the stretches of a curve, cut after the time over unless that is 0.
func curve(points []curvePoint, over time.Duration, poisson bool) []Stretch {
	var all []Stretch
	start := points[0].at
	for i, p := range points[1:] {
		before := points[i]
		length := p.at - before.at
		if length == 0 {
			continue
		}
		s := Stretch{From: before.rate, To: p.rate, Over: length, Poisson: poisson}
		if end := start + over; over > 0 && p.at > end {
			if before.at >= end {
				break
			}
			s.Over = end - before.at
			s.To = between(scaled(before.rate), scaled(p.rate), int64(s.Over), int64(length))
		}
		all = append(all, s)
	}
	return all
}

func startsWithDigit(text string) bool { return text != "" && text[0] >= '0' && text[0] <= '9' }
