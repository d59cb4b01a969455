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

// The categories of the documentation. Only Ready is split by subcategory; all other presences
// repeat their category there.
var (
	away         = event.Category{Type: "away", Description: "Away", Subcategory: "away"}
	extendedAway = event.Category{Type: "extendedAway", Description: "Extended Away", Subcategory: "extendedAway"}
	loggedOut    = event.Category{Type: "loggedOut", Description: "Logged Out", Subcategory: "loggedOut"}
)

func readyAs(subcategory string) event.Category {
	return event.Category{Type: "ready", Description: "Ready", Subcategory: subcategory}
}

// presences are the usual ones of the documentation. Their numbers name the IDs of presences,
// so new ones go to the end. That Lunch and those behind it are of the category Extended Away,
// and the subcategories of Ready but for readyOutbound, are assumed.
var presences = []Presence{
	{"ready", "Ready", readyAs("ready")},
	{"ready-outbound", "Ready (Outbound)", readyAs("readyOutbound")},
	{"away", "Away", away},
	{"break", "Break", away},
	{"comfort-break", "Comfort break", away},
	{"extended-away", "Extended away", extendedAway},
	{"lunch", "Lunch", extendedAway},
	{"in-meeting", "In meeting", extendedAway},
	{"paperwork", "Paperwork", extendedAway},
	{"team-meeting", "Team meeting", extendedAway},
	{"training", "Training", extendedAway},
	{"logged-out", "Logged Out", loggedOut},
	{"ready-offline", "Ready (Offline)", readyAs("readyOffline")},
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
