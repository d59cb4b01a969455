package gate

import (
	"fmt"
	"regexp"
	"strings"
)

// Help lists all figures for people, at most 100 characters a line.
func Help() string {
	var b strings.Builder
	for _, r := range rows {
		unit, _ := r.form()
		fmt.Fprintf(&b, "  %-22s %-8s %s\n", r.name(), unit, r.Doc)
	}
	return b.String()
}

func (r *Row) name() string {
	if r.Kind == Spread {
		return string(r.Figure) + " pN"
	}
	return string(r.Figure)
}

// form says how values are written, and gives an example.
func (r *Row) form() (unit, example string) {
	switch {
	case r.Kind == Rate:
		return "N/s", "100/s"
	case r.Kind == Time, r.Kind == Spread:
		return "time", "500ms"
	case r.Of != "":
		return "N or N%", "0 or 99.9%"
	}
	return "N", "0"
}

// Pattern is a regular expression (ECMA 262) that every gate matches; what it does not
// match, Parse refuses too.
func Pattern() string {
	var single, spread []string
	for _, r := range rows {
		words := strings.ReplaceAll(regexp.QuoteMeta(string(r.Figure)), " ", `\s+`)
		if r.Kind == Spread {
			spread = append(spread, words)
		} else {
			single = append(single, words)
		}
	}
	return fmt.Sprintf(`^\s*((%s)|(%s)\s+(p[0-9.]+|%s))\s*(>=|<=|==|!=|>|<)\s*\S+\s*$`,
		strings.Join(single, "|"), strings.Join(spread, "|"), strings.Join(statistics[:], "|"))
}
