package mistake

import (
	"slices"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// replacing are consumers that keep one channel of those that have something in common, recognised by what is missing: in which order
// one takes the place of the other, and what is left of it, is a matter of their tables.
var replacing = []struct {
	mistake Mistake
	common  func(*trial.Channel) any // nil: nothing
}{
	{Mistake{"one-channel-of-an-agent", rulebook.ChannelsApart, "keeps one channel of each agent in a conversation", nil}, func(c *trial.Channel) any { return c.AgentID }},
	{Mistake{"one-channel-of-a-role", rulebook.ChannelsApart, "keeps one channel of each role in a conversation", nil}, func(c *trial.Channel) any {
		if c.Role == nil {
			return nil
		}
		return *c.Role
	}},
	{Mistake{"one-channel", rulebook.ChannelsApart, "keeps one channel of a conversation", nil}, func(*trial.Channel) any { return true }},
}

// replaced finds the consumer that keeps one of several channels, if nearly all that is missing in some trials are such channels, and
// hardly ever two of them are known elsewhere.
func (s *Seen) replaced(now *simulation, trials []int) *Mistake {
	for i := range replacing {
		missing, explained, kept := 0, 0, 0
		for k, p := range s.all {
			if p.Asked.IsZero() {
				continue
			}
			right := now.tell(k)
			for _, id := range p.Conversations() {
				m, e, both := shared(right[id], p.Told[id], replacing[i].common)
				if slices.Contains(trials, k) {
					missing, explained = missing+m, explained+e
				}
				kept += both
			}
		}
		if explained > 0 && 10*explained >= 9*missing && 10*kept <= explained {
			return &replacing[i].mistake
		}
	}
	return nil
}

// shared counts the channels of a conversation of which something is missing, those of them that have something in common with another one,
// and the pairs that have it and of which nothing is missing.
func shared(right, told *trial.State, common func(*trial.Channel) any) (missing, explained, both int) {
	if right == nil {
		return 0, 0, 0
	}
	lacks := func(id string, c *trial.Channel) bool {
		if told == nil || told.Channels[id] == nil {
			return true
		}
		n := told.Channels[id].Notifications
		return n != nil && c.Notifications != nil && *n < min(*c.Notifications, c.Merged)
	}
	whole := map[any]int{}
	for id, c := range right.Channels {
		key := common(c)
		if !lacks(id, c) {
			if key != nil {
				whole[key]++
			}
			continue
		}
		missing++
		for other, o := range right.Channels {
			if other != id && key != nil && common(o) == key {
				explained++
				break
			}
		}
	}
	for _, n := range whole {
		both += n * (n - 1) / 2
	}
	return missing, explained, both
}
