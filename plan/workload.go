package plan

import (
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario"
)

// With is o with what a workload says beside it. What o says stands over the workload: if it
// has a rate or a population, that counts instead of the workload's arrivals, and its
// assumptions and faults come on top. A pool would decide by itself how much is sent, so a
// rate of notifications leaves it out. The scenarios of the mix are planned with NewMix, in
// their order.
func (o Options) With(w *scenario.Workload) Options {
	o.Assume = w.Assume.Over(o.Assume)
	o.Faults = append(slices.Clone(w.Faults), o.Faults...)
	o.Weights = nil
	for _, part := range w.Mix {
		o.Weights = append(o.Weights, part.Weight)
	}
	if o.Calls.IsZero() && o.Events.IsZero() && o.Population == 0 && o.Arrivals == nil {
		o.Arrivals, o.Population = w.Stretches, w.Population
	}
	if o.ConversationIDs == nil {
		o.ConversationIDs = w.ConversationIDs
	}
	if o.Pool == nil && w.AgentCount > 0 && o.Events.IsZero() {
		o.Pool = &Pool{Count: w.AgentCount, Agents: Users(w.Agents)}
		if !w.Patience.IsZero() {
			o.Pool.Patience = &w.Patience
		}
	}
	return o
}

// Users are agents as a pool has them.
func Users(agents []scenario.Agent) []event.User {
	var all []event.User
	for _, a := range agents {
		u := event.User{AgentID: a.AgentID}
		if a.UserID != "" {
			u.UserID, _ = event.ParseGUID(a.UserID) // it was read when the file was
		}
		all = append(all, u)
	}
	return all
}
