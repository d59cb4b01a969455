package event

import (
	"cmp"
	"errors"
	"strings"
)

// Class is how much a finding about notifications weighs.
type Class string

// The classes, the gravest first.
const (
	Violation Class = "violation" // of a documented fact
	Deviation Class = "deviation" // from what ringback assumes where the documentation is silent
	Note      Class = "note"      // nothing wrong, but worth knowing: the documentation's own examples may do the same
)

// Problem is one place where a body departs from the documented form.
type Problem struct {
	Path string // such as data.channel.party.role; "" for the body as a whole
	What string // what was wanted and, clipped to 200 bytes, what is there

	// Class is Violation but for three things: a type that is not known, which is a Note, since the
	// API may add some; and, as Deviations, members that are not documented, and identifiers of
	// parties that have none (assumption absent-ids).
	Class Class

	cause error // a sentinel of this package, or nil
}

// String is the path and the problem, as in "data.timestamp: missing".
func (f Problem) String() string {
	if f.Path == "" {
		return f.What
	}
	return f.Path + ": " + f.What
}

var errUnknownMember = errors.New("unknown member")

// Rule is what the problem is about, as "ringback explain" knows it: a documented member by its
// path, unknown-member, or body.
func (f Problem) Rule() string {
	if f.cause == errUnknownMember {
		return "unknown-member"
	}
	return cmp.Or(f.Path, "body")
}

// Problems are all problems of one body, at least one, in the documented order of the members.
type Problems []Problem

// Error has one line per problem.
func (f Problems) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

// Is reports whether one of the problems is target; ErrUnknownType is the only error to ask for.
func (f Problems) Is(target error) bool {
	for i := range f {
		if f[i].cause != nil && errors.Is(f[i].cause, target) {
			return true
		}
	}
	return false
}

// OnlyUnknownType reports whether the type is the one thing wrong: the envelope is sound, and
// the notification is to be acknowledged and ignored.
func (f Problems) OnlyUnknownType() bool { return len(f) == 1 && f.Is(ErrUnknownType) }

// maxProblem is how long the text of a problem may be, in characters, whatever the sender
// wrote.
const maxProblem = 200
