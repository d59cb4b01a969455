package mischief

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/scenario"
)

// maxTimes bounds the x of a script.
const maxTimes = 1_000_000

// maxAnswers bounds the answers of a script or a mix, which are looked through for each request.
const maxAnswers = 1000

// Parse reads answers with commas between them. Each is a status from 200 to 599, hang or
// reset, then any of "retry-after TIME" and oversize, then in a script xN for how often, or
// in a mix P% for how likely:
//
//	503 x2, 200
//	429 retry-after 30s x1, 200
//	200 99%, 500 1%
//
// Only the last answer of a script may lack its xN, and it is for all that follow either
// way. The shares of a mix add up to 100%. Errors name the column, from 1.
func Parse(text string) (Answers, error) {
	p := parser{words: split(text)}
	var all Answers
	for {
		a, err := p.answer()
		if err != nil {
			return Answers{}, err
		}
		if len(all.list) == maxAnswers {
			return Answers{}, fmt.Errorf("want at most %d answers", maxAnswers)
		}
		all.list = append(all.list, a)
		if p.at().text == "" {
			break
		}
		p.next++ // the comma
	}
	return all, all.check(&p)
}

// word is a word of the text, or a comma; behind the last there is an empty one.
type word struct {
	text   string
	column int
}

func (w word) ends() bool { return w.text == "," || w.text == "" }

// split cuts at blanks, and around commas.
func split(text string) []word {
	var all []word
	column, fresh := 0, true
	for _, r := range text {
		column++
		switch {
		case unicode.IsSpace(r):
			fresh = true
		case r == ',' || fresh:
			all = append(all, word{string(r), column})
			fresh = r == ','
		default:
			all[len(all)-1].text += string(r)
		}
	}
	return append(all, word{"", column + 1})
}

// parser reads the words of some answers.
type parser struct {
	words  []word
	next   int
	counts []word // the xN or P% of each answer, or what stands where it has none
}

func (p *parser) at() word { return p.words[p.next] }

func problem(w word, format string, args ...any) error {
	got := strconv.Quote(w.text)
	if w.text == "" {
		got = "the end"
	}
	return fmt.Errorf("column %d: %s, got %s", w.column, fmt.Sprintf(format, args...), got)
}

// answer reads one answer, up to the comma behind it.
func (p *parser) answer() (a Answer, err error) {
	what := p.at()
	switch what.text {
	case "hang":
		a.Cut = Hang
	case "reset":
		a.Cut = Reset
	default:
		if a.Status, err = strconv.Atoi(what.text); err != nil || a.Status < 200 || a.Status > 599 {
			return a, fmt.Errorf("%w%s", problem(what, "want a status from 200 to 599, hang or reset"), nearest.DidYouMean(what.text, []string{"hang", "reset"}))
		}
	}
	p.next++
	for p.at().text == "retry-after" || p.at().text == "oversize" {
		if err := p.option(&a); err != nil {
			return a, err
		}
	}
	count := p.at()
	p.counts = append(p.counts, count)
	if count.ends() {
		return a, nil
	}
	if err := a.count(count); err != nil {
		return a, err
	}
	if p.next++; !p.at().ends() {
		return a, problem(p.at(), "want a comma and another answer, or the end")
	}
	return a, nil
}

func (p *parser) option(a *Answer) error {
	name := p.at()
	p.next++
	if a.Cut != Uncut {
		return problem(name, "%s has no header and no body: want xN, P%% or a comma", a)
	}
	if name.text == "oversize" {
		a.Oversize = true
		return nil
	}
	span, err := scenario.ParseSpan(p.at().text)
	if err != nil || span.Min() != span.Max() || span.IsZero() {
		return problem(p.at(), "retry-after: want one time such as 30s")
	}
	a.RetryAfter = span.Min()
	p.next++
	return nil
}

// count reads xN or P%.
func (a *Answer) count(w word) error {
	if number, ok := strings.CutPrefix(w.text, "x"); ok {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > maxTimes {
			return problem(w, "want how often, from x1 to x%d", maxTimes)
		}
		a.times = n
		return nil
	}
	share, err := ParseShare(w.text)
	if err != nil {
		return problem(w, "want retry-after, oversize, xN, P%% or a comma")
	}
	a.share = share
	return nil
}

// ParseShare reads a percentage above 0 and at most 100, such as 1% or 0.5%, as a number
// up to 1.
func ParseShare(text string) (float64, error) {
	number, ok := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(v > 0) || v > 100 {
		return 0, fmt.Errorf("want a percentage above 0%%, up to 100%%, such as 1%%, got %q", text)
	}
	return v / 100, nil
}

// check makes sure that the answers are a script or a mix.
func (a *Answers) check(p *parser) error {
	a.mixed = strings.HasSuffix(p.counts[0].text, "%")
	sum := 0.0
	for i, x := range a.list {
		count, last := p.counts[i], i == len(a.list)-1
		switch {
		case a.mixed && x.share == 0:
			return problem(count, "want a percentage, as the first answer has one")
		case !a.mixed && x.share > 0:
			return problem(count, "want xN, as the first answer has no percentage")
		case !a.mixed && x.times == 0 && !last:
			return problem(count, "want xN: an answer without it is the last one")
		}
		sum += x.share
	}
	if a.mixed && math.Abs(sum-1) > 1e-9 {
		return fmt.Errorf("column %d: the percentages add up to %g%%, want 100%%", p.counts[len(p.counts)-1].column, math.Round(sum*1e8)/1e6)
	}
	return nil
}
