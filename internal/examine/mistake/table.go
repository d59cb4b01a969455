package mistake

import (
	"slices"

	"github.com/ringback/ringback/internal/rulebook"
)

// Mistake is a known mistake of consumers.
type Mistake struct {
	ID   string
	Rule rulebook.ID // that it breaks
	Text string      // what such a consumer does, after "it"

	// changes are made to a correct consumer, one for each way to make the mistake.
	changes []change
}

type change func(*consumer)

// Vague reports whether it only says what becomes of it: whoever knows more may name something else.
func (m *Mistake) Vague() bool { return m.changes == nil }

// Mistakes lists the known ones, in the order of the rules that they break.
func Mistakes() []Mistake { return append([]Mistake(nil), mistakes...) }

var mistakes = slices.Concat(identityMistakes, orderMistakes, phaseMistakes, durationMistakes, figureMistakes,
	[]Mistake{losesSome})

// losesSome is recognised by what is missing, since nobody can say which ones are lost.
var losesSome = Mistake{"loses-some", rulebook.StoreBeforeAnswer, "accepts notifications, and does not keep all of them", nil}
