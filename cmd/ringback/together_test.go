package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// All wrong values of one call are told in one answer, with the hint once, at the end.
func TestWrongValuesAreToldTogether(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none.pem")
	for _, c := range []struct {
		args string
		want []string
	}{
		{"run chat --connections 0 --waiting 0 --timeout 0s --speed zero --calls often --at soon --gate x --quiet --output json --control x --pprof y --to nowhere --header X",
			[]string{"--connections: want", "--waiting: want", "--timeout: want", "--speed: want", "--calls: want", "--at: want", "--gate: ", "--quiet", "--control: want", "--pprof: want", "--to: ", "--header: want"}},
		{"run chat --count many --engine steam --population 1.5 --connections 0 --output xml", []string{"--count: want a whole number", "--engine: want", "--population: want", "--connections: want", "--output: want", `see "ringback run --help"`}},
		{"run chat --count many --sped 2", []string{"--count: want", "unknown flag --sped", `see "ringback run --help"`}},
		{"run chat --count many --to", []string{"--count: want", "--to: the value is missing"}},
		{"run chat --to http://127.0.0.1:1 --cert NONE --key NONE --ca NONE", []string{"--ca: ", "--cert: "}},
		{"run chat --shard 9/4 --log a{shard} --speed zero", []string{"--shard: ", "--speed: "}},
		{"replay x --speed zero --start 2025-03-03T09:00:00Z --seed 7 --gate x --control x", []string{"--speed: ", "--start needs", "--seed needs", "--gate: ", "--control: "}},
		{"serve --timeout 0s --connections 0 --listen x --client-id a --propagation -1s", []string{"--timeout: ", "--connections: ", "--listen: ", "--client-id and --client-secret: ", "--propagation: "}},
		{"serve --speed fast --timeout 0s", []string{"--speed: ", "--timeout: "}},
		{"examine --within 0s --timeout 0s --assume foo --check foo,bar --state nowhere", []string{"--within", "--timeout", "--assume: ", "--to URL"}},
		{"receive --for soon --secret x --assume foo --latency x", []string{"--for: ", "--secret: ", "--assume: ", "--latency: "}},
		{"wait --for soon --to nowhere --header x", []string{"--for: ", "--to: ", "--header: "}},
		{"diff a b --rows some --ignore tiem", []string{"--rows: ", "--ignore: "}},
		{"plan chat --count many --calls often --summary --format json", []string{"--count: ", "--calls: ", "--summary and --format"}},
	} {
		status, out, errs := call(t, "", strings.Fields(strings.ReplaceAll(c.args, "NONE", none))...)
		if status != exitUsage || out != "" {
			t.Errorf("%s: status %d, output %q", c.args, status, out)
		}
		for _, want := range c.want {
			if strings.Count(errs, want) != 1 {
				t.Errorf("%s: says %d times %q:\n%s", c.args, strings.Count(errs, want), want, errs)
			}
		}
		if before, _, hint := strings.Cut(errs, "    see \"ringback "); hint && strings.Count(errs[len(before):], "\n") != 1 {
			t.Errorf("%s: the hint is not at the end:\n%s", c.args, errs)
		}
	}
	if status, out, errs := call(t, "", "run", "--count", "many", "--help"); status != exitOK || !strings.Contains(out, "Usage:") {
		t.Errorf("help beside a wrong value: status %d, %s", status, errs)
	}
}

func TestAnUnsetVariableInATargetsFileIsOneProblem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "targets.yaml")
	text := `targets: [{url: "http://127.0.0.1:1", secret: {env: RINGBACK_NO_SUCH_VARIABLE}}]`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	_, _, errs := call(t, "", "run", "chat", "--targets", path)
	if !strings.Contains(errs, "RINGBACK_NO_SUCH_VARIABLE is not set") || strings.Contains(errs, "got nothing") {
		t.Error(errs)
	}
}

// A problem names the variable that its value came from.
func TestProblemsNameTheVariable(t *testing.T) {
	for _, c := range []struct{ args, env, want string }{
		{"run chat", "RINGBACK_SPEED=fast", "ringback: RINGBACK_SPEED: want 0.001 to"},
		{"run chat", "RINGBACK_TO=nowhere", "ringback: RINGBACK_TO: "},
		{"run chat", "RINGBACK_CONNECTIONS=0", "ringback: RINGBACK_CONNECTIONS: want 1 to 10000"},
		{"run chat", "RINGBACK_COUNT=many", `ringback: RINGBACK_COUNT: want a whole number from 1 to 10000000000, got "many"`},
		{"run chat --count many", "RINGBACK_COUNT=7", `ringback: --count: want a whole number from 1 to 10000000000, got "many"`},
		{"run chat --events 5/s --for 1m", "RINGBACK_CALLS=5/s", "use only RINGBACK_CALLS or --events"},
		{"run chat", "RINGBACK_GATE=x", "ringback: RINGBACK_GATE: "},
		{"serve", "RINGBACK_LISTEN=x", "ringback: RINGBACK_LISTEN: want HOST:PORT"},
		{"plan chat", "RINGBACK_TYPES=foo.*", "ringback: RINGBACK_TYPES: "},
		{"run chat", "RINGBACK_QUIET=perhaps", `ringback: RINGBACK_QUIET: want true or false, got "perhaps"`},
	} {
		t.Run(c.env, func(t *testing.T) {
			name, value, _ := strings.Cut(c.env, "=")
			t.Setenv(name, value)
			status, _, errs := call(t, "", strings.Fields(c.args)...)
			if status != exitUsage || !strings.Contains(errs, c.want) || strings.Contains(errs, "--"+strings.ToLower(strings.TrimPrefix(name, "RINGBACK_"))) != strings.Contains(c.args, "--count") {
				t.Errorf("status %d, want %q:\n%s", status, c.want, errs)
			}
		})
	}
}

// Every command that a message names exists, and has the flags that stand behind it.
func TestWhatMessagesAdviseExists(t *testing.T) {
	root := newRoot(&program{stdio: stdio{&bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}}})
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, advice := range regexp.MustCompile("`ringback ([a-z][^`\n]*)`").FindAllStringSubmatch(string(source), -1) {
			found++
			words := strings.Fields(advice[1])
			cmd, _, err := root.Find(words[:1])
			if err != nil {
				t.Errorf("%s: %s: %v", file, advice[0], err)
				continue
			}
			for _, word := range words[1:] {
				if name, is := strings.CutPrefix(word, "--"); is && cmd.Flags().Lookup(name) == nil {
					t.Errorf("%s: %s: there is no flag %s", file, advice[0], word)
				}
			}
		}
	}
	if found < 8 {
		t.Errorf("found only %d", found)
	}
}
