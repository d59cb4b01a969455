package engine

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
)

// Floor is how much goes on at a moment.
type Floor struct {
	Live   int            `json:"live"`   // conversations that have not ended, of runs and by hand
	Agents map[string]int `json:"agents"` // in how many conversations of runs an agent takes part, by name; none: is not there
}

// floorEvery is how often listeners are told of the floor, if it changes.
const floorEvery = time.Second

// floorBell remembers that listeners are about to be told.
type floorBell struct{ rung atomic.Bool }

// Floor counts what goes on.
func (e *Engine) Floor() Floor {
	f := Floor{Agents: map[string]int{}}
	names := map[string]string{}
	for _, a := range liveAgents() {
		names[a.User.AgentID] = a.Name
	}
	e.observed.mu.Lock()
	for _, s := range e.observed.conversations {
		if !s.Ended.IsZero() {
			continue
		}
		f.Live++
		for i := range s.Channels {
			if name := names[s.Channels[i].AgentID]; name != "" && s.Channels[i].isWork() {
				f.Agents[name]++
			}
		}
	}
	e.observed.mu.Unlock()
	for _, l := range e.manual.list() {
		if l.Ended.IsZero() {
			f.Live++
		}
	}
	return f
}

// isWork reports whether an agent is kept by the channel: it is neither over nor put aside.
func (c *LiveChannel) isWork() bool {
	return !slices.Contains([]string{lifecycle.Parked.String(), lifecycle.Interrupted.String(), lifecycle.Ended.String()}, c.Phase)
}

// floorChanged has listeners told of the floor, once in floorEvery at most.
func (e *Engine) floorChanged() {
	if !e.floor.rung.CompareAndSwap(false, true) {
		return
	}
	time.AfterFunc(floorEvery, func() {
		e.floor.rung.Store(false)
		if e.life.Err() == nil {
			e.Broadcast("floor", e.Floor())
		}
	})
}
