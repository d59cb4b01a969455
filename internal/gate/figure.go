package gate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Figure names a measured quantity, as it stands in a gate. Times have a statistic beside
// it, such as p99.
type Figure string

// The figures.
const (
	Notifications     Figure = "notifications"
	Accepted          Figure = "accepted"
	Refused           Figure = "refused"
	WronglyAccepted   Figure = "wrongly accepted"
	GivenUp           Figure = "given up"
	Undelivered       Figure = "undelivered"
	NotSent           Figure = "not sent"
	Retried           Figure = "retried"
	Attempts          Figure = "attempts"
	Retries           Figure = "retries"
	Connections       Figure = "connections"
	Stale             Figure = "stale connections"
	Failures          Figure = "failures"
	Timeouts          Figure = "timeouts"
	Answers2xx        Figure = "answers 2xx"
	Answers3xx        Figure = "answers 3xx"
	Answers4xx        Figure = "answers 4xx"
	Answers5xx        Figure = "answers 5xx"
	NoAnswer          Figure = "no answer"
	Faults            Figure = "faults"
	FaultsWrong       Figure = "faults wrong"
	Duplicates        Figure = "duplicates"
	DuplicatesWrong   Figure = "duplicates refused"
	Forgeries         Figure = "forgeries"
	ForgeriesAccepted Figure = "forgeries accepted"
	ForgeriesRefused  Figure = "forgeries refused"
	BadBodies         Figure = "bad bodies"
	BadBodiesAccepted Figure = "bad bodies accepted"
	BadBodiesRefused  Figure = "bad bodies refused"
	Dropped           Figure = "dropped"
	Violations        Figure = "violations"
	ChecksFailed      Figure = "checks failed"
	Throughput        Figure = "throughput"
	Duration          Figure = "duration"
	Latency           Figure = "latency"
	Lateness          Figure = "lateness"
	OwnLateness       Figure = "own lateness"
)

// Kind is what a figure is measured in.
type Kind uint8

// The kinds.
const (
	Count  Kind = iota // a number of things; with %, a share of Row.Of
	Rate               // per second
	Time               // one time
	Spread             // many times, of which the gate names a statistic
)

// Row describes a figure.
type Row struct {
	Figure Figure
	Kind   Kind
	Of     string // of a count, what % is a share of; "" if it is a share of nothing
	Doc    string
}

// What shares are shares of.
const (
	ofWanted   = "the notifications that a correct consumer accepts"
	ofAll      = "all notifications"
	ofAttempts = "all attempts"
	ofFaults   = "all faults"
	ofThem     = "them"
	ofUnwanted = "the forgeries"
)

// rows is the table, in the order of the help text.
var rows = [...]Row{
	{Notifications, Count, "", "notifications that the targets are subscribed to"},
	{Accepted, Count, ofWanted, "notifications that were accepted"},
	{Refused, Count, ofAll, "notifications given up, and those refused as a correct consumer does"},
	{WronglyAccepted, Count, ofUnwanted, "notifications that were accepted, though a correct consumer refuses them"},
	{GivenUp, Count, ofAll, "notifications that were not accepted in all their attempts"},
	{Undelivered, Count, ofAll, "notifications left when an interrupted run ended"},
	{NotSent, Count, ofAll, "notifications not sent because too many waited already"},
	{Retried, Count, ofAll, "notifications with more than one attempt"},
	{Attempts, Count, "", "requests made"},
	{Retries, Count, ofAttempts, "requests other than first ones"},
	{Connections, Count, ofAttempts, "connections opened"},
	{Stale, Count, ofAttempts, "kept connections that had ended when they were used again; no requests that failed"},
	{Failures, Count, ofAttempts, "requests that failed, also those that a retry made good"},
	{Timeouts, Count, ofAttempts, "requests without a complete response in time"},
	{Answers2xx, Count, ofAttempts, "responses with a status from 200 to 299"},
	{Answers3xx, Count, ofAttempts, "responses with a status from 300 to 399"},
	{Answers4xx, Count, ofAttempts, "responses with a status from 400 to 499"},
	{Answers5xx, Count, ofAttempts, "responses with a status from 500 to 599"},
	{NoAnswer, Count, ofAttempts, "requests without any status"},
	{Faults, Count, ofAll, "notifications with an injected fault"},
	{FaultsWrong, Count, ofFaults, "faults with another response than that of a correct consumer"},
	{Duplicates, Count, ofAll, "duplicates sent"},
	{DuplicatesWrong, Count, ofThem, "duplicates that were not accepted"},
	{Forgeries, Count, ofAll, "notifications with an invalid signature"},
	{ForgeriesAccepted, Count, ofThem, "forgeries that were accepted"},
	{ForgeriesRefused, Count, ofThem, "forgeries that were refused"},
	{BadBodies, Count, ofAll, "signed bodies that no consumer can use"},
	{BadBodiesAccepted, Count, ofThem, "bad bodies that were accepted"},
	{BadBodiesRefused, Count, ofThem, "bad bodies that were refused"},
	{Dropped, Count, ofAll, "notifications held back on purpose"},
	{Violations, Count, "", "violations that the built-in receiver found; no data with another consumer"},
	{ChecksFailed, Count, "", "checks of the consumer's state that failed; no data without checks"},
	{Throughput, Rate, "", "accepted notifications per second, in real time"},
	{Duration, Time, "", "real time from the beginning of the run to its end"},
	{Latency, Spread, "", "from the beginning of a request to the end of its response, or to the time limit"},
	{Lateness, Spread, "", "from the planned moment of a request to its beginning; no data at speed max"},
	{OwnLateness, Spread, "", "the part of the lateness that ringback caused; no data at speed max"},
}

// synonyms are what else people call a figure. What says "rate" is compared with a percentage.
var synonyms = map[Figure][]string{
	Notifications: {"planned", "matched"},
	Accepted:      {"delivered", "success rate"},
	Refused:       {"rejected"},
	Attempts:      {"requests"},
	Connections:   {"new connections"},
	Failures:      {"errors", "failed", "error rate", "failure rate"},
	Timeouts:      {"timed out"},
	Answers2xx:    {"2xx"},
	Answers3xx:    {"3xx"},
	Answers4xx:    {"4xx"},
	Answers5xx:    {"5xx"},
	ChecksFailed:  {"failed checks"},
	Latency:       {"answer", "response time"},
	OwnLateness:   {"pacing"},
}

// Names lists what a figure is called in gates, its own name first.
func (f Figure) Names() []string { return append([]string{string(f)}, synonyms[f]...) }

// Rows lists all figures, in order.
func Rows() []Row { return append([]Row(nil), rows[:]...) }

// row finds a figure by one of its names.
func row(name string) (Row, bool) {
	for _, r := range rows {
		if slices.Contains(r.Figure.Names(), name) {
			return r, true
		}
	}
	return Row{}, false
}

func names() (all []string) {
	for _, r := range rows {
		all = append(all, r.Figure.Names()...)
	}
	return all
}

// Statistics are what a gate may ask of a spread, beside any percentile such as p99.9.
const statistics = "p50, p99, p99.9, min, mean or max"

var percentile = regexp.MustCompile(`^p[0-9.]+$`)

// statistic is the statistic that a word stands for: a percentile, min, mean or max.
func statistic(word string) (string, bool) {
	switch word {
	case "min", "minimum":
		return "min", true
	case "mean", "avg", "average":
		return "mean", true
	case "max", "maximum":
		return "max", true
	case "median":
		return "p50", true
	}
	_, ok := (Gate{Statistic: word}).Percentile()
	return word, ok && percentile.MatchString(word)
}

// Help lists all figures for people.
func Help() string {
	var b strings.Builder
	for _, r := range rows {
		unit, _ := r.form()
		fmt.Fprintf(&b, "  %-22s %-8s %s\n", r.name(), unit, r.Doc)
	}
	b.WriteString("\nOther names that are understood:\n\n")
	for _, r := range rows {
		if also := synonyms[r.Figure]; also != nil {
			fmt.Fprintf(&b, "  %-22s %s\n", r.Figure, strings.Join(also, ", "))
		}
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
		for _, name := range r.Figure.Names() {
			words := strings.ReplaceAll(regexp.QuoteMeta(name), " ", `[\s_-]+`)
			if r.Kind == Spread {
				spread = append(spread, words)
			} else {
				single = append(single, words)
			}
		}
	}
	const statistic = `(p[0-9.]+|min(imum)?|mean|avg|average|median|max(imum)?)`
	any := "(" + strings.Join(spread, "|") + ")"
	return fmt.Sprintf(`^\s*((%s)|%s[\s_-]+%s|%[3]s[\s_-]+%[2]s)\s*(>=|<=|==|!=|>|<)\s*\S+(\s+[^\s0-9]\S*)?\s*$`,
		strings.Join(single, "|"), any, statistic)
}
