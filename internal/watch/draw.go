package watch

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/show"
)

// Size is how much may be drawn, in characters.
type Size struct{ Width, Height int }

// blockWidth is the width of a table, and gap what stands between two.
const blockWidth, gap = 37, 3

// Draw is the status as at most size.Height lines of at most size.Width characters. Colours
// are sequences that take no place.
func (f *Status) Draw(size Size, colours bool) []string {
	head := []line{f.first(size.Width), f.second(size.Width), nil}
	foot := []line{nil, f.keys(size.Width)}
	if f.Notice != "" {
		foot = []line{nil, {{f.Notice, plain}}, foot[1]}
	}
	body := f.columns(size.Width)
	if len(head)+len(body)+len(foot) > size.Height { // no space for empty lines
		head, foot = head[:2], foot[1:]
	}
	if height := max(0, size.Height-len(head)-len(foot)); len(body) > height {
		body = body[:height]
	}
	all := append(append(head, body...), foot...)
	if cut := len(all) - size.Height; cut > 0 { // what is left of it; the keys stay
		all = append(all[:max(0, size.Height-1)], all[len(all)-min(1, size.Height):]...)
	}
	lines := make([]string, len(all))
	for i, l := range all {
		lines[i] = l.fit(size.Width, colours)
	}
	return lines
}

// first says what is played, and what the run does.
func (f *Status) first(width int) line {
	how := heavy
	if f.State != Running {
		how = warning
	}
	state := FormatSpeed(f.Speed) + "  " + f.State.String()
	title := clip(f.Title, max(10, width-utf8.RuneCountInString(state)-2))
	space := max(1, width-utf8.RuneCountInString(title)-utf8.RuneCountInString(state))
	return line{{title, heavy}, {strings.Repeat(" ", space), plain}, {state, how}}
}

// second says how far the run is, with a bar where it fits.
func (f *Status) second(width int) line {
	text := hours(f.Gone) + " gone"
	left, known := f.Left()
	if known {
		text += ", " + hours(left) + " left"
	}
	if f.Plan > 0 {
		plan := "  plan " + hours(f.Plan)
		if f.Length > 0 {
			plan += " of " + hours(f.Length)
		}
		if utf8.RuneCountInString(text+plan) <= width {
			text += plan
		}
	}
	bar := width - utf8.RuneCountInString(text) - 2
	if !known || bar < 10 {
		return line{{text, plain}}
	}
	full := min(bar, int(float64(bar)*float64(f.Plan)/float64(f.Length)))
	return line{{text + "  " + strings.Repeat("█", full), plain}, {strings.Repeat("░", bar-full), faint}}
}

func (f *Status) keys(width int) line {
	for _, text := range []string{"+ - speed by 10 %   * / double, halve   p pause, resume   q stop", "+ - * / speed  p pause  q stop"} {
		if utf8.RuneCountInString(text) <= width {
			return line{{text, faint}}
		}
	}
	return line{{"+ - * / p q", faint}}
}

// columns puts the tables side by side, in as many columns as fit.
func (f *Status) columns(width int) []line {
	counts, answers, times, underway, activity := f.counts(), f.answers(), f.times(), f.underway(), f.activity()
	switch {
	case width >= 3*blockWidth+2*gap:
		return beside(stack(counts, answers), stack(times, underway), activity)
	case width >= 2*blockWidth+gap:
		return beside(stack(counts, answers, underway), stack(times, activity))
	}
	return beside(stack(counts, times, answers, underway, activity))
}

func (f *Status) counts() []span {
	table := []span{row("notifications", "a second", "in all", faint)}
	if f.Rate > 0 && f.Speed < emitter.Max {
		planned := f.Rate * f.Speed
		if f.State != Running {
			planned = 0
		}
		table = append(table, row("planned", rate(planned), "", plain))
	}
	for i, c := range counters {
		table = append(table, counter(c.name, f.Counts[i], c.bad))
	}
	return table
}

func (f *Status) answers() []span {
	table := []span{row("answers", "a second", "in all", faint)}
	for i, c := range f.Answers {
		table = append(table, counter(answerNames[i], c, i > 0))
	}
	return table
}

func (f *Status) times() []span {
	table := []span{{fmt.Sprintf("%-13s%8s%8s%8s", "times", "p50", "p99", "max"), faint}}
	for _, t := range []struct {
		name string
		q    Quantiles
	}{{"latency now", f.Latency.Now}, {"  in all", f.Latency.All}, {"lateness now", f.Lateness.Now}, {"  in all", f.Lateness.All}, {"  our own", f.Pacing.All}} {
		table = append(table, span{fmt.Sprintf("%-13s%8s%8s%8s", t.name, short(t.q.P50), short(t.q.P99), short(t.q.Max)), plain})
	}
	return table
}

func (f *Status) underway() []span {
	return []span{
		row("deliveries", "", "now", faint),
		row("waiting", "", number(f.Waiting), plain),
		row("in flight", "", number(f.InFlight), plain),
		row("retrying", "", number(f.Retrying), plain),
	}
}

func (f *Status) activity() []span {
	table := []span{
		row("activity", "", "now", faint),
		row("conversations", "", number(f.Live), plain),
		row("  in queue", "", number(f.Queued), plain),
	}
	for p := lifecycle.Alerting; p < lifecycle.Ended; p++ {
		table = append(table, row("  "+p.String(), "", number(f.Phases[p]), plain))
	}
	return table
}

func counter(name string, c Count, isBad bool) span {
	how := plain
	if isBad && c.Total > 0 {
		how = bad
	}
	return row(name, rate(c.Rate), show.Grouped(c.Total), how)
}

// row is a row of a table, blockWidth wide. A long name leaves less for what is now.
func row(name, now, all string, how mood) span {
	return span{fmt.Sprintf("%s%*s%14s", name, 23-utf8.RuneCountInString(name), now, all), how}
}

// mood is how a text looks, as a terminal knows it.
type mood string

const (
	plain   mood = ""
	heavy   mood = "1"
	faint   mood = "2"
	bad     mood = "31"
	warning mood = "33"
)

// line is a line of texts, each in its mood.
type line []span

type span struct {
	text string
	how  mood
}

// fit is the line cut to a width.
func (l line) fit(width int, colours bool) string {
	var b strings.Builder
	for _, s := range l {
		text := clip(s.text, width)
		width -= utf8.RuneCountInString(text)
		if colours && s.how != plain && text != "" {
			text = "\x1b[" + string(s.how) + "m" + text + "\x1b[0m"
		}
		b.WriteString(text)
	}
	return strings.TrimRight(b.String(), " ")
}

// clip is the beginning of text that fits into a width. Control characters, which would
// move the cursor, are left out.
func clip(text string, width int) string {
	var b strings.Builder
	for _, r := range show.Visible(text) {
		if r < ' ' || r == 0x7f {
			continue
		}
		if width--; width < 0 {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// stack puts tables one below the other, with an empty row between two.
func stack(tables ...[]span) []span {
	all := tables[0]
	for _, t := range tables[1:] {
		all = append(append(all, span{}), t...)
	}
	return all
}

// beside puts columns of tables side by side.
func beside(columns ...[]span) []line {
	height := 0
	for _, c := range columns {
		height = max(height, len(c))
	}
	all := make([]line, height)
	for y := range all {
		for i, c := range columns {
			if i > 0 {
				all[y] = append(all[y], span{strings.Repeat(" ", gap), plain})
			}
			var cell span
			if y < len(c) {
				cell = c[y]
			}
			cell.text = fmt.Sprintf("%-*.*s", blockWidth, blockWidth, cell.text)
			all[y] = append(all[y], cell)
		}
	}
	return all
}
