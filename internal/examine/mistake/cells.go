package mistake

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Cell is how right one member of the states was, over all trials that told it.
type Cell struct {
	Member  string  // such as phase, seconds.held or talk
	Stories int     // trials in which it was compared
	Wrong   int     // of them
	Off     float64 // what was told too much in all, in the member's unit; 0 of texts
}

// Cells sums up every member that was compared, sorted by name. Trials that chance had a hand in are left out:
// what is right in them depends on what was stored.
func (s *Seen) Cells() (all []Cell) {
	right := s.nearest()
	found := map[string]*Cell{}
	for i, p := range s.all {
		if p.Asked.IsZero() || p.Loose() {
			continue
		}
		want := right.tell(i)
		compared, wrong := map[string]bool{}, map[string]bool{}
		for _, id := range p.Conversations() {
			membersOf(p.Told[id], want[id], compared)
			for _, d := range s.differences(p.Told[id], want[id], 0, 0) {
				compared[d.Member], wrong[d.Member] = true, true
				c := cellOf(found, d.Member)
				if d.Member != "agentId" { // which may be told as a number, and is none
					c.Off += number(d.Told) - number(d.Want)
				}
			}
		}
		for member := range compared {
			c := cellOf(found, member)
			if c.Stories++; wrong[member] {
				c.Wrong++
			}
		}
	}
	for _, member := range slices.Sorted(maps.Keys(found)) {
		all = append(all, *found[member])
	}
	return all
}

// nearest is the correct consumer that tells most of what was told.
func (s *Seen) nearest() (right *simulation) {
	least := -1
	for _, h := range habits {
		m := s.simulate(h)
		if wrong, _ := s.wrong(m); least < 0 || len(wrong) < least {
			right, least = m, len(wrong)
		}
	}
	return right
}

// cellOf is the cell of a member, which is made where it is missing.
func cellOf(found map[string]*Cell, member string) *Cell {
	if found[member] == nil {
		found[member] = &Cell{Member: member}
	}
	return found[member]
}

// membersOf notes which members of a state are compared. A phase is, if the channel was in it or the consumer says so.
func membersOf(told, want *trial.State, members map[string]bool) {
	if told == nil || want == nil {
		return
	}
	for f := range told.Figures {
		if _, compared := want.Figures[f]; compared {
			members[string(f)] = true
		}
	}
	for id, c := range told.Channels {
		w := want.Channels[id]
		if w == nil {
			continue
		}
		for name, is := range map[string]bool{"phase": c.Phase != nil, "interactionId": c.InteractionID != nil, "role": c.Role != nil,
			"agentId": c.AgentID != nil, "notifications": c.Notifications != nil} {
			if is {
				members[name] = true
			}
		}
		for _, k := range kinds {
			if c.Seconds != nil && k.phase != "" && k.phase != "ended" && (c.Seconds[k.phase] > 0 || w.Seconds[k.phase] > 0) {
				members["seconds."+k.phase] = true
			}
		}
	}
}

// number is a value that is one, and 0 for others.
func number(value any) float64 {
	switch n := value.(type) {
	case float64:
		return n
	case int:
		return float64(n)
	}
	return 0
}

// Stay is the time that a channel was in one phase.
type Stay struct {
	Phase    string
	From, To time.Time // To is zero while it lasts
}

// Stays is what happened to a channel, in the order in which it happened, by what a trial sends of it and a correct consumer believes.
func Stays(t *trial.Trial, channel string) (all []Stay) {
	var facts []fact
	for _, deliveries := range [][]trial.Delivery{t.Deliveries, t.Later} {
		for i := range deliveries {
			d := &deliveries[i]
			if f, ok := newFact(&d.Note, time.Time{}); ok && d.Want() == trial.Accept && strings.EqualFold(d.Channel, channel) {
				facts = append(facts, f)
			}
		}
	}
	for _, s := range correct().live(facts).stays {
		all = append(all, Stay{s.phase, s.from, s.to})
	}
	return all
}

// Ranks says which place each note has among those of its channel, from 0, in the order in which things happened. Notes about no
// channel, or whose type is not known, have place 0.
func Ranks(notes []*trial.Note) []int {
	places := make([]int, len(notes))
	of := map[string][]fact{}
	for i, n := range notes {
		if f, ok := newFact(n, time.Time{}); ok {
			f.nth = i
			id := strings.ToLower(n.Channel)
			of[id] = append(of[id], f)
		}
	}
	for _, facts := range of {
		for place, f := range correct().sorted(facts) {
			places[f.nth] = place
		}
	}
	return places
}
