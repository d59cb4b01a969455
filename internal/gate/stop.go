package gate

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Stop is a condition that ends a run while it goes on, such as "refused > 5% for 30s". It holds when its gate does, on what
// happened within the window.
type Stop struct {
	Gate
	For    time.Duration // the window; 0: all of the run so far
	window string        // as it was written
}

// String is the condition in its normal form.
func (s Stop) String() string {
	if s.For == 0 {
		return s.Gate.String()
	}
	return s.Gate.String() + " for " + s.window
}

// Bounds of windows. A run is judged once a second; each second of a window keeps figures, and a histogram of 28 KB.
const shortestWindow, longestWindow = time.Second, 10 * time.Minute

// unwindowed are figures that say nothing while a run goes on, and why.
var unwindowed = map[Figure]string{
	Undelivered:  "it is known only when a run has ended",
	Violations:   "it is known only when a run has ended",
	ChecksFailed: "it is known only when a run has ended",
	Duration:     "it depends on the schedule; bound the traffic instead",
}

// Within is what a figure counts within a window, and what % is a share of there; ok is false for figures that no Stop may ask for.
// Notifications have their final outcomes long after their moment, so that within a window attempts tell how the consumer fares.
func (r Row) Within() (doc, of string, ok bool) {
	if _, not := unwindowed[r.Figure]; not || r.Planned() {
		return "", "", false
	}
	switch r.Figure {
	case Accepted:
		return "attempts that were accepted", "the attempts that a correct consumer accepts", true
	case Refused:
		return "attempts that failed, and those refused as a correct consumer does", ofAttempts, true
	case GivenUp:
		return r.Doc, "the notifications that ended", true
	}
	return r.Doc, r.Of, true
}

var windowForm = regexp.MustCompile(`(?:^|\s)for(?:\s+(.*))?$`)

// ParseStop reads a condition that ends a run: a gate and its window, for D. Without a window it is about all of the run so far,
// which only counts can be. Its errors are of type *Error.
func ParseStop(text string) (Stop, error) {
	p := &parser{text: text}
	if len(text) > mostText {
		_, err := Parse(text)
		return Stop{}, err
	}
	trimmed, s := strings.TrimRight(text, " \t\n"), Stop{}
	var err error
	loc := windowForm.FindStringSubmatchIndex(trimmed)
	if loc == nil {
		if s.Gate, err = Parse(text); err != nil {
			return Stop{}, err
		}
	} else {
		if s.Gate, err = Parse(trimmed[:loc[0]]); err != nil {
			err.(*Error).Text = text
			return Stop{}, err
		}
		if s.window = ""; loc[2] >= 0 {
			s.window = trimmed[loc[2]:loc[3]]
		}
		if s.For, err = time.ParseDuration(s.window); err != nil || s.For < shortestWindow || s.For > longestWindow || s.For%time.Second != 0 {
			return Stop{}, p.errorf(loc[1]-len(s.window), "want a window of whole seconds from %s to %s, such as for 30s, got %q", shown(shortestWindow), shown(longestWindow), s.window)
		}
	}
	return s, p.stops(s)
}

// stops says what is wrong with a gate as a condition that ends runs.
func (p *parser) stops(s Stop) error {
	at := len(p.text) - len(strings.TrimLeft(p.text, " "))
	_, _, ok := s.Within()
	switch why := unwindowed[s.Figure]; {
	case why != "":
		return p.errorf(at, "%s ends no run: %s; \"ringback help gates\" lists what does", s.Figure, why)
	case !ok:
		return p.errorf(at, "%s ends no run: the plan decides it, whatever the consumer does; \"ringback help gates\" lists what does", s.Figure)
	case s.For == 0 && (s.Share || s.Kind != Count):
		return p.errorf(len(strings.TrimRight(p.text, " ")), "want a window behind the value, such as for 30s: without one the first response may end the run")
	case s.For == 0 && (s.Op == "<" || s.Op == "<=" || s.Op == "==" && s.Value == 0 || s.Op == "!=" || s.Op == ">=" && s.Value == 0):
		return p.errorf(len(strings.TrimRight(p.text, " ")), "want a window behind the value, such as for 30s: without one it holds when the run begins")
	}
	return nil
}

// shown writes a bound without zero parts.
func shown(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

// StopHelp lists what a Stop may ask for, for people.
func StopHelp() string {
	var b strings.Builder
	for _, r := range rows {
		if doc, of, ok := r.Within(); ok {
			if of != "" {
				of = "; % of " + of
			}
			fmt.Fprintf(&b, "  %-22s %s%s\n", r.name(), doc, of)
		}
	}
	return b.String()
}
