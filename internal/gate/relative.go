package gate

import (
	"fmt"
	"regexp"
	"strconv"
)

// Bounds of factors. What differs by more is not the same thing any more, and a typing mistake is likelier.
const leastFactor, mostFactor = 0.001, 1000

var (
	factorForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)[xX×]$`)
	changeForm = regexp.MustCompile(`^([+-][0-9]+(?:\.[0-9]+)?)%$`)
	turnedForm = regexp.MustCompile(`^[xX×]([0-9]+(?:\.[0-9]+)?)$`)
)

// planned are the figures that the plan decides, whatever the consumer does: in two comparable runs they are equal.
var planned = map[Figure]bool{Notifications: true, Faults: true, Duplicates: true, Forgeries: true, BadBodies: true, Dropped: true}

// Planned reports whether the plan decides the figure, so that no factor is asked of it.
func (r Row) Planned() bool { return planned[r.Figure] }

// ParseCompared reads a gate on a run that is compared with another one: what Parse reads, which is about that run alone, or one whose
// value is a factor of the other run's, such as 1.2x, or a change from it, such as +20% or -5%. Its errors are of type *Error.
func ParseCompared(text string) (Gate, error) { return parse(text, true) }

// relative reads a factor or a change, and reports whether the value is meant as one.
func (p *parser) relative(g *Gate, text string, at int) bool {
	_, example := g.form()
	factor, err := 0.0, error(nil)
	switch m, c, turned := factorForm.FindStringSubmatch(text), changeForm.FindStringSubmatch(text), turnedForm.FindStringSubmatch(text); {
	case m != nil:
		factor, err = strconv.ParseFloat(m[1], 64)
	case c != nil:
		factor, err = strconv.ParseFloat(c[1], 64)
		factor = (100 + factor) / 100
	case turned != nil && p.compared:
		p.errorf(at, "want the factor before its sign: %sx, got %q", turned[1], text)
		return true
	default:
		return false
	}
	switch {
	case !p.compared:
		p.errorf(at, "%s compares with another run, and there is none here; want a value such as %s", text, example)
	case g.Planned():
		p.errorf(at, "%s is what was planned, and equal in two runs that can be compared; want a value such as %s, got %q", g.Figure, example, text)
	case err != nil, factor < leastFactor, factor > mostFactor:
		p.errorf(at, "want a factor from %gx to %dx, or a change such as +20%%, got %q", leastFactor, mostFactor, text)
	}
	g.Value, g.Relative = factor, true
	return true
}

// ShowFactor writes how often a value is another one, so that it does not look equal to the bound of a relative gate unless it is.
func (g Gate) ShowFactor(factor float64) string {
	short := Factor(factor)
	if factor != g.Value && short == Factor(g.Value) {
		return strconv.FormatFloat(factor, 'f', -1, 64) + "x"
	}
	return short
}

// Factor writes a factor with three digits.
func Factor(factor float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(factor, 'g', 3, 64), 64)
	return fmt.Sprintf("%sx", strconv.FormatFloat(rounded, 'f', -1, 64))
}
