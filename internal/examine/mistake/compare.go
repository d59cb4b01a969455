package mistake

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Difference is where a state told is not what it should be.
type Difference struct {
	Channel string // identifier, in lower case; "" for the whole conversation
	Member  string // of the state, such as seconds.held
	Told    any
	Want    any
}

// String says it in words.
func (d Difference) String() string {
	return fmt.Sprintf("%s is %v, want %v", d.Member, d.Told, d.Want)
}

// allowance is how far a time told may be from the truth: each stay may have lost what its two
// timestamps have beyond milliseconds.
const allowance = 0.0011

// differences compares what was told with what a consumer would tell. Members that are not told are not
// compared, and what they are is returned.
func differences(told, want *trial.State) (all []Difference, compared trial.Aspect) {
	if want == nil || len(want.Channels) == 0 {
		if told != nil && len(told.Channels) > 0 {
			all = append(all, Difference{Member: "channels", Told: len(told.Channels), Want: 0})
		}
		return all, 0
	}
	if told == nil {
		return []Difference{{Member: "conversation", Told: "not known", Want: "known"}}, 0
	}
	for _, id := range slices.Sorted(maps.Keys(want.Channels)) {
		switch got := told.Channels[id]; {
		case got != nil:
			more, aspects := ofChannel(id, got, want.Channels[id])
			all, compared = append(all, more...), compared|aspects
		case told.Channels != nil:
			all = append(all, Difference{Channel: id, Member: "channel", Told: "not known", Want: "known"})
		}
	}
	for f, got := range told.Figures {
		compared |= trial.Figures
		if w := want.Figures[f]; math.Abs(got-w) > 4*allowance {
			all = append(all, Difference{Member: string(f), Told: got, Want: w})
		}
	}
	return all, compared
}

// ofChannel compares what was told of a channel.
func ofChannel(id string, got, want *trial.Channel) (all []Difference, compared trial.Aspect) {
	differ := func(member string, told, right any) {
		all = append(all, Difference{id, member, told, right})
	}
	text := func(a trial.Aspect, member string, told, right *string) {
		if told == nil {
			return
		}
		if compared |= a; *told != *right {
			differ(member, *told, *right)
		}
	}
	text(trial.Phase, "phase", got.Phase, want.Phase)
	text(trial.InteractionID, "interactionId", got.InteractionID, want.InteractionID)
	text(trial.Role, "role", got.Role, want.Role)
	if got.AgentID != nil {
		if compared |= trial.AgentID; got.AgentID != want.AgentID {
			differ("agentId", got.AgentID, want.AgentID)
		}
	}
	if got.Notifications != nil {
		if compared |= trial.Notifications; *got.Notifications != *want.Notifications {
			differ("notifications", *got.Notifications, *want.Notifications)
		}
	}
	if got.Seconds == nil {
		return all, compared
	}
	compared |= trial.Seconds
	for i := range kinds {
		phase := kinds[i].phase
		if phase == "" || phase == "ended" || slices.ContainsFunc(kinds[:i], func(k kind) bool { return k.phase == phase }) {
			continue
		}
		if t, w := got.Seconds[phase], want.Seconds[phase]; math.Abs(t-w) > allowance*float64(max(1, want.Stays[phase])) {
			differ("seconds."+phase, t, w)
		}
	}
	return all, compared
}
