package interop

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

// environment is what Kubernetes sets in the pod of a shard, changed by over.
func (c *cluster) environment(t *testing.T, shard int, over map[string]string) []string {
	t.Helper()
	all := []string{"PATH=" + os.Getenv("PATH"), "JOB_COMPLETION_INDEX=" + strconv.Itoa(shard)}
	box := c.job.Spec.Template.Spec.Containers[0]
	for _, from := range box.EnvFrom {
		for name, value := range c.maps[from.ConfigMapRef.Name].Data {
			all = append(all, name+"="+value)
		}
	}
	for _, v := range box.Env {
		if v.ValueFrom == nil || v.ValueFrom.SecretKeyRef == nil {
			t.Fatalf("%s does not come from a Secret", v.Name)
		}
		all = append(all, v.Name+"="+signature.DevelopmentSecret)
	}
	for name, value := range over {
		all = append(all, name+"="+value)
	}
	return all
}

// work is the folder in which a pod's program runs.
func (c *cluster) work(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	pod := c.job.Spec.Template.Spec
	if at := pod.Containers[0].VolumeMounts[0].MountPath; at != "/work" {
		t.Errorf("the scenarios are in %s, the program runs in /work", at)
	}
	for name, text := range c.maps[pod.Volumes[0].ConfigMap.Name].Data {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runIn runs the program as in a pod, and returns its exit status and what it printed.
func (r ringback) runIn(t *testing.T, dir string, env []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), string(r), args...)
	var out, log bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &out, &log
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), log.String()
}

// The command line and the environment of the pods are those of the real program, and together
// the pods play each conversation of the workload once.
func TestThePodsShareThePlan(t *testing.T) {
	c, err := kustomized(manifests(t), "/job")
	if err != nil {
		t.Fatal(err)
	}
	program, dir := build(t), c.work(t)
	args := append(c.job.Spec.Template.Spec.Containers[0].Args, "--dry-run")
	at := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
	over := map[string]string{"RINGBACK_TO": "http://127.0.0.1:9/", "RINGBACK_AT": at}

	would := regexp.MustCompile(`would send ([\d,]+) notifications of ([\d,]+) conversations`)
	total := [2]int{}
	count := func(status int, stdout, stderr string) (n [2]int) {
		found := would.FindStringSubmatch(stdout)
		if status != 0 || found == nil {
			t.Fatalf("status %d\n%s%s", status, stdout, stderr)
		}
		for i := range n {
			n[i], _ = strconv.Atoi(strings.ReplaceAll(found[i+1], ",", ""))
		}
		return n
	}
	shards := int(*c.job.Spec.Completions)
	for k := range shards {
		status, stdout, stderr := program.runIn(t, dir, c.environment(t, k, over), args...)
		n := count(status, stdout, stderr)
		if !strings.Contains(stderr, fmt.Sprintf("shard %d/%d", k, shards)) || !strings.Contains(stderr, "start "+at) {
			t.Errorf("shard %d says %s", k, stderr)
		}
		total[0] += n[0]
		total[1] += n[1]
	}
	whole := append([]string{}, args...)
	for i := range whole {
		if whole[i] == "auto" {
			whole[i] = "0/1"
		}
	}
	status, stdout, stderr := program.runIn(t, dir, c.environment(t, 0, over), whole...)
	if want := count(status, stdout, stderr); total != want || want[1] < 1000 {
		t.Errorf("the shards have %v notifications and conversations, the plan has %v", total, want)
	}
}

func TestAPodThatComesTooLateSaysSo(t *testing.T) {
	c, err := kustomized(manifests(t), "/job")
	if err != nil {
		t.Fatal(err)
	}
	over := map[string]string{"RINGBACK_TO": "http://127.0.0.1:9/"}
	status, stdout, stderr := build(t).runIn(t, c.work(t), c.environment(t, 0, over), c.job.Spec.Template.Spec.Containers[0].Args...)
	if fails := c.job.Spec.PodFailurePolicy.Rules[0].OnExitCodes.Values; status != 2 || fails[0] != 2 || stdout != "" || !strings.Contains(stderr, "RINGBACK_AT: ") || strings.Contains(stderr, "--start") {
		t.Errorf("status %d, want 2 and a word about RINGBACK_AT alone; the Job fails at %v\n%s%s", status, fails, stdout, stderr)
	}
}

// Every setting is a flag: a mistyped one would be ignored.
func TestEverySettingOfThePodsIsAFlag(t *testing.T) {
	c, err := kustomized(manifests(t), "/job")
	if err != nil {
		t.Fatal(err)
	}
	help := string(build(t).output(t, "run", "--help"))
	settings := c.maps[c.job.Spec.Template.Spec.Containers[0].EnvFrom[0].ConfigMapRef.Name].Data
	for name := range settings {
		flag := "--" + strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "RINGBACK_"), "_", "-"))
		if name != "RINGBACK_SHARDS" && !strings.Contains(help, flag+" ") {
			t.Errorf("%s is no flag of run", name)
		}
	}
	if len(settings) < 4 {
		t.Errorf("only %d settings", len(settings))
	}
}
