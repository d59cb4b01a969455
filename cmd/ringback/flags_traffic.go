package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/scenario"
)

// trafficFlags say how many conversations there are, when they begin, and who takes them.
type trafficFlags struct {
	count      uint64
	calls      string
	events     string
	population int
	duration   string
	agents     string
	patience   string
	ids        string
}

func (f *trafficFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.calls, "calls", "", "`RATE` start conversations at this rate of scenario time, such as 5/s (default all at once, or the workload's arrivals)")
	flags.StringVar(&f.duration, "for", "", "`D` start no conversation after this scenario time, such as 10m")
	flags.Uint64Var(&f.count, "count", 0, "`N` number of conversations (default each scenario once, or the workload's arrivals)")
	flags.StringVar(&f.events, "events", "", "`RATE` instead of --calls: send notifications at this rate, such as 2000/s, with as many conversations as that takes")
	flags.IntVar(&f.population, "population", 0, "`N` instead of --calls: keep this many conversations alive; when one ends, the next starts")
	flags.StringVar(&f.agents, "agents", "", "`N|@FILE` pool of agents that all conversations share: a number, or a CSV file with agentId, userId or both (default each conversation brings its own)")
	flags.StringVar(&f.patience, "agent-patience", "", "`SPAN` callers stop waiting for an agent of the pool after this time, such as 30s..2m (default never)")
	flags.StringVar(&f.ids, "conversation-ids", "", "`FILE` use the conversation IDs in this file, one per line (default made from the seed)")
}

// fill adds the flags that are texts without files.
func (f *trafficFlags) fill(t *settings.Text) {
	t.Count, t.Calls, t.Events, t.Population, t.For = f.count, f.calls, f.events, f.population, f.duration
}

// read reads the flags that may name files.
func (f *trafficFlags) read(s *playSettings) (err error) {
	if err := f.readAgents(&s.pool); err != nil {
		return err
	}
	if f.ids != "" {
		text, err := readUpTo(f.ids, idsFile)
		if err != nil {
			return usage("--conversation-ids: %v", err)
		}
		if s.ConversationIDs, err = scenario.ReadConversationIDs(f.ids, text); err != nil {
			return faulty(err)
		}
	}
	return nil
}

// Most bytes of files that flags name. One byte more is read, so that the reader of the
// text refuses what is too large.
const (
	agentsFile = scenario.MaxAgentsFile + 1
	idsFile    = scenario.MaxIDsFile + 1
)

// readAgents reads the flags about the pool.
func (f *trafficFlags) readAgents(pool *settings.Pool) error {
	if f.patience != "" {
		patience, err := scenario.ParseSpan(f.patience)
		if err != nil {
			return usage("--agent-patience: %v", err)
		}
		pool.Patience = &patience
	}
	if f.agents == "" {
		return nil
	}
	path, isFile := strings.CutPrefix(f.agents, "@")
	if !isFile {
		n, err := strconv.Atoi(f.agents)
		if err != nil || n < 1 || n > scenario.MaxPool {
			return usage("--agents: want a whole number from 1 to %d, or @FILE, got %q", scenario.MaxPool, f.agents)
		}
		pool.Count = n
		return nil
	}
	text, err := readUpTo(path, agentsFile)
	if err != nil {
		return usage("--agents: %v", err)
	}
	if pool.Agents, err = scenario.ReadAgents(path, text); err != nil {
		return faulty(err)
	}
	pool.Count = len(pool.Agents)
	return nil
}

// faulty is the exit status of faults in files.
func faulty(err error) error {
	var faults scenario.Faults
	if errors.As(err, &faults) {
		return &statusError{exitScenario, faults}
	}
	return err
}
