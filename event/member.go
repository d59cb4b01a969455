package event

import (
	"fmt"
	"slices"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/show"
)

// member is the value of one member of an object. An empty raw means that it is missing.
type member struct {
	parent, name string // the path in two halves, joined only for a problem
	raw          string
}

func (m member) path() string { return join(m.parent, m.name) }

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

func (p *parser) problem(path, problem string) {
	p.problems = append(p.problems, Problem{Path: path, What: show.Clip(problem, maxProblem), Class: Violation})
}

// deviation reports what departs from an assumption of ours and breaks no documented fact.
func (p *parser) deviation(parent, name, problem string, cause error) {
	if !p.lenient {
		p.problems = append(p.problems, Problem{show.Clip(join(parent, name), maxProblem), show.Clip(problem, maxProblem), Deviation, cause})
	}
}

// object reads the object at path into one member per name, at most eight, in the order of
// names. It is not ok if there is no object; what is missing inside is left to whoever
// reads the member.
func (p *parser) object(path, raw string, names ...string) (found [8]member, ok bool) {
	if !p.isObject(path, raw) {
		return found, false
	}
	for i, name := range names {
		found[i] = member{parent: path, name: name}
	}
	var twice [8]bool
	for quoted, value := range members(raw) {
		name, sound := unquote(quoted)
		if !sound {
			name = quoted
		}
		i := slices.Index(names, name)
		switch {
		case i < 0:
			p.deviation(path, name, errUnknownMember.Error(), errUnknownMember)
		case found[i].raw == "":
			found[i].raw = value
		case !twice[i]:
			twice[i] = true
			p.problem(found[i].path(), "duplicate member")
		}
	}
	return found, true
}

func (p *parser) isObject(path, raw string) bool {
	switch {
	case raw == "":
		p.problem(path, "missing")
	case raw[0] != '{':
		p.problem(path, "want an object, got "+jsontext.TypeName(raw))
	default:
		return true
	}
	return false
}

// read is the text of a string member; without one it reports the problem and is not ok.
func (p *parser) read(m member) (text string, ok bool) {
	switch {
	case m.raw == "":
		p.problem(m.path(), "missing")
	case m.raw[0] != '"':
		p.problem(m.path(), "want a string, got "+jsontext.TypeName(m.raw))
	default:
		if text, ok = unquote(m.raw); !ok {
			p.problem(m.path(), "an escape in the string is half of a surrogate pair")
		}
	}
	return text, ok
}

// text reads a string that may be empty.
func (p *parser) text(m member) string {
	s, _ := p.read(m)
	return s
}

// filled reads a string that may not be empty; "" means that a problem has been reported.
func (p *parser) filled(m member) string {
	s, ok := p.read(m)
	if ok && s == "" {
		p.problem(m.path(), "want a string that is not empty")
	}
	return s
}

// constant reads a string with only one lawful value.
func (p *parser) constant(m member, want string) {
	if s, ok := p.read(m); ok && s != want {
		p.problem(m.path(), fmt.Sprintf("want %q, got %q", want, s))
	}
}

// checked reads a string with a form of its own.
func checked[T any](p *parser, m member, form func(string) (T, error)) T {
	var none T
	s, ok := p.read(m)
	if !ok {
		return none
	}
	v, err := form(s)
	if err != nil {
		p.problem(m.path(), err.Error())
		return none
	}
	return v
}
