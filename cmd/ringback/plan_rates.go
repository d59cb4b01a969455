package main

import (
	"fmt"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// sampled is how many conversations are played to find out what one comes to.
const sampled = 1000

// average is what a conversation comes to.
type average struct{ notifications, seconds, agentSeconds float64 }

// averageOf plays the first conversations of a traffic, each from its beginning to its end. What takes part in a pool is
// another thing: who waits for whom decides how long it takes.
func averageOf(t *settings.Traffic, o plan.Options) (a average, ok bool) {
	if o.Pool != nil {
		return a, false
	}
	o.Calls, o.Events, o.Arrivals, o.Population, o.For, o.AtEnd, o.Shard = plan.Options{}.Calls, plan.Options{}.Events, nil, 0, 0, plan.Finish, plan.Shard{}
	o.Faults, o.ConversationIDs, o.Count = nil, nil, sampled
	o.Unordered = false // a burst does not tell how long anybody was busy
	pl, err := plan.NewMix(t.Scenarios, o)
	if err != nil {
		return a, false
	}
	walk := pl.Walk()
	agents, last := 0, time.Duration(0)
	for n := range walk.Notifications() {
		a.agentSeconds += float64(agents) * (n.Due - last).Seconds()
		last = n.Due
		a.notifications++
		if n.Event.Channel.Party.Role == event.Agent && n.Left != n.Phase {
			switch {
			case n.Left == lifecycle.New:
				agents++
			case n.Phase == lifecycle.Ended:
				agents--
			}
		}
	}
	f := walk.Activity()
	all := float64(f.Conversations)
	if a.notifications == 0 || f.LiveTime == 0 {
		return a, false
	}
	return average{a.notifications / all, f.LiveTime / all, a.agentSeconds / all}, true
}

// inOtherWords says what a rate, or the average one of arrivals, comes to in the other words for it, once as many conversations end
// as begin; nothing where there is none.
func inOtherWords(t *settings.Traffic, o plan.Options, conversations uint64) string {
	a, ok := averageOf(t, o)
	if !ok {
		return ""
	}
	var calls float64 // a second
	switch {
	case !o.Calls.IsZero():
		calls = float64(o.Calls.Times) / o.Calls.Per.Seconds()
	case !o.Events.IsZero():
		calls = float64(o.Events.Times) / o.Events.Per.Seconds() / a.notifications
	case o.Population > 0:
		calls = float64(o.Population) / a.seconds
	case len(o.Arrivals) > 0:
		over := time.Duration(0)
		for _, s := range o.Arrivals {
			over += s.Over
		}
		calls = float64(conversations) / over.Seconds()
	default:
		return ""
	}
	return fmt.Sprintf("%s calls are %s notifications, %s conversations at once and %s busy agents, once as many end as begin",
		rateOf(calls), rateOf(calls*a.notifications), show.Number(calls*a.seconds), show.Number(calls*a.agentSeconds))
}

// rateOf shows a rate by the unit in which it is at least 1.
func rateOf(perSecond float64) string {
	switch {
	case perSecond >= 1:
		return show.PerSecond(perSecond)
	case perSecond*60 >= 1:
		return show.Number(perSecond*60) + "/m"
	}
	return show.Number(perSecond*3600) + "/h"
}
