package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/show"
)

// width is how wide texts are, in characters. Commands are not broken.
const width = 110

// WriteText writes a block for each finding, and a summary.
func (r *Result) WriteText(w io.Writer, c show.Colours) error {
	var b strings.Builder
	for i := range r.Findings {
		r.Findings[i].text(&b, c, r.only(&r.Findings[i]))
	}
	r.summary(&b, c)
	_, err := io.WriteString(w, b.String())
	return err
}

// only lists what was told wrongly, over all trials, if one finding explains it.
func (r *Result) only(f *Finding) []string {
	n := 0
	for i := range r.Findings {
		if len(r.Findings[i].Timeline) > 0 {
			n++
		}
	}
	if n != 1 || len(f.Timeline) == 0 {
		return nil
	}
	return r.off()
}

// text writes the block of a finding.
func (f *Finding) text(b *strings.Builder, c show.Colours, off []string) {
	title := c.Bad("WRONG  ")
	if f.Waived != "" {
		title = c.Faint("waived ")
	}
	lines := wrap("The consumer "+f.Text+".", width-7)
	fmt.Fprintf(b, "%s%s\n", title, strings.Join(lines, "\n       "))
	put := func(name, text string) {
		for i, line := range wrap(text, width-15) {
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(b, "       %-7s %s\n", name, line)
		}
	}
	put("rule", fmt.Sprintf("%s (%s): %s", f.Rule, f.Level, f.Demand))
	if f.Waived != "" {
		put("waived", f.Waived)
	}
	for _, text := range f.others() {
		put("", text)
	}
	name := "seen"
	for _, text := range append(append([]string{}, f.Seen...), off...) {
		put(name, text)
		name = ""
	}
	if text := f.shown(); text != "" {
		put("in", text)
	}
	for i, line := range f.Timeline {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "         %s\n", line)
		if i == len(f.Timeline)-1 {
			b.WriteString("\n")
		}
	}
	if len(f.Also) > 0 {
		put("so also", strings.Join(f.Also, ", "))
	}
	put("mend", f.Mend)
	if f.Again != "" {
		fmt.Fprintf(b, "       %-7s %s\n", "again", f.Again)
	}
	b.WriteString("\n")
}

// mostOthers is how many other explanations are told.
const mostOthers = 3

// others are the other mistakes that explain what was seen.
func (f *Finding) others() (all []string) {
	for i, text := range f.Or {
		if i == mostOthers {
			return append(all, fmt.Sprintf("or %s, which %s as much", show.Counted(uint64(len(f.Or)-i), "other mistake"), explains(len(f.Or)-i)))
		}
		all = append(all, "or it "+text)
	}
	return all
}

func tries(n int) string {
	if n == 1 {
		return "try"
	}
	return "tries"
}

func explains(n int) string {
	if n == 1 {
		return "explains"
	}
	return "explain"
}

// drains reports whether it is about something that the consumer has until it is used up.
func (f *Finding) drains() bool {
	return f.Rule == string(rulebook.Endure) || f.Rule == string(rulebook.KeepAnswering)
}

// shown says in which trials it shows.
func (f *Finding) shown() string {
	if f.Trial == "" {
		return ""
	}
	text := fmt.Sprintf("%s of the trials; the smallest is %s", show.Grouped(uint64(f.Trials)), f.Trial)
	switch {
	case f.Reduced && f.Trials == 1:
		text = "a single trial; reduced to " + f.Trial
	case f.Reduced:
		text = fmt.Sprintf("%s of the trials; reduced to %s", show.Grouped(uint64(f.Trials)), f.Trial)
	case f.Trials == 1:
		text = "the trial " + f.Trial
	}
	if f.Story != "" {
		text += ": " + show.Line(strings.TrimSpace(f.Story), 160)
	}
	switch {
	case f.Repeat > 0 && f.Tries > 0 && f.Hits == 0:
		text += fmt.Sprintf(" Chance decides: it showed in none of %d more %s. The command below tries up to %s until it shows, which may be too few.", f.Tries, tries(f.Tries), show.Counted(uint64(f.Repeat), "time"))
	case f.Repeat > 0 && f.Tries > 0:
		text += fmt.Sprintf(" Chance decides: it showed in %d of %d more %s. The command below tries up to %s until it shows: enough also where it shows four times more seldom.", f.Hits, f.Tries, tries(f.Tries), show.Counted(uint64(f.Repeat), "time"))
	case f.Repeat > 0 && !f.drains():
		text += fmt.Sprintf(" Chance decides: the command below tries up to %s until it shows.", show.Counted(uint64(f.Repeat), "time"))
	case f.Repeat > 0:
		text += fmt.Sprintf(" It shows when what the consumer has of something is used up: the command below plays the trial up to %s.", show.Counted(uint64(f.Repeat), "time"))
	case f.Unsteady:
		text += " It does not happen each time: chance decides, as with things that happen at once."
	}
	if f.Otherwise {
		text += " The command plays a few of the trials, and may name another cause."
	}
	others := slices.DeleteFunc(slices.Clone(f.Replay), func(id string) bool { return id == f.Trial })
	if len(f.Replay) > 1 && len(others) > 0 && !f.Otherwise {
		if !strings.HasSuffix(text, ".") {
			text += "."
		}
		text += " To name the same cause, the command also plays " + strings.Join(others, ", ") + "."
	}
	return text
}

// summary writes what was found out.
func (r *Result) summary(b *strings.Builder, c show.Colours) {
	head := c.Good(r.Headline())
	if !r.Passed {
		head = c.Bad(r.Headline())
	}
	fmt.Fprintln(b, head)
	for _, text := range r.Failures {
		if text != r.Cause {
			fmt.Fprintln(b, c.Bad(r.standing(text)+text))
		}
	}
	b.WriteString("\n")
	for _, l := range r.Levels {
		fmt.Fprintf(b, "  %-9s %-14s %s\n", l.Name, l.stand(), l.counts())
	}
	b.WriteString("\n")
	if r.only(r.told()) == nil {
		list(b, "told wrongly, over all stories", r.off())
	}
	list(b, "not tested", r.untested())
	for _, text := range r.remarks() {
		paragraph(b, "", text)
	}
	fmt.Fprintf(b, "%s\nrepeat it: %s\n", r.origin(), r.Again)
	if r.hint != "" {
		fmt.Fprintln(b, r.hint)
	}
}

// remarks are what else is to be known.
func (r *Result) remarks() (all []string) {
	if text := r.short(); text != "" {
		all = append(all, text)
	}
	if len(r.Unknown) > 0 {
		all = append(all, "the state has members that are none of a state's, and were not read: "+strings.Join(r.Unknown, ", "))
	}
	all = append(all, r.Notes...)
	if !r.State {
		all = append(all, "answers only: the consumer was not asked for its state, so nobody knows what it has stored, counted and ordered")
	}
	return all
}

// told is the first finding about the state, or an empty one.
func (r *Result) told() *Finding {
	for i := range r.Findings {
		if len(r.Findings[i].Timeline) > 0 {
			return &r.Findings[i]
		}
	}
	return &Finding{}
}

// list writes a heading and what belongs to it, or nothing where nothing does.
func list(b *strings.Builder, head string, items []string) {
	if len(items) == 0 {
		return
	}
	paragraph(b, "", head+":")
	for _, item := range items {
		paragraph(b, "  ", item)
	}
}

// paragraph writes a text in lines; those behind the first stand further right.
func paragraph(b *strings.Builder, margin, text string) {
	if text == "" {
		return
	}
	fmt.Fprintf(b, "%s%s\n", margin, strings.Join(wrap(text, width-len(margin)-2), "\n"+margin+"  "))
}

// stand is how a level stands, in a word or two.
func (l *Level) stand() string {
	switch {
	case l.Reached:
		return "reached"
	case l.Broken > 0, l.follows:
		return "not reached"
	case l.OK == 0:
		return "not tested"
	case l.Needs != "":
		return "needs " + l.Needs
	}
	return "not told"
}

// counts says how many rules are how.
func (l *Level) counts() string {
	all := uint64(l.OK + l.Broken + l.Untested)
	text := fmt.Sprintf("%d of %s ok", l.OK, show.Counted(all, "rule"))
	if l.Broken > 0 {
		text += fmt.Sprintf(", %d broken", l.Broken)
	}
	if l.Untested > 0 {
		text += fmt.Sprintf(", %d not tested", l.Untested)
	}
	if l.stand() == "not told" && len(l.Why) > 0 {
		text += ": " + l.Why[0]
		if n := len(l.Why) - 1; n > 0 {
			text += fmt.Sprintf("; and %s", show.Counted(uint64(n), "other reason"))
		}
	}
	return text
}

// wrap breaks a text into lines of so many characters.
func wrap(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
