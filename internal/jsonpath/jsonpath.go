// Package jsonpath points into JSON values.
//
// A text such as $.channels[0].role comes in; a path that finds values in decoded JSON goes
// out. It promises that a path is read completely or refused with the reason: a dollar
// sign, then members (.name), places (["any name"]) and indexes ([0], or [-1] for the
// last), and [*] for every element. It never filters, computes or searches in depth.
package jsonpath

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Path is a parsed path; its zero value finds the whole.
type Path struct {
	text  string
	steps []step
}

// step goes to a member, to an element, or to every element.
type step struct {
	name  string
	index int
	kind  kind
}

type kind uint8

const (
	member kind = iota
	element
	every
)

var stepForm = regexp.MustCompile(`^(?:\.([A-Za-z_][A-Za-z0-9_-]*)|\[(-?[0-9]{1,6})\]|\[(\*)\]|\["([^"\\]*)"\])`)

// Parse reads a path.
func Parse(text string) (Path, error) {
	p := Path{text: text}
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return Path{}, fmt.Errorf("want a path such as $.channels[0].role, got %q", text)
	}
	for rest != "" {
		m := stepForm.FindStringSubmatch(rest)
		if m == nil {
			return Path{}, fmt.Errorf("path %q: want .name, [0], [-1], [*] or [\"name\"] at %q", text, rest)
		}
		s := step{name: m[1] + m[4]}
		switch {
		case m[2] != "":
			s.kind = element
			s.index, _ = strconv.Atoi(m[2]) // digits by the expression
		case m[3] != "":
			s.kind = every
		}
		p.steps = append(p.steps, s)
		rest = rest[len(m[0]):]
	}
	return p, nil
}

// String is the path as it was written.
func (p Path) String() string { return p.text }

// Find finds the values that the path leads to in a value as encoding/json decodes it.
// There may be none, and more than one only behind [*].
func (p Path) Find(value any) []any {
	found := []any{value}
	for _, s := range p.steps {
		var next []any
		for _, v := range found {
			next = s.from(v, next)
		}
		found = next
	}
	return found
}

func (s step) from(v any, to []any) []any {
	list, _ := v.([]any)
	switch s.kind {
	case member:
		object, _ := v.(map[string]any)
		if child, there := object[s.name]; there {
			to = append(to, child)
		}
	case every:
		to = append(to, list...)
	case element:
		i := s.index
		if i < 0 {
			i += len(list)
		}
		if i >= 0 && i < len(list) {
			to = append(to, list[i])
		}
	}
	return to
}
