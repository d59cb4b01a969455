package mistake

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Difference is where a state told is not what it should be.
type Difference struct {
	Conversation string
	Channel      string // identifier, in lower case; "" for the whole conversation
	Member       string // of the state, such as seconds.held
	Told         any
	Want         any
}

// String says it in words.
func (d Difference) String() string {
	return fmt.Sprintf("%s is %v, want %v", d.Member, d.Told, d.Want)
}

// allowance is how far a time told may be from the truth: each stay may have lost what its two
// timestamps have beyond milliseconds.
const allowance = 0.0011

// comparison compares states until enough differences are found.
type comparison struct {
	roles []string // whose agentId is told
	slack float64  // how far times may differ beside
	most  int      // enough; 0: all
	brief bool     // only which members differ is wanted
	off   members
	found []Difference
}

// differences compares what was told with what a consumer would tell. Members that are not told are not
// compared.
func differences(told, want *trial.State, slack float64, most int) []Difference {
	c := &comparison{slack: slack, most: most}
	c.conversation(told, want)
	return c.found
}

// differences knows beside whose agentId is told: where it is missing then, it is wrong.
func (s *Seen) differences(told, want *trial.State, slack float64, most int) []Difference {
	c := &comparison{roles: s.roles, slack: slack, most: most}
	c.conversation(told, want)
	return c.found
}

// identified are the roles of which some channel was told with an agentId.
func (s *Seen) identified() (roles []string) {
	for _, p := range s.all {
		for j := range p.Answers {
			d := p.Delivery(j)
			if slices.Contains(roles, d.Role) || p.Told[d.Conversation] == nil {
				continue
			}
			if c := p.Told[d.Conversation].Channels[strings.ToLower(d.Channel)]; c != nil && c.AgentID != nil && c.AgentID != "" {
				roles = append(roles, d.Role)
			}
		}
	}
	return roles
}

// conversation compares what was told of one.
func (c *comparison) conversation(told, want *trial.State) {
	switch {
	case want == nil || len(want.Channels) == 0:
		if told != nil && len(told.Channels) > 0 {
			c.differ("", "channels", len(told.Channels), 0)
		}
		if told != nil {
			c.figures(told.Figures, &trial.State{})
		}
		return
	case told == nil:
		for _, channel := range want.Channels {
			if *channel.Phase != "" { // else nothing but disconnected is known
				c.differ("", "conversation", "not known", "known")
				return
			}
		}
		return
	case told.Channels != nil:
		c.channels(told, want)
	}
	c.figures(told.Figures, want)
}

// added are the phases that figures add up.
var added = map[trial.Figure]string{trial.Talk: "connected", trial.Hold: "held", trial.Wrap: "wrap"}

// figures compares those of a conversation. All are 0 of one that is not known.
func (c *comparison) figures(told map[trial.Figure]float64, want *trial.State) {
	for f, got := range told {
		w, compared := want.Figures[f]
		if !compared && want.Figures != nil {
			continue
		}
		stays := 4
		for _, channel := range want.Channels {
			stays += channel.Stays[added[f]]
		}
		if math.Abs(got-w) > float64(stays)*allowance+c.slack {
			c.differ("", string(f), got, w)
		}
	}
}

func (c *comparison) enough() bool { return c.most > 0 && len(c.found) >= c.most }

func (c *comparison) differ(channel, member string, told, want any) {
	if c.brief {
		c.off |= membersNamed(member)
		return
	}
	c.found = append(c.found, Difference{Channel: channel, Member: member, Told: told, Want: want})
}

func (c *comparison) channels(told, want *trial.State) {
	for id := range told.Channels {
		if want.Channels[id] == nil {
			c.differ(id, "channel", "known", "not known")
		}
	}
	if c.most == 1 || c.brief { // their order does not matter
		for id, w := range want.Channels {
			if c.channel(id, told.Channels[id], w); c.enough() {
				return
			}
		}
		return
	}
	slices.SortFunc(c.found, func(a, b Difference) int { return strings.Compare(a.Channel, b.Channel) })
	for _, id := range slices.Sorted(maps.Keys(want.Channels)) {
		c.channel(id, told.Channels[id], want.Channels[id])
	}
}

// agentID compares who has a channel: nobody is nothing or no text. Who tells it of others of the same role knows it of those that have ended.
func (c *comparison) agentID(id string, got, want *trial.Channel) {
	nobody := func(agent any) bool { return agent == nil || agent == "" }
	switch {
	case nobody(got.AgentID) && nobody(want.AgentID):
	case got.AgentID == nil && (*want.Phase != "ended" || !slices.Contains(c.roles, *want.Role)):
	case got.AgentID != want.AgentID:
		c.differ(id, "agentId", got.AgentID, want.AgentID)
	}
}

// channel compares what was told of a channel.
func (c *comparison) channel(id string, got, want *trial.Channel) {
	if got == nil {
		if *want.Phase != "" { // else nothing but disconnected is known
			c.differ(id, "channel", "not known", "known")
		}
		return
	}
	text := func(member string, told, right *string) {
		if told != nil && *told != *right {
			c.differ(id, member, *told, *right)
		}
	}
	text("phase", got.Phase, want.Phase)
	if told := got.InteractionID; told != nil && !strings.EqualFold(*told, *want.InteractionID) { // GUIDs may be told in any case
		c.differ(id, "interactionId", *told, *want.InteractionID)
	}
	text("role", got.Role, want.Role)
	c.agentID(id, got, want)
	if n := got.Notifications; n != nil {
		all, told := *want.Notifications, *n
		among := func(least int) bool { return told >= least && told <= least+want.Others } // some of the unknown ones may be stored
		if !among(all) && !among(want.Merged) {
			c.differ(id, "notifications", told, all)
		}
	}
	if got.Seconds == nil || c.enough() {
		return
	}
	for i := range kinds {
		phase := kinds[i].phase
		if phase == "" || phase == "ended" || slices.ContainsFunc(kinds[:i], func(k kind) bool { return k.phase == phase }) {
			continue
		}
		t, w := got.Seconds[phase], want.Seconds[phase]
		allowed := allowance*float64(max(1, want.Stays[phase])) + c.slack
		if lasts := *want.Phase == phase; t < w-allowed || t > w+allowed && !lasts { // what lasts may be counted up to now
			c.differ(id, "seconds."+phase, t, w)
		}
	}
}
