package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The lines of docs/shards.md for other schedulers than Kubernetes and Slurm are well formed, and what they start plays
// shard 2 of 4 where the scheduler says so.
func TestTheLinesForSchedulersPlayTheShard(t *testing.T) {
	page, err := os.ReadFile("../../docs/shards.md")
	if err != nil {
		t.Fatal(err)
	}
	run := regexp.MustCompile(`(?:ringback |"|\[)run[" ,].*?(?:\]|\n)`)
	blank := strings.NewReplacer(`"`, "", ",", "", "[", "", "]", "", "'", "")
	seen := 0
	sections := map[string]map[string]string{
		"## In AWS Batch\n":     {"AWS_BATCH_JOB_ARRAY_INDEX": "2", "AWS_BATCH_JOB_ARRAY_SIZE": "4"},
		"## In Nomad\n":         {"NOMAD_ALLOC_INDEX": "2", "RINGBACK_SHARDS": "4"},
		"\nGitHub Actions has ": {"RINGBACK_SHARD": "2/4"},
		"\nGitLab CI:\n":        {"GITLAB_CI": "true", "CI_NODE_INDEX": "3", "CI_NODE_TOTAL": "4"},
		"\nCircleCI:\n":         {"CIRCLE_NODE_INDEX": "2", "CIRCLE_NODE_TOTAL": "4"},
		"\nBuildkite:\n":        {"BUILDKITE_PARALLEL_JOB": "2", "BUILDKITE_PARALLEL_JOB_COUNT": "4"},
		"\nAzure Pipelines:\n":  {"SYSTEM_JOBPOSITIONINPHASE": "3", "SYSTEM_TOTALJOBSINPHASE": "4"},
	}
	for _, variables := range sections { // those of whoever runs the tests
		for name := range variables {
			t.Setenv(name, "")
		}
	}
	for heading, variables := range sections {
		t.Run(strings.Trim(heading, "\n# :"), func(t *testing.T) {
			_, part, _ := strings.Cut(string(page), heading)
			block := blockForm.FindStringSubmatch(part)
			if block == nil {
				t.Fatal("no lines")
			}
			var document any
			if block[1] != "hcl" && yaml.Unmarshal([]byte(block[2]), &document) != nil {
				t.Errorf("no YAML:\n%s", block[2])
			}
			line := run.FindString(block[2])
			if line == "" {
				t.Fatalf("nothing runs in\n%s", block[2])
			}
			seen++
			for name, value := range variables {
				t.Setenv(name, value)
			}
			words := strings.Fields(strings.TrimPrefix(blank.Replace(line), "ringback "))
			status, out, errs := call(t, "", append(words, "--dry-run")...)
			if status != 0 || !strings.Contains(errs, ", shard 2/4\n") {
				t.Errorf("%v: status %d\n%s%s", words, status, out, errs)
			}
		})
	}
	if seen != len(regexp.MustCompile(`run"?,? "?steady-calls`).FindAll(page, -1)) {
		t.Errorf("%d lines were tried", seen)
	}
}
