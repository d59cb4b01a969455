package render

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/show"
)

// mostSeen is how many differences a finding shows.
const mostSeen = 4

// seen says in words what was told, and what happened.
func seen(all []mistake.Difference, t *trial.Trial) (lines []string) {
	called := parties(t)
	for i, d := range all {
		if i == mostSeen {
			return append(lines, fmt.Sprintf("and %d more", len(all)-i))
		}
		text := ""
		if who := called[strings.ToLower(d.Channel)]; who != "" {
			text = who + ": "
		}
		lines = append(lines, text+difference(&d, t))
	}
	return lines
}

// difference is one of them, without its party.
func difference(d *mistake.Difference, t *trial.Trial) string {
	phase, isTime := strings.CutPrefix(d.Member, "seconds.")
	want, wanted := d.Want.(float64)
	told, _ := d.Told.(float64)
	switch {
	case isTime && wanted:
		return duration(phase, told, want, stays(t, d.Channel, phase))
	case d.Member == "conversation":
		return fmt.Sprintf("the conversation is %v, you tell that it is %v", d.Want, d.Told)
	case d.Member == "channel":
		return fmt.Sprintf("the channel is %v, you tell that it is %v", d.Want, d.Told)
	case d.Member == "channels":
		return "nothing was to be stored, you tell " + things(d.Told, "channel")
	case d.Member == "notifications" && t.Loose() && atOnce(t, d.Channel) > 1:
		return counted(d, atOnce(t, d.Channel))
	case d.Member == "notifications":
		return fmt.Sprintf("%s came, you tell %v", things(d.Want, "different notification"), d.Told)
	case wanted:
		return fmt.Sprintf("%s is %s, you tell %s%s", memberName(d.Member), amount(want), amount(told), hint(told, want))
	}
	return fmt.Sprintf("%s is %s, you tell %s", memberName(d.Member), quoted(d.Want), quoted(d.Told))
}

// atOnce is how many different notifications of a channel come together with others of it, or twice.
func atOnce(t *trial.Trial, channel string) int {
	bursts, ids := map[int]int{}, map[string]bool{}
	of := func(d *trial.Delivery) bool { return d.Burst != 0 && strings.EqualFold(d.Channel, channel) }
	for i := range t.Deliveries {
		if d := &t.Deliveries[i]; of(d) {
			bursts[d.Burst]++
		}
	}
	for i := range t.Deliveries {
		if d := &t.Deliveries[i]; of(d) && bursts[d.Burst] > 1 {
			ids[d.Source+" "+d.ID] = true
		}
	}
	return len(ids)
}

// counted is a wrong number of notifications, so many of which came at once.
func counted(d *mistake.Difference, n int) string {
	told, _ := d.Told.(int)
	want, _ := d.Want.(int)
	switch {
	case told >= want:
		return fmt.Sprintf("%s came, %s, you tell %d: let a unique key decide what is a duplicate", things(want, "different notification"), atTheSameTime(want), told)
	case want-told <= n:
		return fmt.Sprintf("of %s of one channel at once, %s lost: lock the row, or append", things(n, "notification"), are(want-told))
	}
	return fmt.Sprintf("of %s of one channel, %d of them at once, %s lost: lock the row, or append", things(want, "notification"), n, are(want-told))
}

// things is a number of things that a difference is about, in the right number.
func things(n any, thing string) string {
	count, _ := n.(int)
	return show.Counted(uint64(max(0, count)), thing)
}

// are is a number of things of which something is said.
func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

// atTheSameTime says of some notifications, or of a single one that came twice, that not all came one after the other.
func atTheSameTime(n int) string {
	if n == 1 {
		return "twice at once"
	}
	return "some at once"
}

// quoted is a value as JSON has it.
func quoted(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case nil:
		return "nothing"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func stays(t *trial.Trial, channel, phase string) (all []mistake.Stay) {
	for _, s := range mistake.Stays(t, channel) {
		if s.Phase == phase {
			all = append(all, s)
		}
	}
	return all
}

// duration says how long a phase was, and when.
func duration(phase string, told, want float64, stays []mistake.Stay) string {
	you := fmt.Sprintf("you tell %s%s", amount(told), hint(told, want))
	if told == 0 {
		you = "you tell none"
	}
	var spans []string
	for _, s := range stays {
		if s.To.IsZero() {
			spans = append(spans, "since "+moment(s.From))
		} else {
			spans = append(spans, span(s.From, s.To))
		}
	}
	switch {
	case len(spans) == 0 && want == 0:
		return fmt.Sprintf("never %s, %s", phase, you)
	case len(spans) == 0:
		return fmt.Sprintf("%s is %s s, %s", phase, amount(want), you)
	case len(spans) == 1:
		return fmt.Sprintf("%s %s is %s s, %s", phase, spans[0], amount(want), you)
	}
	return fmt.Sprintf("%s %s is %s s in all, %s", phase, strings.Join(spans, " and "), amount(want), you)
}

// near is less than what a time told may be wrong by.
const near = 0.002

// hint is what a number told has to do with the right one, if that can be seen.
func hint(told, want float64) string {
	is := func(x float64) bool { return want != 0 && math.Abs(told-x) < near }
	switch {
	case is(math.Floor(want)), is(math.Round(want)), is(math.Ceil(want)):
		return ": fractions are lost"
	case is(2 * want):
		return ": twice as much"
	case want > 0.01 && math.Abs(told-1000*want) < 1:
		return ": milliseconds"
	case is(want / 60):
		return ": minutes"
	}
	return ""
}

// moment is a time of day.
func moment(at time.Time) string { return at.UTC().Format("15:04:05.000") }

// span is from one moment to another: 09:00:07.000–13.388 within a minute.
func span(from, to time.Time) string {
	from, to = from.UTC(), to.UTC()
	switch {
	case from.Truncate(time.Minute).Equal(to.Truncate(time.Minute)):
		return moment(from) + "–" + to.Format("05.000")
	case from.YearDay() != to.YearDay() || from.Year() != to.Year():
		return from.Format("2006-01-02 15:04:05.000") + "–" + to.Format("2006-01-02 15:04:05.000")
	}
	return moment(from) + "–" + moment(to)
}

// amount is a number to the millisecond.
func amount(x float64) string { return strconv.FormatFloat(rounded(x), 'f', -1, 64) }

func rounded(x float64) float64 { return math.Round(x*1000) / 1000 }

// signed is a number with its sign and unit.
func signed(x float64, unit string) string {
	sign := "+"
	if x < 0 {
		sign = "−"
	}
	digits := math.Abs(x)
	if digits >= 10 {
		digits = math.Round(digits)
	}
	return sign + amount(digits) + unit
}

// memberName is a member of a state as people call it.
func memberName(member string) string {
	switch trial.Figure(member) {
	case trial.Talk, trial.Hold, trial.Wrap:
		return member + " of the conversation"
	}
	return strings.ReplaceAll(strings.TrimPrefix(member, "seconds."), "_", " ")
}

// unitOf is the unit of a member's values.
func unitOf(member string) string {
	switch trial.Figure(member) {
	case trial.Talk, trial.Hold, trial.Wrap, trial.SecondsToAnswer:
		return " s"
	}
	if strings.HasPrefix(member, "seconds.") {
		return " s"
	}
	return ""
}
