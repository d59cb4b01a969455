package watch

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/show"
)

// rate is a number a second.
func rate(v float64) string {
	if v > 0 && v < 9.95 {
		return fmt.Sprintf("%.1f", v)
	}
	return show.Grouped(uint64(v + 0.5))
}

// short is d to three digits, in the unit that suits it; nothing is a dash.
func short(d time.Duration) string {
	switch {
	case d <= 0:
		return "-"
	case d < time.Minute:
		return show.Duration(d)
	}
	return hours(d)
}

// hours is d in hours, minutes and seconds.
func hours(d time.Duration) string {
	s := int64(d / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// FormatSpeed is a speed for people, to four digits.
func FormatSpeed(v float64) string {
	if v >= emitter.Max {
		return "speed max"
	}
	text := strconv.FormatFloat(v, 'g', 4, 64)
	if strings.Contains(text, "e") {
		text = strconv.FormatFloat(v, 'f', -1, 64)
	}
	return "speed " + text
}

// Line is the status in one line, for logs and for those who cannot see a screen. It has no
// end of line.
func (f *Status) Line() string {
	text := fmt.Sprintf("%s %s: offered %s/s, delivered %s/s, live %s, waiting %s, in flight %s, retrying %s",
		hours(f.Gone), f.State, rate(f.Counts[offered].Rate), rate(f.Counts[delivered].Rate), number(f.Live), number(f.Waiting), number(f.InFlight), number(f.Retrying))
	if f.Queued > 0 {
		text += ", queued " + number(f.Queued)
	}
	for i, c := range f.Answers {
		if c.Rate > 0 {
			text += fmt.Sprintf(", %s %s/s", answerNames[i], rate(c.Rate))
		}
	}
	for _, t := range []struct {
		name string
		q    Quantiles
	}{{"latency", f.Latency.Now}, {"lateness", f.Lateness.Now}} {
		if t.q != (Quantiles{}) {
			text += fmt.Sprintf(", %s p50 %s p99 %s max %s", t.name, short(t.q.P50), short(t.q.P99), short(t.q.Max))
		}
	}
	for i, c := range counters {
		if n := f.Counts[i].Total; c.bad && n > 0 {
			text += fmt.Sprintf(", %s %s", show.Grouped(n), c.name)
		}
	}
	text += ", " + FormatSpeed(f.Speed)
	if left, known := f.Left(); known && f.State != Over {
		text += ", " + hours(left) + " left"
	}
	return text
}

// number is a count of things there are at the moment, for which less than none is none.
func number(n int) string { return show.Grouped(uint64(max(0, n))) }
