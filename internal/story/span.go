package story

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/show"
)

// MaxSpan is the longest time that one step may take.
const MaxSpan = 30 * 24 * time.Hour

// MaxStory is the longest time that a story may take.
const MaxStory = 10 * 365 * 24 * time.Hour

// Span is how long something lasts: a fixed time or a random one. Its zero value is no
// time at all. Drawn times are whole milliseconds, because that is what the timestamps of
// channel events show, and lie within [min, max].
type Span struct {
	law      Law
	a, b     float64 // parameters of the law; times in milliseconds
	points   []point // of choice and empirical
	min, max int64   // milliseconds
}

// Law is the distribution of a span.
type Law uint8

// The laws, with their parameters.
const (
	constant Law = iota
	uniform
	Normal      // mean, standard deviation; in milliseconds
	Lognormal   // median in milliseconds, sigma
	Exponential // mean in milliseconds
	Gamma       // shape, scale in milliseconds
	Table       // of values with their shares; see Add
)

// point is one possible value with its share; shares add up over the points before.
type point struct {
	ms    int64
	upTo  float64
	share float64
}

// Constant is a span that always lasts d.
func Constant(d time.Duration) Span {
	return Span{min: d.Milliseconds(), max: d.Milliseconds()}
}

// Uniform is a span between low and high, both included.
func Uniform(low, high time.Duration) Span {
	return Span{law: uniform, min: low.Milliseconds(), max: high.Milliseconds()}
}

// Distributed is a span of a law with its parameters, between 0 and MaxSpan.
func Distributed(l Law, a, b float64) Span {
	return Span{law: l, a: a, b: b, max: MaxSpan.Milliseconds()}
}

// Within is s with other bounds: what the law gives beyond them becomes one of them.
func (s Span) Within(low, high time.Duration) Span {
	s.min, s.max = low.Milliseconds(), high.Milliseconds()
	return s
}

// Add adds a value with its share to a span of the law Table.
func Add(s *Span, at time.Duration, share float64) {
	sum := share
	if n := len(s.points); n > 0 {
		sum += s.points[n-1].upTo
	}
	s.points = append(s.points, point{at.Milliseconds(), sum, share})
}

// IsZero reports whether the span is no time at all.
func (s Span) IsZero() bool { return s.max == 0 }

// Min is the shortest time that Draw gives.
func (s Span) Min() time.Duration { return time.Duration(s.min) * time.Millisecond }

// Max is the longest time that Draw gives.
func (s Span) Max() time.Duration { return time.Duration(s.max) * time.Millisecond }

// Draw draws one time. Values of the law beyond min and max become min and max. It is no
// method, because users of package scenario have no seeded.Source.
func Draw(s *Span, src *seeded.Source) time.Duration {
	var ms float64
	switch s.law {
	case constant:
		return time.Duration(s.min) * time.Millisecond
	case uniform:
		return time.Duration(s.min+int64(src.Below(uint64(s.max-s.min)+1))) * time.Millisecond
	case Normal:
		ms = s.a + float64(s.b*src.Normal())
	case Lognormal:
		ms = s.a * seeded.Exp(s.b*src.Normal())
	case Exponential:
		ms = s.a * src.Exponential()
	case Gamma:
		ms = s.b * src.Gamma(s.a)
	case Table:
		at := src.Float() * s.points[len(s.points)-1].upTo
		for _, p := range s.points {
			if ms = float64(p.ms); at < p.upTo {
				break
			}
		}
	}
	whole := s.max
	if ms < float64(s.max) {
		whole = int64(math.Floor(ms + 0.5))
	}
	return time.Duration(max(whole, s.min)) * time.Millisecond
}

// String is the span as the scenario language writes it.
func (s Span) String() string {
	var law string
	switch s.law {
	case constant:
		return short(s.min)
	case uniform:
		return short(s.min) + ".." + short(s.max)
	case Normal:
		law = fmt.Sprintf("normal: {mean: %s, sd: %s}", short(int64(s.a)), short(int64(s.b)))
	case Lognormal:
		law = fmt.Sprintf("lognormal: {median: %s, sigma: %g}", short(int64(s.a)), s.b)
	case Exponential:
		law = fmt.Sprintf("exponential: {mean: %s}", short(int64(s.a)))
	case Gamma:
		law = fmt.Sprintf("gamma: {shape: %g, scale: %s}", s.a, short(int64(s.b)))
	case Table:
		parts := make([]string, len(s.points))
		for i, p := range s.points {
			parts[i] = fmt.Sprintf("[%s, %g]", short(p.ms), p.share)
		}
		law = "empirical: [" + strings.Join(parts, ", ") + "]"
	}
	if s.min > 0 {
		law += ", min: " + short(s.min)
	}
	if s.max < MaxSpan.Milliseconds() {
		law += ", max: " + short(s.max)
	}
	return "{" + law + "}"
}

// short is milliseconds as show.Brief writes them.
func short(ms int64) string { return show.Brief(time.Duration(ms) * time.Millisecond) }

// ParseSpan reads a fixed time such as 2m30s or a range such as 5s..20s.
func ParseSpan(text string) (Span, error) {
	low, high, ranged := strings.Cut(text, "..")
	from, err := ParseTime(low)
	if err != nil {
		return Span{}, err
	}
	if !ranged {
		return Constant(from), nil
	}
	to, err := ParseTime(high)
	if err != nil {
		return Span{}, err
	}
	if to < from {
		return Span{}, fmt.Errorf("want the shorter time first, got %q", text)
	}
	return Uniform(from, to), nil
}

// TimePattern is how a time is written; the schema shows it to editors.
const TimePattern = `([0-9]+(\.[0-9]+)?(h|ms|m|s))+`

var timeForm = regexp.MustCompile(`^` + TimePattern + `$`)

// ParseTime reads one time with units, in whole milliseconds.
func ParseTime(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	d, err := parseTime(text)
	if err != nil && len(text) <= 64 {
		if better := meant(text); better != "" && better != text {
			err = fmt.Errorf("%w (write %s)", err, better)
		}
	}
	return d, err
}

// goForm is how Go writes a time.
var goForm = regexp.MustCompile(`^[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`)

// ReadDuration reads a time as time.ParseDuration does. One that is longer than a time.Duration can be, some 292 years, is the longest
// one, so that whoever asks for less says so.
func ReadDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil && goForm.MatchString(text) {
		if strings.HasPrefix(text, "-") {
			return math.MinInt64, nil
		}
		return math.MaxInt64, nil
	}
	return d, err
}

func parseTime(text string) (time.Duration, error) {
	d, err := ReadDuration(text)
	switch {
	case text != "" && strings.Trim(text, "0123456789.") == "":
		return 0, fmt.Errorf("want a time, got %q (add a unit: %ss)", text, text)
	case err == nil && d > MaxSpan:
		return 0, fmt.Errorf("want at most %s, got %q", show.Brief(MaxSpan), text)
	case err != nil, d >= 0 && d%time.Millisecond == 0 && !timeForm.MatchString(text):
		return 0, fmt.Errorf("want a time such as 500ms, 30s, 2m30s or 5s..20s, got %q", text)
	case d < 0:
		return 0, fmt.Errorf("want a time that is not negative, got %q", text)
	case d%time.Millisecond != 0:
		return 0, fmt.Errorf("want whole milliseconds, got %q", text)
	}
	return d, nil
}
