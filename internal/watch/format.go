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
