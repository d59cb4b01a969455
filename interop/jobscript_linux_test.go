package interop

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// jobScript is what users submit to Slurm.
const jobScript = "../deploy/slurm/ringback.sbatch"

// task starts the job script as Slurm does in a task of an array of four, in a process group of its own.
func task(t *testing.T, env []string, number int, args ...string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	script, err := filepath.Abs(jobScript)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", append([]string{script}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(slices.Clone(env), fmt.Sprintf("SLURM_ARRAY_TASK_ID=%d", number), "SLURM_ARRAY_TASK_COUNT=4", "SLURM_ARRAY_TASK_MIN=0",
		"SLURM_ARRAY_TASK_MAX=3", "SLURM_ARRAY_TASK_STEP=1", "SLURM_PROCID=0", "SLURM_JOB_ID=7")
	ownGroup(cmd)
	return cmd
}

// planOf is what a run tells of its plan at the beginning.
var planOf = regexp.MustCompile(`seed \d+, start \S+, plan \w+`)

func TestTheJobScriptOfSlurm(t *testing.T) {
	env := build(t).named(t)
	t.Run("a requeued task keeps its plan", func(t *testing.T) { requeuedKeepsItsPlan(t, env) })
	t.Run("a requeued task keeps a moment that is to come", keepsAMoment)
	t.Run("a cancelled task reports", func(t *testing.T) { cancelledReports(t, env) })
	t.Run("without a moment there is no common start", func(t *testing.T) {
		out, err := task(t, append(slices.Clone(env), "RINGBACK_AT=", "RINGBACK_START="), 0, "steady-calls", "--dry-run").CombinedOutput()
		if err == nil || !strings.Contains(string(out), "shards without a common start play different plans") {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// requeuedKeepsItsPlan lets tasks be played again, an hour after the moment of the run: they play their parts of the same plan.
func requeuedKeepsItsPlan(t *testing.T, env []string) {
	at := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	env = append(slices.Clone(env), "RINGBACK_AT="+at, "RINGBACK_TO=http://127.0.0.1:9/")
	plans := map[string]bool{}
	for k := range 4 {
		out, err := task(t, append(slices.Clone(env), "SLURM_RESTART_COUNT=1"), k, "inbound-call", "--count", "20", "--dry-run").CombinedOutput()
		if said := string(out); err != nil || !strings.Contains(said, fmt.Sprintf("shard %d/4", k)) || !strings.Contains(said, "start "+at) {
			t.Errorf("task %d: %v\n%s", k, err, said)
		}
		plans[planOf.FindString(string(out))] = true
	}
	if len(plans) != 1 || plans[""] {
		t.Errorf("the tasks have the plans %v", plans)
	}
	first := task(t, env, 0, "steady-calls", "--dry-run")
	if out, err := first.CombinedOutput(); first.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "RINGBACK_AT: ") {
		t.Errorf("a task that comes an hour late: %v\n%s", err, out)
	}
}

// keepsAMoment requeues tasks before and after the moment of the run, with a program that prints it.
func keepsAMoment(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "ringback"), []byte("#!/bin/sh\necho \"${RINGBACK_AT-none} $*\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	env := []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "SLURM_RESTART_COUNT=1"}
	past, future := "2025-03-03T09:00:00Z", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	for at, want := range map[string]string{past: "none", future: future, "": "none"} {
		out, err := task(t, append(slices.Clone(env), "RINGBACK_AT="+at), 0).CombinedOutput()
		if said := string(out); err != nil || said != want+" run steady-calls --shard auto --report shard-{shard}.json\n" {
			t.Errorf("with %q: %v, %s; want %s", at, err, said, want)
		}
	}
}

// cancelledReports signals the shell and the program alike, as Slurm does when a job is cancelled or its time is over: there is a report.
func cancelledReports(t *testing.T, env []string) {
	arrived := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		select {
		case arrived <- struct{}{}:
		default:
		}
	}))
	defer server.Close()
	cmd := task(t, append(slices.Clone(env), "RINGBACK_TO="+server.URL, "RINGBACK_START="+start), 1)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer killGroup(cmd)
	select {
	case <-arrived:
	case <-time.After(time.Minute):
		t.Fatalf("nothing arrived\n%s", out.Bytes())
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if _, missed := os.Stat(filepath.Join(cmd.Dir, "shard-1.json")); missed != nil || cmd.ProcessState.ExitCode() < 1 {
		t.Errorf("%v, %v\n%s", err, missed, out.Bytes())
	}
}
