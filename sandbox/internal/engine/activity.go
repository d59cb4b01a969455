package engine

import (
	"slices"
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
)

// Activity is how much goes on at a moment.
type Activity struct {
	Live   int            `json:"live"`   // conversations that have not ended, of runs and by hand
	Agents map[string]int `json:"agents"` // in how many conversations of runs an agent takes part, by name; none: is not there
}

// activityEvery is how often listeners are told of it, if it changes.
const activityEvery = time.Second

// Activity counts what goes on.
func (e *Engine) Activity() Activity {
	now := Activity{Agents: map[string]int{}}
	names := map[string]string{}
	for _, a := range liveAgents() {
		names[a.User.AgentID] = a.Name
	}
	e.observed.mu.Lock()
	for _, s := range e.observed.conversations {
		if !s.Ended.IsZero() {
			continue
		}
		now.Live++
		for i := range s.Channels {
			if name := names[s.Channels[i].AgentID]; name != "" && s.Channels[i].isWork() {
				now.Agents[name]++
			}
		}
	}
	e.observed.mu.Unlock()
	for _, l := range e.manual.list() {
		if l.Ended.IsZero() {
			now.Live++
		}
	}
	return now
}

// isWork reports whether an agent is kept by the channel: it is neither over nor put aside.
func (c *LiveChannel) isWork() bool {
	return !slices.Contains([]string{lifecycle.Parked.String(), lifecycle.Interrupted.String(), lifecycle.Ended.String()}, c.Phase)
}

// activityChanged has listeners told of it, once in activityEvery at most.
func (e *Engine) activityChanged() {
	if !e.announcing.CompareAndSwap(false, true) {
		return
	}
	time.AfterFunc(activityEvery, func() {
		e.announcing.Store(false)
		if e.life.Err() == nil {
			e.Broadcast("activity", e.Activity())
		}
	})
}
