package main

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/plan"
)

func TestFilesAreNamedAfterTheShard(t *testing.T) {
	f := runFlags{sendingFlags: sendingFlags{result: resultFlags{log: "rows-{shard}.jsonl"}, report: reportFlags{files: []string{"{shard}/{shard}.json", "all.html"}}}}
	if err := f.nameShards(plan.Shard{Index: 3, Of: 4}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(append(f.report.files, f.result.log), " "), "3/3.json all.html rows-3.jsonl"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, shared := range []sendingFlags{{result: resultFlags{log: "{shard}"}}, {report: reportFlags{files: []string{"{shard}.json"}}}} {
		f := runFlags{sendingFlags: shared}
		if err := f.nameShards(plan.Shard{}); err == nil {
			t.Errorf("%v names a shard where there is none", f)
		}
	}
}
