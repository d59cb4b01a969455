package judge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
)

// Placeholder stands in a state URL for the conversation's identifier.
const Placeholder = "{conversationId}"

// aspects are what a state is compared on.
type aspects uint8

const (
	phases aspects = 1 << iota
	seconds
	notifications
	interactions
	agents
)

// members names the members of a state that the aspects are about.
var members = [...]struct {
	aspect aspects
	name   string
}{{phases, "phase"}, {seconds, "seconds"}, {notifications, "notifications"}, {interactions, "interactionId"}, {agents, "agentId"}}

// String lists the members of a state.
func (a aspects) String() string {
	var names []string
	for _, m := range members {
		if a&m.aspect != 0 {
			names = append(names, m.name)
		}
	}
	return strings.Join(names, " and ")
}

// state is what a consumer reports of a conversation. All members but channelId may be left
// out; they are then not compared.
type state struct {
	Channels []channelState `json:"channels"`
}

// channelState has the names that notifications have, where it is about their members.
type channelState struct {
	ChannelID     string             `json:"channelId"`
	InteractionID *string            `json:"interactionId"`
	AgentID       any                `json:"agentId"`
	Phase         *string            `json:"phase"`
	Seconds       map[string]float64 `json:"seconds"`
	Notifications *int               `json:"notifications"`
}

// queryState gets the state of a conversation.
func queryState(ctx context.Context, client Doer, address, conversation string) (s state, err error) {
	got, err := get(ctx, client, strings.ReplaceAll(address, Placeholder, url.PathEscape(conversation)))
	switch {
	case err != nil:
		return s, fmt.Errorf("no state: %w", err)
	case got.status == http.StatusNotFound:
		return s, errors.New("the consumer does not know the conversation (404)")
	case got.status != http.StatusOK:
		return s, fmt.Errorf("the state URL responds with %d, want 200", got.status)
	}
	if err := cmp.Or(jsontext.Check(got.body), json.Unmarshal(got.body, &s)); err != nil {
		return s, fmt.Errorf("the state is not of the documented form: %w", err)
	}
	return s, nil
}

// compare finds how a state differs from the truth, and which aspects it does not have.
// Channels of which nothing was sent are not compared.
func (s *state) compare(truth *plan.Truth, only string, compared aspects) (different string, missing aspects) {
	for i := range truth.Channels {
		want := &truth.Channels[i]
		if only != "" && want.Name != only {
			continue
		}
		at := slices.IndexFunc(s.Channels, func(c channelState) bool { return strings.EqualFold(c.ChannelID, want.ChannelID) })
		if at < 0 {
			return fmt.Sprintf("%s: the state has no channel %s", want.Name, want.ChannelID), 0
		}
		for _, m := range members {
			if compared&m.aspect == 0 {
				continue
			}
			switch present, got, expected := s.Channels[at].member(m.aspect, want); {
			case !present:
				missing |= m.aspect
			case got != expected:
				return fmt.Sprintf("%s: %s is %s, want %s", want.Name, m.name, got, expected), 0
			}
		}
	}
	return "", missing
}

// member returns what a channel has for an aspect, and what it should have.
func (c *channelState) member(a aspects, want *plan.ChannelTruth) (present bool, got, expected string) {
	switch a {
	case phases:
		return optional(c.Phase, want.Phase.String())
	case interactions:
		return optional(c.InteractionID, want.InteractionID)
	case notifications:
		return optional(c.Notifications, want.Notifications)
	case agents:
		return c.AgentID != nil, fmt.Sprintf("%#v", c.AgentID), fmt.Sprintf("%#v", want.AgentID)
	}
	for p := lifecycle.Alerting; p < lifecycle.Ended; p++ {
		got, expected := c.Seconds[p.String()], want.Duration(p).Seconds()
		if math.Abs(got-expected) > tolerance {
			return c.Seconds != nil, fmt.Sprintf("%g of %s", got, p), fmt.Sprintf("%g", expected)
		}
	}
	return c.Seconds != nil, "", ""
}

// optional returns a member that may be left out, and what it should be, as texts.
func optional[T any](got *T, want T) (present bool, text, expected string) {
	if got == nil {
		return false, "", ""
	}
	return true, fmt.Sprintf("%#v", *got), fmt.Sprintf("%#v", want)
}
