package scenario_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/scenario"
)

// Every figure of a file, and the length of every list, has an upper bound. What is beyond is refused at its place, and the
// problem says what is possible.
func TestFiguresOfFilesAreBounded(t *testing.T) {
	sampling.Long(t)
	const calls = "  - call: customer\n  - ring: {agent: alice, for: 5s}\n"
	steps := func(text string) string {
		return "name: x\nstory: X.\nsteps:\n" + calls + text + "  - hangup: customer\n"
	}
	talks := func(span string) string { return steps("  - talk: " + span + "\n") }
	rules := func(key, item string, n int) string {
		return "name: x\nstory: X.\n" + key + ":\n" + strings.Repeat("  - "+item+"\n", n) + "steps:\n" + calls + "  - hangup: customer\n"
	}
	const mix = "mix: [{scenario: a-call, weight: 1}]\n"
	traffic := func(text string) string { return "name: x\nstory: X.\n" + text + mix }
	arrivals := func(text string) string { return traffic("arrivals: [" + text + "]\n") }
	for name, c := range map[string]struct{ text, want string }{
		"a time":                   {talks("721h"), "6:11: talk: want at most 720h"},
		"a range":                  {talks("1s..721h"), "want at most 720h"},
		"a time beyond numbers":    {talks("99999999999999999999h"), "6:11: talk: want at most 720h"},
		"a mean":                   {talks("{normal: {mean: 721h, sd: 1s}}"), "mean: want at most 720h"},
		"a deviation":              {talks("{normal: {mean: 1s, sd: 721h}}"), "sd: want at most 720h"},
		"a median":                 {talks("{lognormal: {median: 721h, sigma: 1}}"), "median: want at most 720h"},
		"a sigma":                  {talks("{lognormal: {median: 1s, sigma: 11}}"), "want a sigma of at most 10"},
		"an exponential mean":      {talks("{exponential: {mean: 721h}}"), "mean: want at most 720h"},
		"a shape":                  {talks("{gamma: {shape: 1001, scale: 1s}}"), "want a shape of at most 1000"},
		"a scale":                  {talks("{gamma: {shape: 1, scale: 721h}}"), "scale: want at most 720h"},
		"a choice":                 {talks("{choice: [721h]}"), "choice: want at most 720h"},
		"choices":                  {talks("{choice: [" + strings.Repeat("1s, ", 10_000) + "1s]}"), "choice: want 1 to 10000 times"},
		"an empirical time":        {talks("{empirical: [[721h, 1]]}"), "empirical: want at most 720h"},
		"an empirical weight":      {talks("{empirical: [[1s, 1000000000]]}"), "empirical: want at most 999999999"},
		"min":                      {talks("{exponential: {mean: 1s}, min: 721h}"), "min: want at most 720h"},
		"max":                      {talks("{exponential: {mean: 1s}, max: 721h}"), "max: want at most 720h"},
		"a chance":                 {steps("  - {talk: 1s, chance: 101%}\n"), "chance: want a percentage from 0% to 100%"},
		"repetitions":              {steps("  - repeat: {times: 1000000000, steps: [{talk: 1s}]}\n"), "6:21: times: want at most 999999999"},
		"operations":               {steps("  - repeat: {times: 20000, steps: [{talk: 1s}]}\n"), "takes more than 100000 operations"},
		"nested repetitions":       {steps("  - repeat: {times: 100000, steps: [{repeat: {times: 999999999, steps: [{talk: 1s}]}}]}\n"), "takes more than 100000 operations"},
		"a whole story":            {steps(strings.Repeat("  - talk: 720h\n", 130)), "takes more than 10 years"},
		"steps":                    {steps(strings.Repeat("  - talk: 1ms\n", 10_001)), "more than 10000 steps"},
		"steps within steps":       {steps("  - " + strings.Repeat("repeat: {times: 1, steps: [", 33) + "talk: 1s" + strings.Repeat("]}", 33) + "\n"), "deep"},
		"ways":                     {steps("  - choose: [" + strings.Repeat("{weight: 1, steps: [{talk: 1s}]}, ", 101) + "]\n"), "want 1 to 100"},
		"the weight of a way":      {steps("  - choose: [{weight: 1000000000, steps: [{talk: 1s}]}]\n"), "weight: want at most 999999999"},
		"side by side":             {"name: x\nstory: X.\nagents: {alice: {at-once: {chat: 1000000000}}}\nsteps:\n" + calls + "  - hangup: customer\n", "chat: want at most 999999999"},
		"wrap":                     {"name: x\nstory: X.\nagents: {alice: {wrap: 721h}}\nsteps:\n" + calls + "  - hangup: customer\n", "wrap: want at most 720h"},
		"parameters":               {"name: x\nstory: X.\nparams: {" + many(101, "p%d: 1s, ") + "}\nsteps:\n" + calls + "  - hangup: customer\n", "params: want at most 100, got 101"},
		"agents":                   {"name: x\nstory: X.\nagents: {" + many(1001, "a%d: , ") + "}\nsteps:\n" + calls + "  - hangup: customer\n", "agents: want at most 1000 agents, got 1001"},
		"parties":                  {steps(many(2000, "  - conference: {agent: b%d, ring: 1s}\n")), "more than the 2000 parties"},
		"faults":                   {rules("faults", "{duplicate: 1%}", 101), "104:5: faults: want at most 100 entries, got 101"},
		"gates":                    {rules("gates", "accepted >= 1", 101), "104:5: gates: want at most 100 entries, got 101"},
		"expectations":             {rules("expect", "{get: /x, status: 200}", 101), "104:5: expect: want at most 100 entries, got 101"},
		"every":                    {rules("faults", "{duplicate: , every: 1000000000}", 1), "every: want at most 999999999"},
		"the count of a fault":     {rules("faults", "{duplicate: 1%, count: 1000000000}", 1), "count: want at most 999999999"},
		"a delay":                  {rules("faults", "{delay: 1%, by: 721h}", 1), "by: want at most 720h"},
		"the count of a gate":      {rules("gates", "accepted >= 99999999999999999", 1), "want a number of at most 1e+15"},
		"the text of a gate":       {rules("gates", "accepted >= "+strings.Repeat("1", 1001), 1), "gates"},
		"a status":                 {rules("expect", "{get: /x, status: 600}", 1), "status: want 100 to 599"},
		"a time limit":             {rules("expect", "{get: /x, status: 200, within: 721h}", 1), "within: want at most 720h"},
		"words of a command":       {rules("expect", "{run: ["+strings.Repeat("x, ", 101)+"], json: {$.x: 1}}", 1), "run: want at most 100 entries, got 101"},
		"a population":             {traffic("population: 100000000\n"), "f.yaml:3:13: population: want 1 to 2000000, got 100000000"},
		"a population of billions": {traffic("population: 10000000000\n"), "f.yaml:3:13: population: want at most 999999999"},
		"agents of a pool":         {traffic("population: 1\nagents: {count: 100001}\n"), "want at most 100000 agents, got 100001"},
		"patience":                 {traffic("population: 1\nagents: {count: 1, patience: 721h}\n"), "patience: want at most 720h"},
		"a weight":                 {"name: x\nstory: X.\npopulation: 1\nmix: [{scenario: a-call, weight: 1000000000}]\n", "weight: want at most 999999999"},
		"a mix":                    {"name: x\nstory: X.\npopulation: 1\nmix: [" + strings.Repeat("{scenario: a-call, weight: 1}, ", 1001) + "]\n", "mix: want at most 1000 entries, got 1001"},
		"operations of a mix":      {"name: x\nstory: X.\npopulation: 1\nmix: [" + many(20, "{scenario: long, weight: 1, set: {t: %dms}}, ") + "]\n", "take more than 200000 operations"},
		"arrivals":                 {arrivals(strings.Repeat("{rate: 1/s, over: 1s}, ", 1001)), "arrivals: want at most 1000 entries, got 1001"},
		"a rate":                   {arrivals("{rate: 1000001/s, over: 1s}"), "rate: want at most 1000000/s"},
		"from":                     {arrivals("{from: 1000001/s, to: 1/s, over: 1s}"), "from: want at most 1000000/s"},
		"to":                       {arrivals("{from: 0/s, to: 99999999999999999999/s, over: 1s}"), "to: want a rate"},
		"rates":                    {arrivals("{steps: [" + strings.Repeat("1/s, ", 10_001) + "], each: 1s}"), "steps: want at most 10000 entries, got 10001"},
		"each":                     {arrivals("{steps: [1/s], each: 721h}"), "each: want at most 720h"},
		"over":                     {arrivals("{rate: 1/s, over: 721h}"), "over: want at most 720h"},
		"high":                     {arrivals("{low: 1/s, high: 60000001/m, every: 1h, over: 1h}"), "high: want at most 1000000/s"},
		"waves":                    {arrivals("{low: 1/s, high: 2/s, every: 1ms, over: 720h}"), "the wave repeats more than"},
		"a curve":                  {arrivals("{csv: large.csv}"), "the file is too large; at most 4194304 bytes are read"},
		"a file":                   {steps("  # " + strings.Repeat("x", 1<<20) + "\n"), "the file is too large; at most 1048576 bytes are read"},
	} {
		files := folder{"a-call": aCall, "large.csv": strings.Repeat("0,1\n", 1<<20) + "1,1\n",
			"long": "name: long\nstory: X.\nparams: {t: 1s}\nsteps:\n" + calls + strings.Repeat("  - hold: $t\n", 5000) + "  - hangup: customer\n"}
		doc, err := scenario.ParseDocument("f.yaml", []byte(c.text))
		if err == nil && doc.Workload != nil {
			err = doc.Workload.Resolve(files.files())
		}
		var problems scenario.Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %.300v, want a problem with %q", name, err, c.want)
		}
	}
}

// many is a text with each number from 1 in it.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i+1)
	}
	return b.String()
}
