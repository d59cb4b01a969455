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

// mends say what to do about mistakes for which that is not what mends whatever else breaks their rule.
var mends = map[string]string{
	losesSome.ID:               "Store each notification before you answer, and find what decides that some are dropped: a filter, a window of time, a limit, or a key of duplicates that is not unique.",
	LostBesideDuplicates.ID:    "Let a duplicate fail by itself: a row that is known already must not undo the others of its batch, or of its transaction.",
	StatePerProcess.ID:         "Keep what is stored where all processes find it: in a database, not in the memory of one.",
	"conversations-dropped":    "Keep conversations in the database, not in a cache of some size: one that is over is asked for as well, and one that lasts goes on.",
	"ringing-without-end":      countIt,
	"hold-without-end":         countIt,
	"park-without-end":         countIt,
	"interruption-without-end": countIt,
	"unexpected-without-end":   countIt,
	"wrap-without-end":         countIt,
}

const countIt = "Count each phase from the event that begins it to the next one, and tell it: a phase that is missing in seconds counts as none."

// Mend is what to do about it, where it is not what mends whatever else breaks its rule; "" if it is.
func (m *Mistake) Mend() string { return mends[m.ID] }

// Mistakes lists the known ones, in the order of the rules that they break.
func Mistakes() []Mistake { return append([]Mistake(nil), mistakes...) }

var mistakes = slices.Concat(identityMistakes, orderMistakes, endedMistakes, phaseMistakes, durationMistakes, shownMistakes, figureMistakes,
	[]Mistake{mixesConversations, takenForOld, losesSome})

// LostBesideDuplicates is recognised by what is missing where duplicates come at the same time as other notifications, and nowhere else.
var LostBesideDuplicates = &Mistake{"lost-beside-duplicates", rulebook.ConcurrentDuplicates, "loses what arrives at the same time as a duplicate", nil}

// StatePerProcess is recognised by a state that is another one the next time it is asked for, though nothing has come.
var StatePerProcess = &Mistake{"state-per-process", rulebook.StoreBeforeAnswer, "has several processes, and each tells only what came to it", nil}

// mixesConversations is recognised by channels that are told in a conversation that is not theirs.
var mixesConversations = Mistake{"mixes-conversations", rulebook.ConversationsApart, "tells channels in conversations that are not theirs", nil}

// takenForOld is recognised by how much is missing: hardly anything at first, and by and by nearly all, as of a filter that fills.
var takenForOld = Mistake{"taken-for-old", rulebook.NewIDIsNew, "takes new notifications for duplicates, the more often the more it has seen", nil}

// losesSome is recognised by what is missing, since nobody can say which ones are lost.
var losesSome = Mistake{"loses-some", rulebook.StoreBeforeAnswer, "accepts notifications, and does not keep all of them", nil}
