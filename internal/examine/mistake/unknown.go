package mistake

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// rest is what explains trials that no simulated consumer does: notifications are lost, or nothing that is known. Of
// trials with chance, those with crashes and those with bursts have causes of their own.
func (s *Seen) rest(now *simulation, exact, chance []int) (causes []Cause) {
	var lost []int
	for _, i := range exact {
		if s.lacks(now, i) {
			lost = append(lost, i)
		}
	}
	if s.counted(now, lost, fewest) {
		lost = nil
	}
	if len(lost) > 0 && len(lost) >= len(exact)/2 { // else that something is missing is by the way
		for _, i := range chance {
			if s.lacks(now, i) {
				lost = append(lost, i)
			}
		}
		why := &losesSome
		switch m := s.replaced(now, lost); {
		case s.mixed(now, lost):
			why = &mixesConversations
		case m != nil:
			why = m
		case s.fills(now, lost):
			why = &takenForOld
		}
		causes = append(causes, Cause{Rule: why.Rule, Mistakes: []*Mistake{why}, Trials: lost})
	}
	var crashes, bursts []int
	for _, i := range chance {
		if !slices.ContainsFunc(s.all[i].Deliveries, func(d trial.Delivery) bool { return d.Crash.When != trial.Never }) {
			bursts = append(bursts, i)
		} else {
			crashes = append(crashes, i)
		}
	}
	for _, trials := range [][]int{exact, bursts, crashes} {
		if trials = slices.DeleteFunc(slices.Clone(trials), func(i int) bool { return slices.Contains(lost, i) }); len(trials) > 0 {
			causes = append(causes, s.unknown(now, trials))
		}
	}
	return causes
}

// counted reports whether nothing but the number of notifications is wrong in some trials, and these are enough, that tell more: something is
// counted wrongly, and lost would be more than that.
func (s *Seen) counted(now *simulation, trials []int, enough int) bool {
	told := trial.Aspect(0)
	for _, i := range trials {
		if now.off(i)&^(figured|membersNamed("notifications")) != 0 {
			return false
		}
		for _, state := range s.all[i].Told {
			if state != nil {
				told |= state.Aspects()
			}
		}
	}
	return len(trials) >= enough && told&(trial.Phase|trial.Seconds) != 0
}

// alone makes of the cause that some notifications are lost, and of those beside it where nothing is wrong but what is missing, one, if it
// explains more than they do: what is lost by chance looks in some trials like what a mistake drops.
func (s *Seen) alone(right *simulation, causes []Cause) []Cause {
	at := slices.IndexFunc(causes, func(c Cause) bool {
		return len(c.Mistakes) == 1 && (c.Mistakes[0].ID == losesSome.ID || c.Mistakes[0].ID == takenForOld.ID)
	})
	if at < 0 || len(causes) == 1 {
		return causes
	}
	main := causes[at]
	var others []Cause
	for k, c := range causes {
		switch {
		case k == at:
		case slices.ContainsFunc(c.Trials, func(i int) bool { return !s.lacks(right, i) }):
			others = append(others, c)
		default:
			main.Trials = slices.Concat(main.Trials, c.Trials)
		}
	}
	if 2*len(causes[at].Trials) < len(main.Trials) {
		return causes
	}
	slices.Sort(main.Trials)
	return append([]Cause{main}, others...)
}

// mixed reports whether in a quarter of some trials a conversation is told to have a channel of another one.
func (s *Seen) mixed(now *simulation, trials []int) bool {
	n := 0
	for _, i := range trials {
		right := now.tell(i)
		if slices.ContainsFunc(s.all[i].Conversations(), func(id string) bool { return hasOthers(s.all[i].Told[id], right, id) }) {
			n++
		}
	}
	return 4*n >= len(trials)
}

// hasOthers reports whether a conversation that is told has a channel that only others should have.
func hasOthers(told *trial.State, right map[string]*trial.State, id string) bool {
	if told == nil || right[id] == nil {
		return false
	}
	for channel := range told.Channels {
		if right[id].Channels[channel] != nil {
			continue
		}
		for _, other := range right {
			if other.Channels[channel] != nil {
				return true
			}
		}
	}
	return false
}

// parts is into how many parts what was asked about is cut, to see whether ever more is missing.
const parts = 6

// fills reports whether the share of what is missing grows from next to nothing to nearly all, and does not leap there.
func (s *Seen) fills(now *simulation, lost []int) bool {
	var asked []int
	for i, p := range s.all {
		if !p.Asked.IsZero() && !p.Loose() {
			asked = append(asked, i)
		}
	}
	if len(asked) < 5*parts {
		return false
	}
	slices.SortStableFunc(asked, func(a, b int) int { return s.all[a].Asked.Compare(s.all[b].Asked) })
	before, first, between := 0.0, 0.0, false
	for n := range parts {
		share, want := 0.0, 0.0
		for _, i := range asked[n*len(asked)/parts : (n+1)*len(asked)/parts] {
			want++
			if slices.Contains(lost, i) {
				share += s.missing(now, i)
			}
		}
		share /= want
		if n == 0 {
			first = share
		}
		if share < before-0.25 { // chance has its part
			return false
		}
		before, between = share, between || share > 0.1 && share < 0.9
	}
	return first < 0.4 && before > 0.5 && between
}

// missing is the share of a trial's notifications that the consumer does not tell.
func (s *Seen) missing(now *simulation, i int) float64 {
	told, all, lacks := now.tell(i), 0, 0
	for _, id := range s.all[i].Conversations() {
		if told[id] == nil {
			continue
		}
		for channel, c := range told[id].Channels {
			all += *c.Notifications
			got := s.all[i].Told[id]
			switch {
			case got == nil || got.Channels[channel] == nil:
				lacks += *c.Notifications
			case got.Channels[channel].Notifications != nil:
				lacks += max(0, *c.Notifications-*got.Channels[channel].Notifications)
			}
		}
	}
	return float64(lacks) / float64(max(1, all))
}

// lacks reports whether what is told of a trial is what a consumer knows that has not got everything: fewer notifications
// where anything is wrong, or nothing at all of a channel or conversation.
func (s *Seen) lacks(now *simulation, i int) bool {
	told, fewer := now.tell(i), map[string]bool{}
	var others []string
	for _, id := range s.all[i].Conversations() {
		for _, d := range s.differences(s.all[i].Told[id], told[id], now.slack, 0) {
			got, counted := d.Told.(int)
			want, _ := d.Want.(int)
			if counted && got < want || d.Told == "not known" {
				fewer[d.Channel] = true
			} else if d.Channel != "" {
				others = append(others, d.Channel)
			}
		}
	}
	return len(fewer) > 0 && !slices.ContainsFunc(others, func(channel string) bool { return !fewer[channel] })
}

// unknown is the cause of trials that no known mistake explains. It has the rule that is broken most surely: that
// of whose trials the greatest share is wrong, of those that break in the members that are wrong.
func (s *Seen) unknown(now *simulation, trials []int) Cause {
	wrong, all := map[rulebook.ID]int{}, map[rulebook.ID]int{}
	for i, p := range s.all {
		if len(p.Rules) == 0 || p.Asked.IsZero() {
			continue
		}
		if all[p.Rules[0]]++; slices.Contains(trials, i) {
			wrong[p.Rules[0]]++
		}
	}
	c := Cause{Trials: trials}
	var off members
	for _, i := range trials {
		off |= now.off(i)
	}
	presence := !slices.ContainsFunc(trials, func(i int) bool { return !s.tellsPresence(i) })
	for _, any := range []bool{false, true} { // where no rule is about these members, it is any
		share := 0.0
		for _, r := range rulebook.Rules() {
			if c.Rule != "" && share == 0 || !any && (len(needs[r.ID]) == 0 || !off.show(r.ID)) || r.ID == rulebook.PresenceApart && !presence {
				continue
			}
			n := float64(wrong[r.ID]) / float64(max(1, all[r.ID]))
			if r.Level != rulebook.Correct && r.ID != rulebook.RefuseWithoutStoring {
				n /= 1000 // those show in the answers, or where things meet, and are named by a wrong state only if nothing else is there
			}
			if n > share || n > 0 && n == share && wrong[r.ID] > wrong[c.Rule] {
				c.Rule, share = r.ID, n
			}
		}
	}
	if typical := off.typical(); typical != "" && (10*wrong[typical] >= 9*max(1, all[typical]) || off&^figured == membersNamed("notifications") || len(needs[c.Rule]) == 0) {
		c.Rule = typical // it is wrong nearly everywhere, or nothing but a number is, or the rule is about answers
	}
	c.Members = s.widely(now, trials)
	// Who lets presence move a channel, or loses something in a burst or crash, does so in many ways, and in no other trials.
	c.Guessed = c.Rule != rulebook.PresenceApart && !slices.ContainsFunc(trials, func(i int) bool { return s.all[i].Loose() })
	return c
}

// fewStories is how often a member must be wrong that few stories have.
const fewStories = 3

// widely lists the members that are wrong in trials not only here and there: in a tenth of them, or in nine of ten that have the member.
func (s *Seen) widely(now *simulation, trials []int) (all []string) {
	have := map[string]int{}
	for _, i := range trials {
		want, members := now.tell(i), map[string]bool{}
		for id, told := range s.all[i].Told {
			membersOf(told, want[id], members)
		}
		for name := range members {
			have[name]++
		}
	}
	for b, name := range memberNames {
		n := 0
		for _, i := range trials {
			n += int(now.off(i) >> b & 1)
		}
		if 10*n >= len(trials) || n >= fewStories && have[name] > 0 && 10*n >= 9*have[name] {
			all = append(all, name)
		}
	}
	return all
}

// tellsPresence reports whether some agent's presence is told in a trial.
func (s *Seen) tellsPresence(i int) bool {
	return slices.ContainsFunc(s.all[i].Deliveries, func(d trial.Delivery) bool { return strings.HasPrefix(d.Type, "agent.") })
}
