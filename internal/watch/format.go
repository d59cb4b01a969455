package watch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
)

// grouped is n with a comma between thousands.
func grouped(n uint64) string {
	text := []byte(strconv.FormatUint(n, 10))
	for i := len(text) - 3; i > 0; i -= 3 {
		text = slices.Insert(text, i, ',')
	}
	return string(text)
}

// rate is a number a second.
func rate(v float64) string {
	if v > 0 && v < 9.95 {
		return fmt.Sprintf("%.1f", v)
	}
	return grouped(uint64(v + 0.5))
}

// short is d to three digits, in the unit that suits it; nothing is a dash.
func short(d time.Duration) string {
	switch {
	case d <= 0:
		return "-"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.3g ms", min(999, float64(d)/float64(time.Millisecond)))
	case d < time.Minute:
		return fmt.Sprintf("%.3g s", float64(d)/float64(time.Second))
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
