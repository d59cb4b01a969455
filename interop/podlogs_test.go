package interop

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// kubectl stands in for the real one: its logs of a shard are a file.
const kubectl = `#!/bin/sh
for last; do :; done
exec cat "$LOGS/${last##*=}.log"
`

// The commands of docs/shards.md get whole reports out of the logs of the pods, in which both
// outputs of the program are one.
func TestTheReportsComeOutOfTheLogs(t *testing.T) {
	for _, name := range []string{"bash", "sed", "seq"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(err)
		}
	}
	page, err := os.ReadFile("../docs/shards.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^ *```bash title=\"reports\"\n(.*?)^ *```$").FindSubmatch(page)
	if block == nil {
		t.Fatal("docs/shards.md has no block titled reports")
	}
	// At speed max, nothing can be late, and a gate on lateness fails.
	c, err := kustomized(manifests(t, [3]string{"job/workload.yaml", "gates:", "# gates:"}), "/job")
	if err != nil {
		t.Fatal(err)
	}
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	consumer := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
	server := httptest.NewServer(consumer)
	defer server.Close()

	program, bin, logs := build(t), t.TempDir(), t.TempDir()
	env := append(program.named(t), "LOGS="+logs)
	play(t, &c, program, server.URL, logs)
	if err := os.WriteFile(filepath.Join(bin, "kubectl"), []byte(kubectl), 0o700); err != nil {
		t.Fatal(err)
	}
	for i, v := range env {
		if path, ok := strings.CutPrefix(v, "PATH="); ok {
			env[i] = "PATH=" + bin + string(os.PathListSeparator) + path
		}
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", string(block[1]))
	cmd.Dir, cmd.Env = t.TempDir(), env
	out, err := cmd.CombinedOutput()
	got := consumer.Report()
	if want := fmt.Sprintf("%d of %d notifications accepted", got.Accepted, got.Accepted); err != nil || got.Accepted < 100 || !strings.Contains(ungrouped(string(out)), want) {
		t.Errorf("%v, want %q in\n%s", err, want, out)
	}
}

// ungrouped is text without the commas in its numbers.
func ungrouped(text string) string {
	return regexp.MustCompile(`(\d),(\d{3})`).ReplaceAllString(text, "$1$2")
}

// play plays a short part of the workload as the pods do, one after the other, and writes what
// each says to a file.
func play(t *testing.T, c *cluster, program ringback, to, logs string) {
	t.Helper()
	args := slices.Clone(c.job.Spec.Template.Spec.Containers[0].Args)
	args[slices.Index(args, "--metrics")+1] = "127.0.0.1:0"
	dir := c.work(t)
	for k := range int(*c.job.Spec.Completions) {
		cmd := exec.CommandContext(t.Context(), string(program), args...)
		cmd.Dir = dir
		cmd.Env = c.environment(t, k, map[string]string{"RINGBACK_TO": to, "RINGBACK_SPEED": "max", "RINGBACK_COUNT": "60",
			"RINGBACK_START": "2025-03-03T09:00:00Z", "RINGBACK_AT": time.Now().UTC().Format(time.RFC3339Nano)})
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("shard %d: %v\n%s", k, err, out)
		}
		if err := os.WriteFile(filepath.Join(logs, fmt.Sprintf("%d.log", k)), out, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
