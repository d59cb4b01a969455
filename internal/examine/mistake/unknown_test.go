package mistake

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// What is missing more and more was taken for duplicates; what is missing all the time was not kept.
func TestHowMuchIsMissingSaysWhy(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	type missing struct {
		rule  rulebook.ID
		share func(n float64) float64
	}
	for _, c := range sampling.Some([]missing{
		{rulebook.NewIDIsNew, func(n float64) float64 { return n * n }},
		{rulebook.StoreBeforeAnswer, func(float64) float64 { return 0.5 }},
	}, 2, sampling.Mistakes) {
		all := answered(stateful(t, 1))
		s := told(all)
		random := rand.New(rand.NewPCG(1, 1))
		for i, p := range all {
			for id, state := range p.Told {
				if state != nil && random.Float64() < c.share(float64(i)/float64(len(all))) {
					delete(p.Told, id)
				}
			}
		}
		causes, most := s.Explain(), Cause{}
		for _, c := range causes { // crashes have their own
			if len(c.Trials) > len(most.Trials) {
				most = c
			}
		}
		if most.Rule != c.rule {
			t.Errorf("want %s: %.300s", c.rule, text(all, causes))
		}
	}
}

// A channel that another conversation is told to have says more than that it is missing in its own.
func TestChannelsOfOtherConversationsAreSeen(t *testing.T) {
	sampling.Long(t)
	all := answered(stateful(t, 1))
	s := told(all)
	for _, p := range all {
		ids := p.Conversations()
		if len(ids) < 2 || p.Told[ids[0]] == nil || p.Told[ids[1]] == nil {
			continue
		}
		for channel, c := range p.Told[ids[0]].Channels {
			p.Told[ids[1]].Channels[channel] = c
		}
		clear(p.Told[ids[0]].Channels)
	}
	causes := s.Explain()
	if len(causes) == 0 || causes[0].Rule != rulebook.ConversationsApart {
		t.Errorf("want %s: %.300s", rulebook.ConversationsApart, text(all, causes))
	}
}

// Who keeps one channel of each role lacks others wherever there are two, and nothing elsewhere.
func TestChannelsThatReplaceOthersAreSeen(t *testing.T) {
	sampling.Long(t)
	all := answered(stateful(t, 1))
	s := told(all)
	for _, p := range all {
		for _, state := range p.Told {
			if state == nil {
				continue
			}
			kept := map[string]bool{}
			for _, id := range slices.Sorted(maps.Keys(state.Channels)) {
				if role := *state.Channels[id].Role; kept[role] {
					delete(state.Channels, id)
				} else {
					kept[role] = true
				}
			}
		}
	}
	causes := s.Explain()
	if len(causes) == 0 || causes[0].Rule != rulebook.ChannelsApart || len(causes[0].Mistakes) == 0 || causes[0].Mistakes[0].ID != "one-channel-of-a-role" {
		t.Errorf("want one channel of a role: %.300s", text(all, causes))
	}
}

// retold changes each channel that a correct consumer tells of trials, and leaves the figures out.
func retold(all []*trial.Played, change func(p *trial.Played, c *trial.Channel)) *Seen {
	s := told(all)
	for _, p := range all {
		for _, state := range p.Told {
			if state == nil {
				continue
			}
			state.Figures = nil
			for _, c := range state.Channels {
				c.Seconds = maps.Clone(c.Seconds)
				change(p, c)
			}
		}
	}
	return s
}

// timesAs changes all times of a channel.
func timesAs(as func(seconds float64) float64) func(*trial.Played, *trial.Channel) {
	return func(_ *trial.Played, c *trial.Channel) {
		for phase, seconds := range c.Seconds {
			c.Seconds[phase] = as(seconds)
		}
	}
}

// What no known mistake explains breaks the rule about times, if nothing but times is wrong, and that where the rule is tested. Presence is known
// to be the reason only if it is told in each trial.
func TestWhatRuleUnknownMistakesBreak(t *testing.T) {
	all := answered(slices.DeleteFunc(examined(t, 1, dimension.Stories, dimension.Identity), func(made *trial.Trial) bool {
		return !strings.HasPrefix(made.ID, "identity/presence-in-mid-call/") && !slices.Contains([]string{"stories/call-with-hold", "stories/two-holds", "stories/long-hold"}, made.ID)
	}))
	double := timesAs(func(s float64) float64 { return 2 * s })
	held := func(_ *trial.Played, c *trial.Channel) { c.Seconds["held"] = -1 }
	parked := func(_ *trial.Played, c *trial.Channel) { c.Phase = new("parked") }
	of := func(prefixes string, change func(*trial.Played, *trial.Channel)) func(*trial.Played, *trial.Channel) {
		return func(p *trial.Played, c *trial.Channel) {
			if slices.ContainsFunc(strings.Fields(prefixes), func(prefix string) bool { return strings.HasPrefix(p.ID, prefix) }) {
				change(p, c)
			}
		}
	}
	for _, c := range []struct {
		name    string
		change  func(*trial.Played, *trial.Channel)
		rule    rulebook.ID
		guessed bool
	}{
		{"all times twice as long", double, rulebook.DurationsFromTimestamps, true},
		{"all times a second too long", timesAs(func(s float64) float64 { return s + 1 }), rulebook.DurationsFromTimestamps, true},
		{"each hold -1 s", held, rulebook.DurationsFromTimestamps, true},
		{"all times and phases", func(p *trial.Played, c *trial.Channel) { double(p, c); parked(p, c) }, rulebook.DurationsFromTimestamps, true},
		{"odd numbers of notifications, one more", func(_ *trial.Played, c *trial.Channel) { c.Notifications = new(*c.Notifications + *c.Notifications%2) }, rulebook.CountOnce, true},
		{"times where presence is told, and nowhere else", of("identity/", double), rulebook.PresenceApart, false},
		{"phases where presence is told, and nowhere else", of("identity/", parked), rulebook.PresenceApart, false},
		{"phases where presence is told, and elsewhere", of("identity/ stories/call-with-hold", parked), rulebook.PhasesApart, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := retold(all, c.change)
			now := s.simulate()
			wrong, _ := s.wrong(now)
			if cause := s.unknown(now, wrong); len(wrong) == 0 || cause.Rule != c.rule || cause.Guessed != c.guessed {
				t.Errorf("%s, guessed %t: %v; want %s, %t", cause.Rule, cause.Guessed, wrong, c.rule, c.guessed)
			}
		})
	}
}
