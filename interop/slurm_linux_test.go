package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// idOf is the ID of a notification.
func idOf(body []byte) string {
	var n struct{ ID string }
	_ = json.Unmarshal(body, &n) // an empty ID is in no plan
	return n.ID
}

// arrivals are the notifications that come from the tasks of an array, of which one is killed on the way.
type arrivals struct {
	consumer http.Handler
	victim   map[string]bool // the notifications of the task that is to be killed
	kill     func()

	mu     sync.Mutex
	bodies map[string][]string // by ID, in the order of arrival
	before map[string]bool     // of the task, before it was killed
}

// enough is how many notifications of the task arrive before it is killed: some of its conversations have begun, and none has ended.
const enough = 50

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // a request of the task that is being killed
	}
	a.take(string(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	a.consumer.ServeHTTP(w, r)
}

// take notes a notification. While the task is killed no other arrives, so that it cannot end first.
func (a *arrivals) take(body string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := idOf([]byte(body))
	a.bodies[id] = append(a.bodies[id], body)
	if a.victim[id] && len(a.before) < enough {
		a.before[id] = true
		if len(a.before) == enough {
			a.kill()
		}
	}
}

// killTask kills the program in the running task of an array.
func killTask(t *testing.T, program ringback, task int) {
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Error(err)
	}
	for _, dir := range processes {
		if exe, err := os.Readlink(dir + "/exe"); err != nil || exe != string(program) {
			continue
		}
		environ, err := os.ReadFile(dir + "/environ")
		if err != nil || !strings.Contains("\x00"+string(environ), fmt.Sprintf("\x00SLURM_ARRAY_TASK_ID=%d\x00", task)) {
			continue
		}
		id, err := strconv.Atoi(filepath.Base(dir))
		if err == nil {
			err = syscall.Kill(id, syscall.SIGKILL)
		}
		if err != nil {
			t.Error(err)
		}
		return
	}
	t.Errorf("task %d does not run", task)
}

// A real Slurm plays the shards. It requeues the task that was killed, which sends the same notifications again, and none is lost.
func TestSlurmPlaysTheShards(t *testing.T) {
	t.Parallel()
	const shards, victim = 4, 2
	cluster, program := startSlurm(t), build(t)
	planned := make([]map[string]string, shards) // bodies by ID
	settings := []string{"--seed", "7", "--start", start}
	for k := range planned {
		planned[k] = map[string]string{}
		out := program.output(t, append([]string{"plan", "steady-calls", "--format", "ndjson", "--shard", fmt.Sprintf("%d/%d", k, shards)}, settings...)...)
		for line := range bytes.Lines(out) {
			planned[k][idOf(line)] = string(bytes.TrimSpace(line))
		}
	}
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	consumer := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
	a := &arrivals{consumer: consumer, bodies: map[string][]string{}, before: map[string]bool{}, victim: map[string]bool{}}
	for id := range planned[victim] {
		a.victim[id] = true
	}
	a.kill = func() { killTask(t, program, victim) }
	server := httptest.NewServer(a)
	defer server.Close()

	dir := t.TempDir()
	script, err := filepath.Abs(jobScript)
	if err != nil {
		t.Fatal(err)
	}
	env := append(program.named(t), "SLURM_CONF="+cluster.path("slurm.conf"), "RINGBACK_TO="+server.URL, "RINGBACK_START="+start)
	job := strings.TrimSpace(cluster.command(t, dir, env, "sbatch", "--parsable", script, "steady-calls", "--speed", "max"))
	task := fmt.Sprintf("%s_%d", job, victim)
	await(t, "the tasks to end", func() bool {
		if cluster.says(task+" BeginTime\n", "squeue", "-h", "-r", "-t", "PENDING", "-o", "%i %r") {
			// Slurm lets a requeued task wait for two minutes, until what it gave the first one has run out.
			cluster.command(t, dir, nil, "scontrol", "update", "JobId="+task, "StartTime=now")
		}
		return cluster.idle()
	})

	logs, _ := filepath.Glob(filepath.Join(dir, "ringback-*.log"))
	defer func() {
		for _, name := range logs {
			if text, err := os.ReadFile(name); t.Failed() {
				t.Logf("%s: %v\n%.3000s", name, err, text)
			}
		}
	}()
	a.check(t, planned, victim)
	if ended := cluster.command(t, dir, nil, "scontrol", "show", "job", "-o", task); !strings.Contains(ended, " Restarts=1 ") || !strings.Contains(ended, "JobState=COMPLETED") || len(logs) != shards {
		t.Errorf("%d logs, and\n%s", len(logs), ended)
	}
	merged(t, program, dir, len(a.bodies))
	cluster.numbersTasks(t, env)
}

// numbersTasks submits arrays of which each task tells its shard, or why it has none.
func (s *slurm) numbersTasks(t *testing.T, env []string) {
	t.Helper()
	script, err := filepath.Abs(jobScript)
	if err != nil {
		t.Fatal(err)
	}
	const gaps, one = "the Slurm array has gaps: 4 tasks, numbered from 0 to ", "an array of one task may be one shard or the whole plan"
	arrays := map[string]map[int]string{ // by what is written, then by the number of the task
		"0-12:4":    {0: ", shard 0/4\n", 4: ", shard 1/4\n", 8: ", shard 2/4\n", 12: ", shard 3/4\n"},
		"5-6%1":     {5: ", shard 0/2\n", 6: ", shard 1/2\n"},
		"0,1,5,7":   {0: gaps, 1: gaps, 5: gaps, 7: gaps},
		"0-1,2-5:3": {0: gaps, 1: gaps, 2: gaps, 5: gaps},
		"2":         {2: one},
	}
	logs := map[string]string{}
	for array := range arrays {
		dir := t.TempDir()
		job := s.command(t, dir, env, "sbatch", "--parsable", "--array="+array, "--cpus-per-task=1", script, "inbound-call", "--count", "40", "--dry-run")
		logs[array] = filepath.Join(dir, "ringback-"+strings.TrimSpace(job))
	}
	await(t, "the arrays to end", s.idle)
	for array, tasks := range arrays {
		for number, want := range tasks {
			if text, err := os.ReadFile(fmt.Sprintf("%s-%d.log", logs[array], number)); err != nil || !strings.Contains(string(text), want) {
				t.Errorf("task %d of %s: %v, %s; want %q", number, array, err, text, want)
			}
		}
	}
}

// check compares what has arrived with the plan.
func (a *arrivals) check(t *testing.T, planned []map[string]string, victim int) {
	t.Helper()
	total, wrong := 0, 0
	for k := range planned {
		total += len(planned[k])
		for id, body := range planned[k] {
			got := a.bodies[id]
			least, most := 1, 1
			if k == victim {
				most = 2
			}
			if a.before[id] {
				least = 2
			}
			if len(got) >= least && len(got) <= most && !slices.ContainsFunc(got, func(b string) bool { return b != body }) {
				continue
			}
			if wrong++; wrong <= 3 {
				t.Errorf("of shard %d arrived %q, want %d to %d times\n%s", k, got, least, most, body)
			}
		}
	}
	if wrong > 0 || len(a.bodies) != total || total < 1000 || len(a.before) != enough {
		t.Errorf("%d wrong; %d notifications arrived, %d before the task was killed; want the %d planned and %d", wrong, len(a.bodies), len(a.before), total, enough)
	}
}

// merged merges the reports of the shards, which must be all of one plan.
func merged(t *testing.T, program ringback, dir string, notifications int) {
	t.Helper()
	reports, err := filepath.Glob(filepath.Join(dir, "shard-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	out := ungrouped(string(program.output(t, append([]string{"report"}, reports...)...)))
	if want := fmt.Sprintf("%d of %d notifications accepted", notifications, notifications); !strings.Contains(out, want) || !strings.Contains(out, "\n4 shards, merged") {
		t.Errorf("want %q in\n%s", want, out)
	}
}
