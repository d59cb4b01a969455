package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

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

// state is what a consumer tells of a conversation. All members but channelId may be left
// out; what they are about is then not judged.
type state struct {
	Channels []channelState `json:"channels"`
}

type channelState struct {
	ChannelID     string             `json:"channelId"`
	InteractionID *string            `json:"interactionId"`
	AgentID       any                `json:"agentId"`
	Phase         *string            `json:"phase"`
	Seconds       map[string]float64 `json:"seconds"`
	Notifications *int               `json:"notifications"`
}

// mostState is how many bytes of a state are read.
const mostState = 4 << 20

// ask gets the state of a conversation.
func (x *Examination) ask(ctx context.Context, client *http.Client, conversation string) (state, error) {
	var s state
	address := strings.ReplaceAll(x.State, Placeholder, url.PathEscape(conversation))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return s, errors.New("the state URL cannot be read")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) { // its text shows the whole URL
			err = ue.Err
		}
		return s, fmt.Errorf("the state cannot be asked for: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostState))
	switch {
	case err != nil:
		return s, fmt.Errorf("the state cannot be read: %w", err)
	case resp.StatusCode == http.StatusNotFound:
		return s, errors.New("it knows nothing of the conversation (404)")
	case resp.StatusCode != http.StatusOK:
		return s, fmt.Errorf("asked for its state, it answers %d, want 200", resp.StatusCode)
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return s, fmt.Errorf("its state is not of the documented form: %w", err)
	}
	return s, nil
}

// compare finds what a state tells otherwise than the truth, and which aspects it tells
// nothing about. Channels of which nothing was sent are not compared.
func compare(s *state, truth *plan.Truth, only string, judge aspects) (wrong string, silent aspects) {
	for i := range truth.Channels {
		want := &truth.Channels[i]
		if only != "" && want.Name != only {
			continue
		}
		got := s.find(want.ChannelID)
		if got == nil {
			return fmt.Sprintf("%s: its state has no channel %s", want.Name, want.ChannelID), 0
		}
		text, quiet := got.compare(want, judge)
		if text != "" {
			return want.Name + ": " + text, 0
		}
		silent |= quiet
	}
	return "", silent
}

func (s *state) find(id string) *channelState {
	for i := range s.Channels {
		if strings.EqualFold(s.Channels[i].ChannelID, id) {
			return &s.Channels[i]
		}
	}
	return nil
}

// compare compares one channel.
func (c *channelState) compare(want *plan.ChannelTruth, judge aspects) (wrong string, silent aspects) {
	for _, m := range members {
		if judge&m.aspect == 0 {
			continue
		}
		told, got, expected := c.member(m.aspect, want)
		switch {
		case !told:
			silent |= m.aspect
		case got != expected:
			return fmt.Sprintf("%s is %s, want %s", m.name, got, expected), 0
		}
	}
	return "", silent
}

// member is what a channel tells about an aspect, and what it should.
func (c *channelState) member(a aspects, want *plan.ChannelTruth) (told bool, got, expected string) {
	switch a {
	case phases:
		return spoken(c.Phase, want.Phase.String())
	case interactions:
		return spoken(c.InteractionID, want.InteractionID)
	case notifications:
		return spoken(c.Notifications, want.Notifications)
	case agents:
		return c.AgentID != nil, fmt.Sprintf("%#v", c.AgentID), fmt.Sprintf("%#v", want.AgentID)
	}
	if c.Seconds == nil {
		return false, "", ""
	}
	for p := lifecycle.Alerting; p < lifecycle.Ended; p++ {
		got, expected := c.Seconds[p.String()], want.Duration(p)
		if math.Abs(got-expected.Seconds()) > tolerance.Seconds() {
			return true, fmt.Sprintf("%g of %s", got, p), fmt.Sprintf("%g", expected.Seconds())
		}
	}
	return true, "", ""
}

// tolerance is how far a duration may be off: a consumer may count in milliseconds.
const tolerance = 1100 * time.Microsecond

// spoken is a member that may be left out, and what it should be, as texts.
func spoken[T any](got *T, want T) (bool, string, string) {
	if got == nil {
		return false, "", ""
	}
	return true, fmt.Sprintf("%#v", *got), fmt.Sprintf("%#v", want)
}
