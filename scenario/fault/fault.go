// Package fault names what can be made to go wrong between sender and consumer.
//
// A name comes in, from a scenario or a flag; what it does, where it is done and what a
// correct consumer answers come out. It promises that every fault says what is right, so
// that a run can be judged. It never does anything itself: the planner plans faults, and
// the emitter commits them.
package fault

import (
	"fmt"
	"slices"

	"github.com/ringback/ringback/internal/nearest"
)

// Kind is one fault. The zero value is none.
type Kind uint8

// The kinds, in the order of docs/faults.md.
const (
	None Kind = iota

	// What the real sender does on a bad day.
	Duplicate
	Delay
	Reorder
	Drop
	LateRetry
	SlowBody
	Reset
	RotateKey

	// What an honest sender never does.
	WrongKey
	ExpiredToken
	Unsigned
	AlgNone
	TamperedBody

	// What a newer or broken sender does.
	MalformedJSON
	UnknownType
	UnknownMember
	MissingMember
	BodyStyle

	// More of what the real sender does on a bad day. New kinds come last: the number of a kind
	// names its random choices.
	EarlyToken
)

// Want is what a correct consumer answers in the end: 408, 429, statuses from 500 on and no response at
// all put off, and the answer to the next attempt counts.
type Want uint8

// The answers.
const (
	Accept          Want = iota
	RefuseSignature      // 401 or 403; 400 will do
	Finish               // any 2xx, or any other 4xx than 401: the same bytes must not come again
	Nothing              // it is never asked
)

var wantNames = [...]string{Accept: "accept", RefuseSignature: "refuse with 401", Finish: "answer 204 or 400", Nothing: "nothing"}

// String is the answer for people.
func (w Want) String() string { return wantNames[w] }

// Refuse reports whether a correct consumer refuses.
func (w Want) Refuse() bool { return w == RefuseSignature }

// Class groups faults by what a consumer gets wrong if it answers wrongly.
type Class uint8

// The classes.
const (
	Delivery Class = iota // retries, duplicates, disorder: accept, and keep the truth
	Forgery               // signatures that prove nothing: refuse
	Form                  // bodies other than documented
)

// Row describes one kind.
type Row struct {
	Name  string
	Class Class
	Extra bool // sent beside the notification, which is sent as well; else instead of it
	Want  Want
	Doc   string
}

var rows = [...]Row{
	None:          {},
	Duplicate:     {"duplicate", Delivery, true, Accept, "the same notification is sent once more, within 2 s"},
	Delay:         {"delay", Delivery, false, Accept, "it is sent later, by the time of its rule; beside a step by 1s..30s"},
	Reorder:       {"reorder", Delivery, false, Accept, "it is sent right behind the next notification of its conversation"},
	Drop:          {"drop", Delivery, false, Nothing, "it happened, but is never sent"},
	LateRetry:     {"late-retry", Delivery, false, Accept, "the first attempt is lost on the way; the second comes 5 s later or more, behind the next notification of its conversation"},
	SlowBody:      {"slow-body", Delivery, false, Accept, "the body comes in 8 pieces, with pauses of 50 ms"},
	Reset:         {"reset", Delivery, false, Accept, "the connection is cut in the middle of the body; a retry follows as usual"},
	RotateKey:     {"rotate-key", Delivery, false, Accept, "from here on the next secret signs"},
	WrongKey:      {"wrong-key", Forgery, true, RefuseSignature, "a copy signed with another key"},
	ExpiredToken:  {"expired-token", Forgery, true, RefuseSignature, "a copy whose token expired an hour ago"},
	Unsigned:      {"unsigned", Forgery, true, RefuseSignature, "a copy without a token"},
	AlgNone:       {"alg-none", Forgery, true, RefuseSignature, "a copy whose token names no algorithm and has no signature"},
	TamperedBody:  {"tampered-body", Forgery, true, RefuseSignature, "a copy whose body was changed after signing"},
	MalformedJSON: {"malformed-json", Form, true, Finish, "a signed body that is no JSON"},
	UnknownType:   {"unknown-type", Form, true, Accept, "a signed notification of a type that is not documented"},
	UnknownMember: {"unknown-member", Form, false, Accept, "members that are not documented stand in the body"},
	MissingMember: {"missing-member", Form, true, Finish, "a signed notification without its data"},
	BodyStyle:     {"body-style", Form, false, Accept, "the body is written in another lawful way: with blanks, line breaks, escapes, another order of members or characters beyond ASCII"},
	EarlyToken:    {"early-token", Delivery, false, Accept, "its tokens are issued 90 s in the future, by a clock that is ahead"},
}

// Rows lists all kinds, in order.
func Rows() []Row { return append([]Row(nil), rows[1:]...) }

// Kinds lists all kinds, in order.
func Kinds() []Kind {
	all := make([]Kind, 0, len(rows)-1)
	for k := Duplicate; int(k) < len(rows); k++ {
		all = append(all, k)
	}
	return all
}

// Names lists the names of all kinds, in order.
func Names() []string { return nearest.Names(Kinds(), Kind.String) }

// Row describes k.
func (k Kind) Row() Row { return rows[k] }

// String is the name, and "" for none.
func (k Kind) String() string { return rows[k].Name }

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = Parse(string(text))
	return err
}

// Parse finds a kind by its name.
func Parse(name string) (Kind, error) {
	if k := slices.Index(Names(), name); k >= 0 {
		return Duplicate + Kind(k), nil
	}
	return None, fmt.Errorf("unknown fault %q%s", name, nearest.DidYouMean(name, Names()))
}
