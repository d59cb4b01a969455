package ask

import (
	"context"
	"maps"

	"github.com/ringback/ringback/internal/examine/trial"
)

// only leaves out what a consumer does not claim to store.
type only struct {
	Way
	aspects trial.Aspect
}

// Only asks in a way, and keeps of the states the aspects that the consumer claims to store; 0 keeps all.
func Only(way Way, aspects trial.Aspect) Way {
	if aspects == 0 {
		return way
	}
	return &only{way, aspects}
}

// Ask asks, and leaves out what is not claimed.
func (o *only) Ask(ctx context.Context, conversation string) (*trial.State, error) {
	s, err := o.Way.Ask(ctx, conversation)
	if s == nil || err != nil {
		return s, err
	}
	drop := func(a trial.Aspect) bool { return o.aspects&a == 0 }
	if drop(trial.Figures) {
		s.Figures = nil
	}
	maps.DeleteFunc(s.Missed, func(a trial.Aspect, _ string) bool { return drop(a) })
	maps.DeleteFunc(s.Strange, func(a trial.Aspect, _ []string) bool { return drop(a) })
	for _, c := range s.Channels {
		if drop(trial.Phase) {
			c.Phase = nil
		}
		if drop(trial.Seconds) {
			c.Seconds = nil
		}
		if drop(trial.Notifications) {
			c.Notifications = nil
		}
		if drop(trial.InteractionID) {
			c.InteractionID = nil
		}
		if drop(trial.AgentID) {
			c.AgentID = nil
		}
		if drop(trial.Role) {
			c.Role = nil
		}
	}
	return s, nil
}
