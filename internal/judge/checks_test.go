package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
)

func TestEveryCheckStandsBehindThoseItNeeds(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range checks() {
		if seen[c.name] || c.want == "" || c.reason == "" || len(c.parts) == 0 {
			t.Errorf("%q is there already, or not complete", c.name)
		}
		for _, n := range c.needs {
			if !seen[n] {
				t.Errorf("%s needs %s, which does not stand before it", c.name, n)
			}
		}
		seen[c.name] = true
		for _, p := range c.parts {
			planned, err := p.plan(7, time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if len(p.notifications(planned)) == 0 {
				t.Errorf("%s sends nothing", c.name)
			}
		}
	}
}

func TestArrangementsKeepWhatIsSent(t *testing.T) {
	at := func(seconds ...int) (all []plan.Notification) {
		for i, s := range seconds {
			all = append(all, plan.Notification{Seq: uint64(i), At: time.Duration(s) * time.Second})
		}
		return all
	}
	for _, c := range []struct {
		name  string
		order arrangement
		want  string
	}{
		{"as planned", nil, "0 1 2 3 4"},
		{"backwards, with what has one timestamp in its order", backwards, "4 3 1 2 0"},
		{"from both ends", insideOut, "4 0 3 1 2"},
		{"the second instant last", oneLate, "0 3 4 1 2"},
		{"what has one timestamp turned round", swapped, "0 2 1 3 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, n := range c.order.apply(at(1, 2, 2, 3, 4)) {
				got = append(got, fmt.Sprint(n.Seq))
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got %s, want %s", text, c.want)
			}
			slices.Sort(got)
			if !slices.Equal(got, []string{"0", "1", "2", "3", "4"}) {
				t.Errorf("sent are %v", got)
			}
		})
	}
}

func TestChannelsAreComparedWithTheTruth(t *testing.T) {
	begin := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	truth := plan.Truth{Channels: []plan.ChannelTruth{{Name: "alice", ChannelID: "c", InteractionID: "i", AgentID: "0150", Phase: lifecycle.Ended,
		Notifications: 3, Stays: []plan.Stay{{Phase: lifecycle.Connected, From: begin, To: begin.Add(1500 * time.Millisecond)}}}}}
	text := func(s string) *string { return &s }
	three := 3
	right := channelState{ChannelID: "C", InteractionID: text("i"), AgentID: "0150", Phase: text("ended"),
		Seconds: map[string]float64{"connected": 1.5009}, Notifications: &three}
	const all = phases | seconds | notifications | interactions | agents
	for _, c := range []struct {
		name    string
		change  func(*channelState)
		want    string
		missing aspects
	}{
		{"right", func(*channelState) {}, "", 0},
		{"says nothing", func(s *channelState) { *s = channelState{ChannelID: "c"} }, "", all},
		{"another phase", func(s *channelState) { s.Phase = text("wrap") }, `alice: phase is "wrap", want "ended"`, 0},
		{"longer", func(s *channelState) { s.Seconds = map[string]float64{"connected": 1.51} }, "alice: seconds is 1.51 of connected, want 1.5", 0},
		{"a phase that it never had", func(s *channelState) { s.Seconds = map[string]float64{"connected": 1.5, "held": 1} }, "alice: seconds is 1 of held, want 0", 0},
		{"another interaction", func(s *channelState) { s.InteractionID = text("c") }, `alice: interactionId is "c", want "i"`, 0},
		{"a number for the agent", func(s *channelState) { s.AgentID = 150.0 }, `alice: agentId is 150, want "0150"`, 0},
		{"counted twice", func(s *channelState) { six := 6; s.Notifications = &six }, "alice: notifications is 6, want 3", 0},
		{"another channel", func(s *channelState) { s.ChannelID = "d" }, "alice: the state has no channel c", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := right
			c.change(&got)
			different, missing := (&state{Channels: []channelState{got}}).compare(&truth, "", all)
			if different != c.want || missing != c.missing {
				t.Errorf("got %q and no %s, want %q and no %s", different, missing, c.want, c.missing)
			}
		})
	}
	if different, _ := (&state{}).compare(&truth, "bob", all); different != "" {
		t.Errorf("channels of which nothing was sent are compared: %s", different)
	}
}
