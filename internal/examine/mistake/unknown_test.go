package mistake

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ringback/ringback/internal/rulebook"
)

// What is missing more and more was taken for duplicates; what is missing all the time was not kept.
func TestHowMuchIsMissingSaysWhy(t *testing.T) {
	long(t)
	for rule, share := range map[rulebook.ID]func(n float64) float64{
		rulebook.NewIDIsNew:        func(n float64) float64 { return n * n },
		rulebook.StoreBeforeAnswer: func(float64) float64 { return 0.5 },
	} {
		all := answered(stateful(t, 1))
		s := told(all)
		random := rand.New(rand.NewPCG(1, 1))
		for i, p := range all {
			for id, state := range p.Told {
				if state != nil && random.Float64() < share(float64(i)/float64(len(all))) {
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
		if most.Rule != rule {
			t.Errorf("want %s: %.300s", rule, text(all, causes))
		}
	}
}

// A channel that another conversation is told to have says more than that it is missing in its own.
func TestChannelsOfOtherConversationsAreSeen(t *testing.T) {
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
