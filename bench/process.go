package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that was started for a measurement.
type process struct {
	cmd  *exec.Cmd
	out  string // file with what it printed on standard output
	err  string // and on standard error
	done chan struct{}
}

// start runs a command on one core.
func (b *bench) start(ctx context.Context, core int, env, command []string) (*process, error) {
	return b.startAs(ctx, nil, core, env, command)
}

// startAs is start with attributes of the process.
func (b *bench) startAs(ctx context.Context, attr *syscall.SysProcAttr, core int, env, command []string) (*process, error) {
	args := append([]string{"-c", strconv.Itoa(core)}, command...)
	p := &process{cmd: exec.CommandContext(ctx, "taskset", args...), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Dir, p.cmd.SysProcAttr = b.work, attr
	out, err := os.CreateTemp(b.work, "out-")
	if err != nil {
		return nil, err
	}
	defer out.Close()
	wrong, err := os.CreateTemp(b.work, "err-")
	if err != nil {
		return nil, err
	}
	defer wrong.Close()
	p.out, p.err = out.Name(), wrong.Name()
	p.cmd.Stdout, p.cmd.Stderr = out, wrong
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(command, " "), err)
	}
	go func() { p.cmd.Wait(); close(p.done) }()
	return p, nil
}

// kill ends p at once and waits for it.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
	os.Remove(p.out)
	os.Remove(p.err)
}

// ended reports whether p has ended by itself.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// said is the end of what p printed, for errors.
func (p *process) said() string {
	out, _ := os.ReadFile(p.out)
	wrong, _ := os.ReadFile(p.err)
	text := bytes.TrimSpace(append(out, wrong...))
	return string(text[max(0, len(text)-600):])
}

// cpu is the CPU time, in user and system mode, that p and its children have used.
func (p *process) cpu() time.Duration { return cpuOf(p.cmd.Process.Pid) }

func cpuOf(pid int) time.Duration {
	sum := clockOf(pid) + waitedFor(pid)
	children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range children {
		text, _ := os.ReadFile(file)
		for _, child := range strings.Fields(string(text)) {
			if id, err := strconv.Atoi(child); err == nil {
				sum += cpuOf(id)
			}
		}
	}
	return sum
}

// waitedFor reads from /proc/PID/stat the times of children that have ended. The kernel tells them in
// hundredths of a second.
func waitedFor(pid int) (sum time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	for _, f := range fields[13:15] {
		n, _ := strconv.ParseInt(f, 10, 64)
		sum += time.Duration(n) * 10 * time.Millisecond
	}
	return sum
}

// switches is how often the kernel took a thread from its core.
type switches struct{ voluntary, forced uint64 }

func (s switches) all() uint64 { return s.voluntary + s.forced }

// switches are those of each thread of p.
func (p *process) switches() map[int]switches {
	all := map[int]switches{}
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", p.cmd.Process.Pid))
	for _, file := range files {
		text, err := os.ReadFile(file)
		thread, wrong := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && wrong == nil {
			all[thread] = switchesIn(string(text))
		}
	}
	return all
}

// switchesIn reads /proc/PID/task/TID/status.
func switchesIn(status string) (s switches) {
	for line := range strings.Lines(status) {
		fmt.Sscanf(line, "voluntary_ctxt_switches: %d", &s.voluntary)
		fmt.Sscanf(line, "nonvoluntary_ctxt_switches: %d", &s.forced)
	}
	return s
}

// memory reads resident set sizes from /proc/PID/status, in bytes: now, and the peak.
func (p *process) memory() (now, peak float64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
			now = kb * 1024
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kb); err == nil {
			peak = kb * 1024
		}
	}
	return now, peak
}

// keepAwake starts a process of idle priority on each of the two cores: virtual cores that
// fall asleep wake slowly. Linux shares cores among sessions before it looks at the priorities
// within them, so each is a session of its own, and that has the least share: else it would take
// half of a core from all others, the kernel's own workers included.
func (b *bench) keepAwake(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, core := range []int{clientCore, sinkCore} {
		p, err := b.startAs(ctx, ownSession(), core, []string{"GOMAXPROCS=1"}, []string{"chrt", "-i", "0", self, "--spin"})
		if err != nil {
			return err
		}
		b.spinners = append(b.spinners, p)
		if err := leastShare(ctx, p); err != nil {
			b.note("What keeps core %d awake takes a share from other programs: %v.", core, err)
		}
	}
	return nil
}

// leastShare gives the session of p the least share of a core, where the kernel shares cores among
// sessions. It lets only root do that more than once in a tenth of a second.
func leastShare(ctx context.Context, p *process) error {
	for range 5 {
		err := os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", p.cmd.Process.Pid), []byte("19"), 0)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if !errors.Is(err, syscall.EAGAIN) {
			return err
		}
		if err := wait(ctx, 150*time.Millisecond); err != nil {
			return err
		}
	}
	return syscall.EAGAIN
}

// wait sleeps for d unless ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
