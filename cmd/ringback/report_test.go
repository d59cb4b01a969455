package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The exit status of a report is that of the run, or of all shards together.
func TestStatusesOfReports(t *testing.T) {
	dir := t.TempDir()
	file := func(name, verdict, shard string) string {
		path := filepath.Join(dir, name+".json")
		text := `{"schema_version":1,"verdict":"` + verdict + `","all_accepted":true,"plan_read":true,"shard":` + shard + `,"gates":[],"targets":[],"total":{}}`
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const whole = "null"
	good, invalid, failed := file("good", "passed", whole), file("invalid", "invalid", whole), file("failed", "failed", whole)
	interrupted, older := file("interrupted", "interrupted", whole), file("older", "", whole)
	first, second := file("first", "passed", `{"index":0,"of":2}`), file("second", "invalid", `{"index":1,"of":2}`)
	third := file("third", "interrupted", `{"index":1,"of":2}`)
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"a good run", []string{good}, exitOK, "0 of 0"},
		{"a run without a verdict", []string{older}, exitOK, "0 of 0"},
		{"a failed run", []string{failed}, exitFailed, "0 of 0"},
		{"an invalid run", []string{invalid}, exitInvalid, "the run is invalid"},
		{"an interrupted run", []string{interrupted}, exitInterrupted, "0 of 0"},
		{"an invalid shard", []string{first, second}, exitInvalid, "the run is invalid"},
		{"an interrupted shard", []string{third, first}, exitInterrupted, "2 shards, merged"},
		{"a failed run beside a good one", []string{failed, good}, exitOK, "figure"},
		{"an invalid run beside a good one", []string{good, invalid}, exitInvalid, "B is invalid"},
		{"an interrupted run beside a good one", []string{good, interrupted}, exitInterrupted, "B was interrupted"},
		{"a gate that holds on an interrupted run", []string{good, interrupted, "--gate", "attempts == 0"}, exitInterrupted, "B was interrupted"},
		{"a gate that holds", []string{good, failed, "--gate", "attempts == 0"}, exitOK, "verdict: passed"},
		{"a gate that fails", []string{good, good, "--gate", "attempts == 1"}, exitFailed, "gate failed: attempts == 1: it was 0"},
		{"loads that cannot be compared", []string{good, good, "--gate", "attempts <= 1x"}, exitInvalid, "gate undecided: attempts <= 1x: it was 1x"},
		{"a failed gate beside an undecided one", []string{good, good, "--gate", "attempts <= 1x", "--gate", "attempts == 1"}, exitFailed, "verdict: failed"},
		{"a failed gate on an invalid run", []string{good, invalid, "--gate", "attempts == 1"}, exitInvalid, "gate failed: attempts == 1"},
		{"a gate on one run", []string{good, "--gate", "attempts == 1"}, exitFailed, "gate failed: attempts == 1: it was 0"},
		{"a factor without another run", []string{good, "--gate", "attempts <= 1x"}, exitUsage, "there is none here"},
		{"a gate that cannot be read", []string{good, good, "--gate", "attempts <= 1y"}, exitUsage, "--gate: "},
		{"a missing shard", []string{first, first}, exitUsage, "shard 1/2 is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := call(t, "", append([]string{"report"}, c.args...)...)
			if status != c.status || !strings.Contains(out+errs, c.says) {
				t.Errorf("status %d, want %d and %q\n%s%s", status, c.status, c.says, out, errs)
			}
		})
	}
}
