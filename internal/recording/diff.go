package recording

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
)

// Ignore says which differences do not count.
type Ignore struct {
	Order bool // in which notifications of one conversation stand
	Time  bool // time and data.timestamp
	IDs   bool // what identifiers are called, as long as equal ones stay equal
}

// Kind is how two recordings differ in one place.
type Kind string

// The kinds.
const (
	Missing   Kind = "missing"      // expected, and not there
	Extra     Kind = "extra"        // there, and not expected
	Duplicate Kind = "duplicate"    // there once more than expected
	Different Kind = "different"    // there with another body
	Disorder  Kind = "out-of-order" // there, but not in its place in the conversation
)

// Kinds lists all kinds, in the order in which they are counted.
func Kinds() []Kind { return []Kind{Missing, Extra, Duplicate, Different, Disorder} }

// Difference is one place in which two recordings differ. The line of a side that has
// nothing there is 0.
type Difference struct {
	Kind     Kind   `json:"kind"`
	WantLine int    `json:"want_line"`
	GotLine  int    `json:"got_line"`
	Type     string `json:"type"` // of the notification, as the line says it; of the expected one, if there is one
	ID       string `json:"id"`   // as Type
	Path     string `json:"path"` // of a Different member, such as data.channel.party.role
	Want     string `json:"want"` // its value as JSON, or what is wrong with its place; "" for absent
	Got      string `json:"got"`  // as Want
}

// Side is one of two recordings.
type Side struct {
	Name  string `json:"file"`
	Count int    `json:"notifications"` // that are compared
	Left  int    `json:"left_out"`      // rows whose response was no success

	entries []*entry
}

// ReadSide reads a recording for Compare. All of it stays in memory: about twice the size
// of its bodies. Rows that were not answered with success are left out unless all is set.
func ReadSide(name string, r io.Reader, all bool) (*Side, error) {
	s := &Side{Name: name}
	for rec, err := range Lines(r, name) {
		if err != nil {
			return nil, err
		}
		if !all && !rec.Accepted() {
			s.Left++
			continue
		}
		rec.Body = bytes.Clone(rec.Body)
		s.entries = append(s.entries, &entry{rec, HeadOf(rec.Body)})
	}
	s.Count = len(s.entries)
	return s, nil
}

// Compare lists in what got differs from want, in the order of the lines of got; what is
// missing stands before the next notification that was found. Notifications are the same
// if source and id are, or, where identifiers do not count, if they are the same event of
// the same channel of the same conversation; see docs/recordings.md.
func Compare(want, got *Side, ignore Ignore) []Difference {
	m := match(want.entries, got.entries, ignore.IDs)
	var all []Difference
	for _, e := range m.missing {
		all = append(all, Difference{Kind: Missing, WantLine: e.Line, Type: e.head.Type, ID: e.head.ID})
	}
	for _, e := range m.extra {
		all = append(all, Difference{Kind: Extra, GotLine: e.Line, Type: e.head.Type, ID: e.head.ID})
	}
	for _, p := range m.surplus {
		all = append(all, Difference{Kind: Duplicate, WantLine: p.want.Line, GotLine: p.got.Line, Type: p.got.head.Type, ID: p.got.head.ID})
	}
	names := &renaming{ignore: ignore, toGot: map[string]renamed{}, toWant: map[string]renamed{}}
	for _, p := range m.pairs {
		for _, d := range names.compare(p) {
			d.Kind, d.WantLine, d.GotLine, d.Type, d.ID = Different, p.want.Line, p.got.Line, p.want.head.Type, p.want.head.ID
			all = append(all, d)
		}
	}
	if !ignore.Order {
		for _, thread := range grouped(m.pairs, func(p pair) string { return p.want.head.Thread() }) {
			all = append(all, strays(thread)...)
		}
	}
	place(all, m.pairs)
	return all
}

// place sorts differences by the lines of got, and what is missing by where it would be.
func place(all []Difference, pairs []pair) {
	byWant := slices.SortedFunc(slices.Values(pairs), func(a, b pair) int { return cmp.Compare(a.want.Line, b.want.Line) })
	line := func(d *Difference) int {
		if d.GotLine > 0 {
			return d.GotLine
		}
		i, _ := slices.BinarySearchFunc(byWant, d.WantLine, func(p pair, line int) int { return cmp.Compare(p.want.Line, line) })
		if i < len(byWant) {
			return byWant[i].got.Line
		}
		return math.MaxInt
	}
	slices.SortStableFunc(all, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(line(&a), line(&b)), cmp.Compare(a.GotLine, b.GotLine), cmp.Compare(a.WantLine, b.WantLine))
	})
}

// strays returns the fewest pairs of a conversation that would have to move: those outside of a
// longest sequence that is in the wanted order.
func strays(pairs []pair) []Difference {
	best := make([]int, 0, len(pairs)) // index of the pair that ends the best run of each length
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n, _ := slices.BinarySearchFunc(best, p, func(at int, p pair) int { return cmp.Compare(pairs[at].want.Line, p.want.Line) })
		if before[i] = -1; n > 0 {
			before[i] = best[n-1]
		}
		if n == len(best) {
			best = append(best, i)
		} else {
			best[n] = i
		}
	}
	if len(best) == len(pairs) {
		return nil
	}
	kept := map[int]bool{}
	for i := best[len(best)-1]; i >= 0; i = before[i] {
		kept[i] = true
	}
	var all []Difference
	for i, p := range pairs {
		if kept[i] {
			continue
		}
		d := Difference{Kind: Disorder, WantLine: p.want.Line, GotLine: p.got.Line, Type: p.want.head.Type, ID: p.want.head.ID}
		if d.Got = "first of its conversation"; i > 0 {
			d.Got = fmt.Sprintf("behind %s of line %d", pairs[i-1].got.head.Type, pairs[i-1].got.Line)
		}
		all = append(all, d)
	}
	return all
}
