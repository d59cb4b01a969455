package main

import (
	"slices"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// traffic is what the arguments of run and plan name: scenarios, or one workload.
type traffic struct {
	scenarios []*scenario.Scenario // of a workload, its mix
	workload  *scenario.Workload   // nil: scenarios were named one by one
}

// names are those of the scenarios, as reports have them.
func (t *traffic) names() (all []string) {
	for _, sc := range t.scenarios {
		all = append(all, sc.Name)
	}
	return all
}

// gates are those of the workload and of its scenarios.
func (t *traffic) gates() (all []scenario.Gate) {
	if t.workload != nil {
		all = slices.Clone(t.workload.Gates)
	}
	for _, sc := range t.scenarios {
		all = append(all, sc.Gates...)
	}
	return all
}

// expected is what each scenario expects, with what the workload expects of all.
func (t *traffic) expected() (all [][]scenario.Expectation) {
	for _, sc := range t.scenarios {
		expected := slices.Clone(sc.Expect)
		if t.workload != nil {
			expected = append(expected, t.workload.Expect...)
		}
		all = append(all, expected)
	}
	return all
}

// apply adds to the settings of the flags what a workload says. Flags stand over it.
func (t *traffic) apply(s *settings) error {
	if t.workload != nil {
		s.Options = s.Options.With(t.workload)
	}
	if err := s.endless(); err != nil {
		return err
	}
	pool := &plan.Pool{}
	if s.Pool != nil {
		pool = s.Pool
	} else if t.workload != nil && !t.workload.Patience.IsZero() {
		pool.Patience = &t.workload.Patience
	}
	if s.agents.count > 0 {
		pool.Count = s.agents.count
	}
	if s.agents.rows != nil {
		pool.Agents = plan.Users(s.agents.rows)
	}
	if s.agents.patience != nil {
		if pool.Patience = s.agents.patience; pool.Count == 0 {
			return usage("--agent-patience is about a pool of agents, and there is none: add --agents")
		}
	}
	if pool.Count > 0 && !s.Events.IsZero() {
		return usage("--events and --agents contradict each other, since a pool decides by itself how much there is to send: use --calls with it")
	}
	if pool.Count > 0 {
		pool.Agents = pool.Agents[:min(pool.Count, len(pool.Agents))]
		s.Pool = pool
	}
	return nil
}

// endless refuses traffic that nothing ends, and an end of what is no traffic.
func (s *settings) endless() error {
	switch {
	case s.For > 0 && s.Calls.IsZero() && s.Events.IsZero() && s.Population == 0 && s.Arrivals == nil:
		return usage("--for needs a rate: add --calls, --events or --population, or play a workload")
	case s.For > 0 || s.Count > 0:
		return nil
	case s.Population > 0:
		return usage("a population of %d conversations has no end of its own: say how long with --for, or how many altogether with --count", s.Population)
	case !s.Events.IsZero(), !s.Calls.IsZero():
		return usage("a rate needs an end: say how long with --for, or how many conversations with --count")
	}
	return nil
}
