package story

import (
	"regexp"
	"strings"
	"time"
)

// units are other ways to write the units of times, and what stands between two times.
var units = strings.NewReplacer(
	"milliseconds", "ms", "millisecond", "ms", "millis", "ms", "msec", "ms",
	"seconds", "s", "second", "s", "secs", "s", "sec", "s",
	"minutes", "m", "minute", "m", "mins", "m", "min", "m",
	"hours", "h", "hour", "h", "hrs", "h", "hr", "h",
	"days", "d", "day", "d",
	"pt", "", " ", "", "\t", "", "and", "", "to", "..", "–", "..", "-", "..")

var (
	clockForm = regexp.MustCompile(`^(\d+):(\d+):(\d+)$`) // with two numbers it is not clear which
	daysForm  = regexp.MustCompile(`^\d{1,2}d$`)
	commaForm = regexp.MustCompile(`,(\d\d?[a-z])`)
)

// meant says how to write here what somebody wrote as other programs do: 5s for "5 sec", 1m30s for
// 00:01:30. It is empty where that is not clear.
func meant(text string) string {
	better := units.Replace(strings.ToLower(text))
	better = commaForm.ReplaceAllString(better, ".$1")
	better = clockForm.ReplaceAllString(better, "${1}h${2}m${3}s")
	if daysForm.MatchString(better) {
		d, _ := time.ParseDuration(strings.TrimSuffix(better, "d") + "h") // by its form
		better = short(24 * d.Milliseconds())
	}
	low, high, ranged := strings.Cut(better, "..")
	for _, t := range []*string{&low, &high} {
		if t == &high && !ranged {
			continue
		}
		d, err := parseTime(*t)
		if err != nil {
			return ""
		}
		*t = short(d.Milliseconds())
	}
	if ranged {
		return low + ".." + high
	}
	return low
}
