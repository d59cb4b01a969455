package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGatesOfARun(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer refusing.Close()
	gated := strings.Replace(goodStory, "steps:", "gates: [violations == 0, \"accepted >= 100%\"]\nsteps:", 1)
	folder := t.TempDir()
	for _, c := range []struct {
		name, story string
		args        []string
		status      int
		says        string
	}{
		{"a gate that holds", goodStory, []string{"--gate", "accepted == 9"}, exitOK, "1 of 1 gate"},
		{"a gate that fails", goodStory, []string{"--gate", "accepted > 9"}, exitFailed, "gate failed: accepted > 9: it was 9"},
		{"two that fail", goodStory, []string{"--gate", "accepted > 9", "--gate", "answer max < 1ns"}, exitFailed, "gate failed: answer max < 1ns: it was "},
		{"gates of the file", gated, []string{"--gate", "accepted >= 100%"}, exitOK, "2 of 2 gates passed"},
		{"gates of the file that fail", strings.Replace(gated, "== 0", "== 1", 1), nil, exitFailed, "gate failed: violations == 1: it was 0"},
		{"no data", goodStory, []string{"--gate", "lateness p99 < 1h"}, exitFailed, "gate failed: lateness p99 < 1h: there is no data"},
		{"quiet", goodStory, []string{"--gate", "accepted > 9", "--output", "quiet"}, exitFailed, "gate failed: accepted > 9"},
		{"a gate and a bad run", goodStory, []string{"--gate", "accepted > 9", "--retry-for", "0", "--to", refusing.URL}, exitFailed, "gate failed: accepted > 9: it was 0"},
		{"no verdict of somebody else's consumer", goodStory, []string{"--gate", "violations == 0", "--retry-for", "0", "--to", refusing.URL}, exitFailed, "violations == 0: there is no data"},
		{"a gate that allows everything", goodStory, []string{"--gate", "accepted >= 0%", "--retry-for", "0", "--to", refusing.URL}, exitOK,
			"judged by: gate accepted >= 0% (in place of: all valid notifications accepted)"},
		{"a gate about something else", goodStory, []string{"--gate", "latency p99 < 10s", "--retry-for", "0", "--to", refusing.URL}, exitFailed,
			"ringback: 9 of 9 valid notifications not accepted: "},
		{"a fraction", goodStory, []string{"--gate", "refused < 2.5"}, exitUsage, `--gate: "refused < 2.5", character 11: refused is a count: want a whole number, got "2.5"; write 2 or 3, or 2.5%`},
		{"a fraction in a file", strings.Replace(gated, "violations == 0", "violations < 0.5", 1), nil, exitScenario, "violations is a count"},
		{"a wrong gate", goodStory, []string{"--gate", "accepted => 9"}, exitUsage, `--gate: "accepted => 9", character 10: unknown comparison`},
		{"a wrong gate of a file", strings.Replace(gated, "violations", "violatons", 1), nil, exitScenario, `did you mean "violations"?`},
		{"a report of no known format", goodStory, []string{"--report", "report.txt"}, exitUsage, "want .json, .xml (JUnit), .md or .html"},
		{"a report in a missing folder", goodStory, []string{"--report", filepath.Join(folder, "no", "r.md")}, exitUsage, "r.md: no such file"},
		{"a report in place of a folder", goodStory, []string{"--report", folder + "/x.json"}, exitUsage, "x.json is a folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.MkdirAll(folder+"/x.json", 0o755); err != nil {
				t.Fatal(err)
			}
			status, out, errs := call(t, c.story, append([]string{"run", "-", "--speed", "max"}, c.args...)...)
			if status != c.status || !strings.Contains(out+errs, c.says) {
				t.Errorf("status = %d, want %d and %q\n%s%s", status, c.status, c.says, out, errs)
			}
		})
	}
}

func TestReportsAreWrittenWholeAndSayTheVerdict(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.json")
	if err := os.WriteFile(path, []byte("an older one"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ gate, verdict string }{{"accepted == 9", "passed"}, {"accepted == 8", "failed"}} {
		call(t, goodStory, "run", "-", "--speed", "max", "--seed", "7", "--output", "quiet", "--report", path, "--gate", c.gate)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Verdict   string
			Seed      uint64
			Scenarios []string
			Gates     []struct{ Gate, Was string }
			Flags     map[string]string
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if got.Verdict != c.verdict || got.Seed != 7 || len(got.Scenarios) != 1 || len(got.Gates) != 1 || got.Gates[0].Gate != c.gate || got.Flags["seed"] != "7" {
			t.Errorf("got %+v, want the verdict %q on %q", got, c.verdict, c.gate)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files are left, want the report alone", len(files))
	}
}

func TestHelpListsTheGates(t *testing.T) {
	status, out, _ := call(t, "", "help", "gates")
	if status != exitOK || !strings.Contains(out, "forgeries accepted") || !strings.Contains(out, "latency pN") {
		t.Errorf("status = %d, output %s; want the table", status, out)
	}
}
