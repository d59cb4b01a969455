package story

import (
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/nearest"
)

// Presence is one presence of an account, by the word that scenarios use.
type Presence struct {
	Word        string
	Description string
	Category    event.Category
}

// presences are the usual ones. Ready (Outbound) is documented in full; the category
// types of the others follow a sister API of the vendor, and their subcategories are
// assumed by analogy with readyOutbound.
var presences = []Presence{
	{"ready", "Ready", event.Category{Type: "ready", Description: "Ready", Subcategory: "ready"}},
	{"ready-outbound", "Ready (Outbound)", event.Category{Type: "ready", Description: "Ready", Subcategory: "readyOutbound"}},
	{"away", "Away", event.Category{Type: "away", Description: "Away", Subcategory: "away"}},
	{"break", "Break", event.Category{Type: "away", Description: "Away", Subcategory: "break"}},
	{"comfort-break", "Comfort break", event.Category{Type: "away", Description: "Away", Subcategory: "comfortBreak"}},
	{"extended-away", "Extended away", event.Category{Type: "extendedAway", Description: "Extended away", Subcategory: "extendedAway"}},
	{"lunch", "Lunch", event.Category{Type: "extendedAway", Description: "Extended away", Subcategory: "lunch"}},
	{"in-meeting", "In meeting", event.Category{Type: "extendedAway", Description: "Extended away", Subcategory: "inMeeting"}},
	{"paperwork", "Paperwork", event.Category{Type: "extendedAway", Description: "Extended away", Subcategory: "paperwork"}},
	{"team-meeting", "Team meeting", event.Category{Type: "extendedAway", Description: "Extended away", Subcategory: "teamMeeting"}},
	{"training", "Training", event.Category{Type: "extendedAway", Description: "Extended away", Subcategory: "training"}},
	{"logged-out", "Logged out", event.Category{Type: "loggedOut", Description: "Logged out", Subcategory: "loggedOut"}},
}

// ready is the number of the presence of an agent of whom nothing else is known.
const ready = 1

// Presences lists the presences that a story may name.
func Presences() []Presence { return append([]Presence(nil), presences...) }

// presenceOf is the number of a presence by its word, from 1; 0 for none.
func presenceOf(word string) int { return slices.Index(PresenceNames(), word) + 1 }

// PresenceNames lists the words of the presences.
func PresenceNames() []string {
	return nearest.Names(presences[:], func(p Presence) string { return p.Word })
}
