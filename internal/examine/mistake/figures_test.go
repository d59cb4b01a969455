package mistake

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenarios"
)

// fromTruth works the figures of a conversation out in another way than the simulated consumer: it goes
// through the times between all changes and looks who is connected in each.
func fromTruth(channels []plan.ChannelTruth) map[trial.Figure]float64 {
	out := map[trial.Figure]float64{}
	var changes []time.Time
	agents := map[string]bool{}
	came, gone := 0, 0
	for i := range channels {
		c := &channels[i]
		connected := false
		for _, s := range c.Stays {
			changes = append(changes, s.From, s.To)
			connected = connected || s.Phase == lifecycle.Connected
		}
		switch c.Role.String() {
		case "agent":
			out[trial.Talk] += c.Duration(lifecycle.Connected).Seconds()
			out[trial.Wrap] += c.Duration(lifecycle.Wrap).Seconds()
			if connected {
				agents[c.AgentID] = true
			}
		case "external":
			out[trial.Hold] += c.Duration(lifecycle.Held).Seconds()
			if connected {
				came++
			}
			if c.Phase != lifecycle.Ended {
				gone--
			}
		}
	}
	out[trial.Agents] = float64(len(agents))
	slices.SortFunc(changes, time.Time.Compare)
	changes = slices.DeleteFunc(slices.CompactFunc(changes, time.Time.Equal), time.Time.IsZero)
	answered, recorded := time.Time{}, false
	for i := 1; i < len(changes); i++ {
		there := map[string]int{}
		for j := range channels {
			for _, s := range channels[j].Stays {
				if s.Phase == lifecycle.Connected && !s.From.After(changes[i-1]) && !s.To.Before(changes[i]) {
					there[channels[j].Role.String()]++
				}
			}
		}
		if answered.IsZero() && (there["agent"] > 1 || there["agent"] > 0 && there["external"] > 0) {
			answered = changes[i-1]
		}
		recorded = recorded || there["voicemail"] > 0 && there["external"] > 0
	}
	if !answered.IsZero() {
		out[trial.Answered], out[trial.SecondsToAnswer] = 1, answered.Sub(changes[0]).Seconds()
	} else if came > 0 && gone == 0 && !recorded {
		out[trial.Abandoned] = 1
	}
	out[trial.Transfers] = handedOver(channels)
	return out
}

// handedOver counts, in the order in which agents were connected, those who left later than anybody before.
func handedOver(channels []plan.ChannelTruth) (n float64) {
	type part struct {
		interaction string
		from, to    time.Time
	}
	var parts []part
	for i := range channels {
		c := &channels[i]
		at := slices.IndexFunc(c.Stays, func(s plan.Stay) bool { return s.Phase == lifecycle.Connected })
		if c.Role.String() != "agent" || at < 0 {
			continue
		}
		last := c.Stays[len(c.Stays)-1]
		if last.Phase == lifecycle.Wrap {
			last = c.Stays[len(c.Stays)-2]
		}
		parts = append(parts, part{c.InteractionID, c.Stays[at].From, last.To})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(a.interaction, b.interaction), a.from.Compare(b.from)) })
	latest := time.Time{}
	for i, p := range parts {
		if i == 0 || parts[i-1].interaction != p.interaction {
			latest = p.to
			continue
		}
		if p.to.After(latest) {
			n, latest = n+1, p.to
		}
	}
	return n
}

// sameFigures compares figures; one that is not there is 0.
func sameFigures(a, b map[trial.Figure]float64) bool {
	for f := range maps.Keys(a) {
		if math.Abs(a[f]-b[f]) > 1e-6 {
			return false
		}
	}
	for f := range maps.Keys(b) {
		if math.Abs(a[f]-b[f]) > 1e-6 {
			return false
		}
	}
	return true
}

// partsOf are the channels of a conversation.
func partsOf(channels []plan.ChannelTruth) (all []participant) {
	for i := range channels {
		c := &channels[i]
		p := participant{role: c.Role.String(), agentID: c.AgentID, interaction: c.InteractionID,
			life: life{phase: c.Phase.String(), seconds: map[string]float64{}}}
		for _, s := range c.Stays {
			p.stays = append(p.stays, stay{s.Phase.String(), s.From, s.To})
			p.seconds[s.Phase.String()] = c.Duration(s.Phase).Seconds()
		}
		all = append(all, p)
	}
	return all
}

// conversations calls f for the channels of each conversation of a scenario.
func conversations(p *plan.Plan, f func(id string, channels []plan.ChannelTruth)) {
	for i := range p.Conversations() {
		truth := p.Truth(i)
		for _, id := range truth.Conversations {
			f(id, slices.DeleteFunc(slices.Clone(truth.Channels), func(c plan.ChannelTruth) bool { return c.ConversationID != id }))
		}
	}
}

func TestTheFiguresOfAllScenariosFollowFromTheTruth(t *testing.T) {
	sampling.Long(t)
	n, left := 0, 0
	for _, entry := range scenarios.List() {
		if entry.Workload {
			continue
		}
		for seed := range uint64(5) {
			p, all := planned(t, entry.Name, seed)
			if len(all) == 2000 {
				continue
			}
			rand.New(rand.NewPCG(seed, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			told := NewSeen([]*trial.Played{accepted(all)}).simulate().tell(0)
			conversations(p, func(id string, channels []plan.ChannelTruth) {
				want := fromTruth(channels)
				if got := figures(partsOf(channels)); !sameFigures(got, want) {
					t.Errorf("%s, seed %d: %v, want %v", entry.Name, seed, got, want)
				}
				for f, got := range told[id].Figures {
					if math.Abs(got-want[f]) > 1e-6 {
						t.Errorf("%s, seed %d: %s is %g, want %g", entry.Name, seed, f, got, want[f])
					}
				}
				if _, is := told[id].Figures[trial.Answered]; !is {
					left++
				}
				n++
			})
		}
	}
	if t.Logf("%d conversations; whether %d of them are answered is not told", n, left); left > n/3 {
		t.Error("these are too many")
	}
}

// What people would say of some of the conversations, worked out by hand.
func TestTheFiguresOfSomeScenarios(t *testing.T) {
	const none = -1
	tests := []struct {
		scenario                                        string
		conversation                                    int
		answered, abandoned, toAnswer, talk, hold, wrap float64
		agents, transfers                               float64
	}{
		{"inbound-call", 0, 1, 0, 18, 90, 0, 20, 1, 0},
		{"consult", 0, 1, 0, 14, 131 + 35, 41, 25, 2, 0},
		{"transfer", 0, 1, 0, 12, 61 + 110, 26, 40, 2, 1},
		{"transfer-at-once", 0, 1, 0, 10, 25 + 60, 0, 25, 2, 1},
		{"conference", 0, 1, 0, 10, 107 + 95, 7, 35, 2, 1},
		{"transfer-outside", 0, 1, 0, 8, 58, 28, 20, 1, 0},
		{"hangup-while-on-hold", 0, 1, 0, 9, 95, 55, 15, 1, 0},
		{"abandoned-in-queue", 0, 0, 1, none, 0, 0, 0, 0, 0},
		{"abandoned-while-ringing", 0, 0, 1, none, 0, 0, 0, 0, 0},
		{"voicemail", 0, 0, 0, none, 0, 0, 0, 0, 0},
		{"missed-then-voicemail", 0, 0, 0, none, 0, 0, 0, 0, 0},
		{"outbound-call", 0, 1, 0, 13, 139, 0, 25, 1, 0},
		{"outbound-no-answer", 0, 0, 0, none, 30, 0, 10, 1, 0},
		{"queued-callback", 0, 1, 0, 188, 98, 0, 20, 1, 0},
		{"callback-in-same-conversation", 0, 1, 0, 155, 110, 0, 20, 1, 0},
		{"callback-in-vain", 1, 0, 1, none, 25, 0, 15, 1, 0},
		{"chat-becomes-call", 0, 1, 0, 8, 120 + 98, 0, 23, 1, 0},
		{"email-becomes-case", 0, 1, 0, 35, 60 + 120, 0, 15, 2, 0},
		{"joined-as-agent", 0, 1, 0, 8, 107 + 60, 0, 15, 2, 0},
	}
	for _, test := range tests {
		p, _ := planned(t, test.scenario, 7)
		truth := p.Truth(0)
		var got map[trial.Figure]float64
		conversations(p, func(id string, channels []plan.ChannelTruth) {
			if id == truth.Conversations[test.conversation] {
				got = figures(partsOf(channels))
			}
		})
		want := map[trial.Figure]float64{trial.Answered: test.answered, trial.Abandoned: test.abandoned, trial.Talk: test.talk, trial.Hold: test.hold,
			trial.Wrap: test.wrap, trial.Agents: test.agents, trial.Transfers: test.transfers}
		if test.toAnswer != none {
			want[trial.SecondsToAnswer] = test.toAnswer
		}
		if !sameFigures(got, want) {
			t.Errorf("%s: %v, want %v", test.scenario, got, want)
		}
		if _, told := got[trial.SecondsToAnswer]; told != (test.toAnswer != none) {
			t.Errorf("%s: the time to answer is told: %t", test.scenario, told)
		}
	}
}

func TestAPhaseThatIsNotToldIsNotCompared(t *testing.T) {
	p, all := planned(t, "consult", 7)
	told := NewSeen([]*trial.Played{accepted(all)}).simulate().tell(0)[p.Truth(0).Conversations[0]]
	for _, test := range []struct {
		held float64
		want int
	}{{math.NaN(), 0}, {0, 1}, {41, 0}} {
		other := *told
		other.Channels = maps.Clone(told.Channels)
		for id, c := range told.Channels {
			if c.Seconds["held"] > 0 {
				changed := *c
				changed.Seconds = maps.Clone(c.Seconds)
				changed.Seconds["held"] = test.held
				other.Channels[id] = &changed
			}
		}
		if d := differences(&other, told, 0, 0); len(d) != test.want {
			t.Errorf("held for %g s: %v, want %d differences", test.held, d, test.want)
		}
	}
}

// Each reason for which people count a figure in several ways counts by itself.
func TestFiguresThatMayBeCountedInSeveralWaysAreLeftOut(t *testing.T) {
	held := map[string]float64{"held": 31.5, "connected": 10}
	for _, tt := range []struct {
		name  string
		party participant
		left  []trial.Figure // what is compared of talk, hold and wrap
	}{
		{"an agent who was on hold wraps up", participant{"agent", "1001", "i", life{phase: "wrap", seconds: held}}, []trial.Figure{trial.Talk}},
		{"an agent who was on hold talks", participant{"agent", "1001", "i", life{phase: "connected", seconds: held}}, []trial.Figure{trial.Wrap}},
		{"an agent who was on hold is gone", participant{"agent", "1001", "i", life{phase: "ended", seconds: held}}, []trial.Figure{trial.Talk, trial.Wrap}},
		{"a customer is on hold", participant{"external", nil, "i", life{phase: "held", seconds: held}}, []trial.Figure{trial.Talk, trial.Wrap}},
		{"a customer was on hold", participant{"external", nil, "i", life{phase: "ended", seconds: held}}, []trial.Figure{trial.Talk, trial.Hold, trial.Wrap}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			told := agreed([]participant{tt.party})
			for _, f := range []trial.Figure{trial.Talk, trial.Hold, trial.Wrap} {
				if _, is := told[f]; is != slices.Contains(tt.left, f) {
					t.Errorf("%s is compared: %v", f, is)
				}
			}
		})
	}
}
