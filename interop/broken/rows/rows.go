package rows

import (
	"slices"

	"github.com/ringback/ringback/internal/rulebook"
)

// Row is one consumer.
type Row struct {
	Name   string
	About  string      // what is wrong with it
	Breaks rulebook.ID // the rule; empty for none
	change func(*steps)
}

// All lists the consumers. The first makes no mistake.
func All() []Row {
	return slices.Concat([]Row{{Name: "correct", About: "makes no mistake"}},
		answering(), reading(), enduring(), trusting(), hashing(), identifying(), mixing(), ordering(), measuring(), naming(), figuring(),
		racing(), crashing())
}
