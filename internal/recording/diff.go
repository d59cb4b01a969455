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

	want, got int // the number of the notification on each side; 0 if it is not there
}

// difference is one between two notifications, of which one may be nil.
func difference(k Kind, want, got *entry) Difference {
	d := Difference{Kind: k}
	if got != nil {
		d.got, d.GotLine, d.Type, d.ID = got.Number, got.Line, got.head.Type, got.head.ID
	}
	if want != nil {
		d.want, d.WantLine = want.Number, want.Line
	}
	if want != nil && k != Duplicate {
		d.Type, d.ID = want.head.Type, want.head.ID
	}
	return d
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
	for rec, err := range Records(r, name) {
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
		all = append(all, difference(Missing, e, nil))
	}
	for _, e := range m.extra {
		all = append(all, difference(Extra, nil, e))
	}
	for _, p := range m.surplus {
		all = append(all, difference(Duplicate, p.want, p.got))
	}
	names := &renaming{ignore: ignore, toGot: map[string]renamed{}, toWant: map[string]renamed{}}
	for _, p := range m.pairs {
		for _, d := range names.compare(p) {
			whole := difference(Different, p.want, p.got)
			whole.Path, whole.Want, whole.Got = d.Path, d.Want, d.Got
			all = append(all, whole)
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

// place sorts differences by their places in got, and what is missing by where it would be.
func place(all []Difference, pairs []pair) {
	byWant := slices.SortedFunc(slices.Values(pairs), func(a, b pair) int { return cmp.Compare(a.want.Number, b.want.Number) })
	at := func(d *Difference) int {
		if d.got > 0 {
			return d.got
		}
		i, _ := slices.BinarySearchFunc(byWant, d.want, func(p pair, n int) int { return cmp.Compare(p.want.Number, n) })
		if i < len(byWant) {
			return byWant[i].got.Number
		}
		return math.MaxInt
	}
	slices.SortStableFunc(all, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(at(&a), at(&b)), cmp.Compare(a.got, b.got), cmp.Compare(a.want, b.want))
	})
}

// strays returns the fewest pairs of a conversation that would have to move: those outside of a
// longest sequence that is in the wanted order.
func strays(pairs []pair) []Difference {
	best := make([]int, 0, len(pairs)) // index of the pair that ends the best run of each length
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n, _ := slices.BinarySearchFunc(best, p, func(at int, p pair) int { return cmp.Compare(pairs[at].want.Number, p.want.Number) })
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
		d := difference(Disorder, p.want, p.got)
		if d.Got = "first of its conversation"; i > 0 {
			d.Got = fmt.Sprintf("behind %s of line %d", pairs[i-1].got.head.Type, pairs[i-1].got.Line)
		}
		all = append(all, d)
	}
	return all
}
