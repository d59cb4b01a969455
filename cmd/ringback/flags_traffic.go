package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

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
	flags.Uint64Var(&f.count, "count", 0, "`N` conversations altogether (default each scenario once, or as many as the workload's arrivals)")
	flags.StringVar(&f.calls, "calls", "", "`R`, such as 5/s: how often a conversation begins, in the story's time (default all at once, or the workload's arrivals)")
	flags.StringVar(&f.events, "events", "", "`R`, such as 2000/s: send so many notifications, by as many conversations side by side as that takes; instead of --calls")
	flags.IntVar(&f.population, "population", 0, "`N` conversations side by side: where one ends, the next begins; instead of --calls")
	flags.StringVar(&f.duration, "for", "", "`D`, such as 10m: begin no conversation after this time of the story")
	flags.StringVar(&f.agents, "agents", "", "`N|@FILE`: a pool of agents whom all conversations share, and queue for; a CSV file with agentId, userId or both says who they are (default each conversation brings its own)")
	flags.StringVar(&f.patience, "agent-patience", "", "`SPAN`, such as 30s..2m, after which somebody who waits for an agent of the pool gives up (default never)")
	flags.StringVar(&f.ids, "conversation-ids", "", "CSV `FILE` of conversation IDs to use, one a line (default seeded ones)")
}

// agentSettings are what flags say about the pool.
type agentSettings struct {
	count    int
	rows     []scenario.Agent
	patience *scenario.Span
}

func (f *trafficFlags) parse(s *settings) (err error) {
	s.Count = f.count
	if s.Calls, err = parseRate("--calls", f.calls); err != nil {
		return err
	}
	if s.Events, err = parseRate("--events", f.events); err != nil {
		return err
	}
	if s.Population = f.population; f.population < 0 {
		return usage("--population: want a whole number from 1, got %d", f.population)
	}
	if s.For, err = parseDuration("--for", f.duration); err != nil {
		return err
	}
	var given []string
	for _, source := range []struct {
		name string
		none bool
	}{{"--calls", s.Calls.IsZero()}, {"--events", s.Events.IsZero()}, {"--population", s.Population == 0}} {
		if !source.none {
			given = append(given, source.name)
		}
	}
	if len(given) > 1 {
		return usage("%s stand beside one another: each says when conversations begin, so want one of them", strings.Join(given, " and "))
	}
	if err := f.parseAgents(s); err != nil {
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

// parseAgents reads the flags about the pool.
func (f *trafficFlags) parseAgents(s *settings) error {
	if f.patience != "" {
		patience, err := scenario.ParseSpan(f.patience)
		if err != nil {
			return usage("--agent-patience: %v", err)
		}
		s.agents.patience = &patience
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
		s.agents.count = n
		return nil
	}
	text, err := readUpTo(path, agentsFile)
	if err != nil {
		return usage("--agents: %v", err)
	}
	if s.agents.rows, err = scenario.ReadAgents(path, text); err != nil {
		return faulty(err)
	}
	s.agents.count = len(s.agents.rows)
	return nil
}

// parseRate reads a rate above 0; an empty text is none.
func parseRate(flag, text string) (scenario.Rate, error) {
	if text == "" {
		return scenario.Rate{}, nil
	}
	r, err := scenario.ParseRate(text)
	if err != nil {
		return r, usage("%s: %v", flag, err)
	}
	if r.IsZero() {
		return r, usage("%s: want a rate above 0, got %q", flag, text)
	}
	return r, nil
}

// faulty is the exit status of faults in files.
func faulty(err error) error {
	var faults scenario.Faults
	if errors.As(err, &faults) {
		return &statusError{exitScenario, faults}
	}
	return err
}
