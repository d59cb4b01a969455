package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenarios"
)

// completed is what a shell gets to complete the last word, without descriptions, and the directive.
func completed(t *testing.T, words ...string) (all []string, directive string) {
	t.Helper()
	status, out, errs := call(t, "", append([]string{"__complete"}, words...)...)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if status != exitOK || len(lines) == 0 {
		t.Fatalf("%q: status %d, %s%s", words, status, out, errs)
	}
	for _, line := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(line, "\t")
		all = append(all, word)
	}
	return all, lines[len(lines)-1]
}

func TestShellsCompleteWhatTheProgramKnows(t *testing.T) {
	const anyFile, noFile, noFileNoSpace = ":0", ":4", ":6"
	for _, tt := range []struct {
		line      string // the last word is completed
		want      string
		directive string
	}{
		{"run inbound-call-w", "inbound-call-with-hold", anyFile},
		{"plan day-", "day-curve", anyFile},
		{"validate voic", "voicemail", anyFile},
		{"show transfer-at", "transfer-at-once", noFile},
		{"explain channel.held", "channel.held", noFile},
		{"schema asy", "asyncapi", noFile},
		{"schema event channel.held.v1", "channel.held.v1", noFile},
		{"run x --assume held-c", "held-channel=", noFileNoSpace},
		{"run x --assume held-channel=", "held-channel=both", noFile},
		{"run x --assume absent-ids=null,held-channel=b", "absent-ids=null,held-channel=both", noFile},
		{"serve --assume retry-after=", "retry-after=obey", noFile},
		{"plan x --fault dup", "duplicate", noFile},
		{"run x --gate laten", "latency", noFileNoSpace},
		{"run x --types agent.p", "agent.presencechanged.v0", noFile},
		{"replay x --types channel.held.v0,channel.e", "channel.held.v0,channel.ended.v1", noFile},
		{"examine --check keep-f", "keep-fractions", noFile},
		{"examine --check count-once,stories/call-with", "count-once,stories/call-with-hold", noFile},
		{"examine --state-stub py", "python", noFile},
		{"run x --output qu", "quiet", noFile},
		{"run x --engine la", "lane", noFile},
		{"run x --order no", "none", noFile},
		{"run x --progress sc", "screen", noFile},
		{"replay x --rows a", "all", noFile},
		{"plan x --format mer", "mermaid", noFile},
		{"run inbound-call-with-hold --set ho", "hold=", noFileNoSpace},
		{"run x --speed m", "max", noFile},
		{"run x --shard a", "auto", noFile},
		{"diff --ignore order,t", "order,time", noFile},
		{"serve --client-scopes admin:r", "admin:read", noFile},
		{"serve --data mem", "memory", anyFile},
		{"schema ev", "event", noFile},
		{"compl", "completion", noFile},
		{"run x --conn", "--connections", noFile},
		{"help ver", "verify", noFile},
		{"receive --answer re", "reset", noFileNoSpace},
	} {
		t.Run(tt.line, func(t *testing.T) {
			all, directive := completed(t, strings.Split(tt.line, " ")...)
			last := tt.line[strings.LastIndexByte(tt.line, ' ')+1:]
			if !slices.Contains(all, tt.want) || directive != tt.directive {
				t.Errorf("%q and %s, want %q among them and %s", all, directive, tt.want, tt.directive)
			}
			for _, word := range all {
				if !strings.HasPrefix(word, last) {
					t.Errorf("%q does not begin with %q", word, last)
				}
			}
		})
	}
	for line, directive := range map[string]string{"plan x --seed ": noFile, "run x --to ": noFile, "receive --latency ": noFile, "run x --log ": anyFile, "run x --secret ": anyFile, "receive --log ": anyFile} {
		if _, got := completed(t, strings.Split(line, " ")...); got != directive {
			t.Errorf("%s: %s, want %s", line, got, directive)
		}
	}
	if all, _ := completed(t, "help", ""); len(all) < 20 {
		t.Errorf("%q are completed behind help", all)
	}
	if all, _ := completed(t, "show", ""); len(all) != len(scenarios.List()) {
		t.Errorf("%d ready-made scenarios are completed, want %d", len(all), len(scenarios.List()))
	}
	if all, _ := completed(t, "run", "--assume", ""); len(all) != len(assume.Rows()) {
		t.Errorf("%d assumptions are completed, want %d", len(all), len(assume.Rows()))
	}
	if all, _ := completed(t, "examine", "--check", ""); len(all) < len(rulebook.Rules())+100 {
		t.Errorf("%d rules and trials are completed", len(all))
	}
	for _, tt := range []struct{ words, want []string }{
		{[]string{"plan", "x", "--seed", ""}, nil},
		{[]string{"plan", "-", "--set", ""}, nil},
		{[]string{"show", "inbound-call", ""}, nil},
		{[]string{"list", ""}, nil},
		{[]string{"schema", "scenario", ""}, nil},
		{[]string{"help", "re"}, []string{"receive", "replay", "report"}},
		{[]string{"help", "ga"}, []string{"gates"}},
		{[]string{"help", "completion", "b"}, []string{"bash"}},
		{[]string{"help", "run", ""}, nil},
		{[]string{"receive", "--answer", "h"}, []string{"hang"}},
		{[]string{"receive", "--answer", "50"}, []string{"500", "503"}},
		{[]string{"receive", "--answer", "503 x1, 20"}, []string{"503 x1, 200", "503 x1, 204"}},
		{[]string{"receive", "--answer", "503 x"}, []string{"503 x1", "503 x2", "503 x3"}},
		{[]string{"receive", "--answer", "429 retry-after 30s x2,res"}, []string{"429 retry-after 30s x2,reset"}},
		{[]string{"schema", ""}, []string{"scenario", "event", "asyncapi"}},
		{[]string{"plan", "x", "--gate", "latency m"}, nil},
		{[]string{"run", "x", "--gate", "latency m"}, []string{"latency min", "latency mean", "latency max"}},
		{[]string{"run", "x", "--fault", "drop 2% of agent."}, []string{"drop 2% of agent.*", "drop 2% of agent.presencechanged.v0", "drop 2% of agent.presencechanged.v1"}},
	} {
		if all, _ := completed(t, tt.words...); !slices.Equal(all, tt.want) {
			t.Errorf("%q: completed %q, want %q", tt.words, all, tt.want)
		}
	}
}
