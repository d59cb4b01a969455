// Package settings turns what users write into the settings of a plan and of an emitter.
//
// Texts of flags and of JSON, and the files that they name, come in; plan.Options, plans,
// targets and the settings of an emitter go out. It promises that the command line, the
// sandbox and ringbacktest understand the same words in the same way, and that a problem
// names its field, so that each of them can name it as its users do. It never reads a file
// that no user named, and never sends.
package settings

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// Traffic is what is played: scenarios, or one workload.
type Traffic struct {
	Scenarios []*scenario.Scenario // of a workload, its mix
	Workload  *scenario.Workload   // nil: scenarios were named one by one
}

// TrafficOf is the traffic of one document.
func TrafficOf(doc scenario.Document) *Traffic {
	if doc.Workload != nil {
		return &Traffic{Scenarios: doc.Workload.Scenarios, Workload: doc.Workload}
	}
	return &Traffic{Scenarios: []*scenario.Scenario{doc.Scenario}}
}

// Names lists the names of the scenarios.
func (t *Traffic) Names() (all []string) {
	for _, sc := range t.Scenarios {
		all = append(all, sc.Name)
	}
	return all
}

// Gates lists the gates of the workload and of its scenarios.
func (t *Traffic) Gates() (all []scenario.Gate) {
	if t.Workload != nil {
		all = slices.Clone(t.Workload.Gates)
	}
	for _, sc := range t.Scenarios {
		all = append(all, sc.Gates...)
	}
	return all
}

// Expected lists what each scenario expects, with what the workload expects of all.
func (t *Traffic) Expected() (all [][]scenario.Expectation) {
	for _, sc := range t.Scenarios {
		expected := slices.Clone(sc.Expect)
		if t.Workload != nil {
			expected = append(expected, t.Workload.Expect...)
		}
		all = append(all, expected)
	}
	return all
}

// Pool says which agents all conversations share. Zero fields leave it to the workload.
type Pool struct {
	Count    int
	Agents   []scenario.Agent
	Patience *scenario.Span
}

// Options adds to the options what the workload says, under what the options and the pool
// say themselves. It returns a *Problem where nothing would end the traffic, and where
// settings contradict each other.
func (t *Traffic) Options(o plan.Options, given Pool) (plan.Options, error) {
	if t.Workload != nil {
		o = o.With(t.Workload)
	}
	if err := endless(&o); err != nil {
		return o, err
	}
	pool := &plan.Pool{}
	if o.Pool != nil {
		pool = o.Pool
	} else if t.Workload != nil && !t.Workload.Patience.IsZero() {
		pool.Patience = &t.Workload.Patience
	}
	if given.Count > 0 {
		pool.Count = given.Count
	}
	if given.Agents != nil {
		pool.Agents = plan.Users(given.Agents)
	}
	if given.Patience != nil {
		if pool.Patience = given.Patience; pool.Count == 0 {
			return o, &Problem{Field: AgentPatience, Reason: "there is no pool of agents", Cure: "add %s", With: []Field{Agents}}
		}
	}
	if pool.Count > 0 && !o.Events.IsZero() {
		return o, &Problem{Field: Events, Reason: "a pool of agents decides by itself how much is sent", Cure: "use %s instead", With: []Field{Calls}}
	}
	if pool.Count > 0 {
		pool.Agents = pool.Agents[:min(pool.Count, len(pool.Agents))]
		o.Pool = pool
	}
	return o, nil
}

// endless refuses traffic that nothing ends, and an end of what is no traffic.
func endless(o *plan.Options) error {
	ends := []Field{For, Count}
	switch {
	case o.AtEnd > plan.Finish && o.For == 0 && len(o.Arrivals) == 0:
		return &Problem{Field: AtEnd, Reason: "nothing says when the end is", Cure: "add %s", With: []Field{For}}
	case o.For > 0 && o.Calls.IsZero() && o.Events.IsZero() && o.Population == 0 && o.Arrivals == nil:
		return &Problem{Field: For, Reason: "needs a rate or a workload", Cure: "add %s", With: []Field{Calls, Events, Population}}
	case o.For > 0 || o.Count > 0:
		return nil
	case o.Population > 0:
		return &Problem{Field: Population, Reason: fmt.Sprintf("a population of %d conversations needs an end", o.Population), Cure: "add %s", With: ends}
	case !o.Events.IsZero():
		return &Problem{Field: Events, Reason: "a rate needs an end", Cure: "add %s", With: ends}
	case !o.Calls.IsZero():
		return &Problem{Field: Calls, Reason: "a rate needs an end", Cure: "add %s", With: ends}
	}
	return nil
}

// mostTimed bounds how many notifications are planned to find out exactly how long a plan is, so that nobody waits for that.
const mostTimed = 20_000

// Plan plans the traffic. A zero start is now at speed 1, and otherwise so long ago that
// the last notification is sent now, or of a long plan earlier: nothing lies in the future.
func (t *Traffic) Plan(o plan.Options, speed float64) (*plan.Plan, error) {
	given := !o.Start.IsZero()
	if !given {
		o.Start = time.Now().UTC().Truncate(time.Millisecond)
	}
	p, err := plan.NewMix(t.Scenarios, o)
	if err != nil || given || speed == 1 {
		return p, err
	}
	length, err := p.LengthWithin(mostTimed)
	switch {
	case errors.Is(err, plan.ErrMore):
		length = p.Within()
	case err != nil:
		return nil, err
	}
	o.Start = o.Start.Add(-length).Truncate(time.Millisecond)
	return plan.NewMix(t.Scenarios, o)
}
