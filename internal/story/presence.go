package story

import (
	"cmp"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/scenario/assume"
)

// Presence is one presence of an account, by the word that scenarios use.
type Presence struct {
	Word        string
	Description string
	Category    event.Category
}

// Allows reports whether an agent in this presence can take part by a step of the given word. Only who
// is Ready is rung. Who is logged in can dial and monitor; that Ready (Outbound) is for callbacks
// as well is assumed, since they are outbound calls.
func (p Presence) Allows(word string) bool {
	switch {
	case p.Word == presences[ready-1].Word:
		return true
	case p.Category.Type == "loggedOut":
		return false
	}
	return word == "dial" || word == "monitor" || word == "callback" && p.Word == "ready-outbound"
}

// Lack is why an agent in this presence does not take part, such as "is not ready".
func (p Presence) Lack() string {
	if p.Category.Type == "ready" {
		return "is ready for outbound calls only"
	}
	return "is not ready"
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
// so new ones go to the end. What of their categories is assumed, CategoryOf says.
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

// CategoryOf is the category of a presence under assumptions.
func CategoryOf(p Presence, set assume.Set) event.Category {
	c := p.Category
	switch {
	case c == extendedAway && p.Word != "extended-away" && set.Is(assume.AbsenceCategory, "away"):
		return away
	case p.Word == "ready-offline":
		c.Subcategory = cmp.Or(set.Get(assume.OfflineSubcategory), c.Subcategory)
	}
	return c
}

// ready is the number of the presence of an agent of whom nothing else is known.
const ready = 1

// setPresence changes an agent's presence at once, or else is what the agent intends: that takes
// effect when all channels of the agent have ended, after-work included.
func (s *State) setPresence(party, presence int) {
	p := &s.parties[party]
	switch {
	case s.handles(party) == nil:
		p.presence = presence
		p.show(presence)
	case presence == p.presence:
		p.intended = 0
	default:
		p.intended = presence
	}
}

// handles is a channel of an agent that has not ended, or nil.
func (s *State) handles(party int) *Channel {
	return s.first(func(c *Channel) bool { return c.Party == party && c.Phase != lifecycle.Ended })
}

// offline is what the assumption presence-on-dial says of an agent who begins to dial. It is not
// the story's doing, so what a story may do does not depend on it.
func (s *State) offline(party int) {
	if p := &s.parties[party]; s.rules.DialOffline && p.presence != presenceOf("ready-outbound") && s.handles(party) == nil {
		p.show(presenceOf("ready-offline"))
	}
}

// ending lets the presence of a party be what it should when a channel has ended as the last one.
func (s *State) ending(party int) {
	p := &s.parties[party]
	if p.intended == 0 && p.shown == 0 || s.handles(party) != nil {
		return
	}
	if p.intended > 0 {
		p.presence, p.intended = p.intended, 0
	}
	p.show(cmp.Or(p.presence, ready))
}

func (p *partyState) show(presence int) {
	if p.shown != presence {
		p.shown, p.fresh = presence, true
	}
}

func (s *State) forbidsPresence(op *Op) *Refusal {
	name, p := s.prog.Parties[op.Party].Name, s.parties[op.Party]
	switch {
	case p.intended == op.Presence:
		return problem("presence: %s intends to be %q already, when the work is over", name, presences[op.Presence-1].Description)
	case p.intended == 0 && p.presence == op.Presence:
		return problem("presence: %s has been %q since before; only a change raises an event", name, presences[op.Presence-1].Description)
	case p.intended == 0 && p.presence > 0 && presences[p.presence-1].Category == loggedOut && op.Presence != ready:
		return problem("presence: %s is logged out, and who logs in is in %q first", name, presences[ready-1].Description).
			hint(`write "presence: {agent: %s, to: ready}" before this`, name)
	}
	return nil
}

// Left is the presence that was told last of a party, from 1; 0: none was.
func (s *State) Left(party int) (presence int) { return s.parties[party].shown }

// Come lets an agent take part of whom other stories have told a presence, or none, 0. To work means
// that the agent is ready now if that was not so.
func (s *State) Come(party, presence int, toWork bool) {
	p := &s.parties[party]
	if p.shown = presence; presence > 0 && toWork {
		p.show(ready)
	}
}

// News is the presence to which a party has changed since the last call, from 1; 0: none.
func (s *State) News(party int) (presence int) {
	p := &s.parties[party]
	if !p.fresh {
		return 0
	}
	p.fresh = false
	return p.shown
}

// Presences lists the presences that a story may name.
func Presences() []Presence { return append([]Presence(nil), presences...) }

// presenceOf is the number of a presence by its word, from 1; 0 for none.
func presenceOf(word string) int { return slices.Index(PresenceNames(), word) + 1 }

// PresenceNames lists the words of the presences.
func PresenceNames() []string {
	return nearest.Names(presences[:], func(p Presence) string { return p.Word })
}
