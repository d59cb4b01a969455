package interop

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringback/ringback/interop/internal/ports"
)

// slurmConf configures one node on the loopback interface, which pretends to have the processors that four tasks of the job script
// ask for. All daemons are whoever runs the test, and keep their state in %[1]s. A task that was killed is requeued.
const slurmConf = `ClusterName=ringback
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=%[2]d
SlurmdPort=%[3]d
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=%[4]d
SlurmdUser=%[4]d
AuthType=auth/munge
AuthInfo=socket=%[1]s/munge.socket
StateSaveLocation=%[1]s/state
SlurmdSpoolDir=%[1]s/spool
SlurmctldPidFile=%[1]s/slurmctld.pid
SlurmdPidFile=%[1]s/slurmd.pid
PlugStackConfig=%[1]s/plugstack.conf
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SchedulerParameters=batch_sched_delay=0,sched_interval=1
RequeueExit=137
SlurmdParameters=config_overrides
NodeName=localhost NodeAddr=127.0.0.1 Port=%[3]d CPUs=8 RealMemory=4096 State=UNKNOWN
PartitionName=all Nodes=localhost Default=YES State=UP
`

// slurm is a cluster of one node.
type slurm struct {
	dir     string // all that it writes
	env     []string
	daemons []*daemon
}

// daemon is a process of the cluster, which runs in the foreground.
type daemon struct {
	cmd *exec.Cmd
	log bytes.Buffer
}

// startSlurm starts a cluster for the rest of the test. It needs Slurm's programs; without them the test is skipped, or fails
// where RINGBACK_REQUIRE names slurm.
func startSlurm(t *testing.T) *slurm {
	t.Helper()
	for _, name := range []string{"munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "sinfo"} {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, "slurm", err.Error())
		}
	}
	s := &slurm{dir: t.TempDir()}
	s.env = append(os.Environ(), "SLURM_CONF="+s.path("slurm.conf"))
	key := make([]byte, 128)
	_, _ = rand.Read(key) // it never fails
	conf := fmt.Sprintf(slurmConf, s.dir, ports.Between(t, 28_000, 28_500), ports.Between(t, 28_500, 29_000), os.Geteuid())
	for name, text := range map[string]string{"key": string(key), "slurm.conf": conf, "plugstack.conf": ""} {
		if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"state", "spool"} {
		if err := os.Mkdir(s.path(name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { s.end(t) })
	// The folder above the socket is closed to others, which munged takes for a mistake but with --force.
	s.daemon(t, "munged", "--foreground", "--force", "--num-threads=1", "--key-file="+s.path("key"), "--socket="+s.path("munge.socket"),
		"--pid-file="+s.path("munged.pid"), "--log-file="+s.path("munged.log"), "--seed-file="+s.path("munged.seed"))
	await(t, "munged to listen", func() bool { _, err := os.Stat(s.path("munge.socket")); return err == nil })
	s.daemon(t, "slurmctld", "-D", "-i")
	s.daemon(t, "slurmd", "-D")
	await(t, "the node to be idle", func() bool { return s.says("idle\n", "sinfo", "-h", "-o", "%T") })
	return s
}

func (s *slurm) path(name string) string { return filepath.Join(s.dir, name) }

// daemon starts a process that ends with the test, even where the test has no time to end it.
func (s *slurm) daemon(t *testing.T, args ...string) {
	t.Helper()
	d := &daemon{cmd: exec.Command(args[0], args[1:]...)}
	d.cmd.Env, d.cmd.Stdout, d.cmd.Stderr = s.env, &d.log, &d.log
	d.cmd.WaitDelay = time.Second // what it has started may hold its outputs open
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.daemons = append(s.daemons, d)
}

// end ends the tasks, and when their steps have told so, the daemons.
func (s *slurm) end(t *testing.T) {
	if s.running() && !s.idle() && s.says("", "scancel", "--user", fmt.Sprint(os.Geteuid())) && !waits(s.idle) {
		t.Error("the tasks do not end")
	}
	for _, d := range slices.Backward(s.daemons) {
		_ = d.cmd.Process.Signal(syscall.SIGTERM)
		timer := time.AfterFunc(10*time.Second, func() { _ = d.cmd.Process.Kill() })
		_ = d.cmd.Wait()
		timer.Stop()
		if t.Failed() {
			t.Logf("%s\n%.4000s", d.cmd.Args[0], &d.log)
		}
	}
}

// command runs one of Slurm's, which must succeed.
func (s *slurm) command(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(slices.Clone(s.env), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// says reports whether one of Slurm's commands succeeds and prints this. It may fail while the daemons start.
func (s *slurm) says(want string, args ...string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = s.env
	out, err := cmd.Output()
	return err == nil && string(out) == want
}

// idle reports whether there is no task, neither running nor waiting.
func (s *slurm) idle() bool { return s.says("", "squeue", "-h") }

// running reports whether all daemons were started.
func (s *slurm) running() bool { return len(s.daemons) == 3 }

// await waits until something holds, however slow the machine is.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	if !waits(holds) {
		t.Fatalf("waited in vain for %s", what)
	}
}

// waits waits until something holds, and reports whether it does within two minutes.
func waits(holds func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
	return true
}
