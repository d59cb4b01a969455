//go:build unix

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// restartable is a consumer in a process of its own: a script writes the number of its process to a file, and becomes it.
func restartable(t *testing.T) (url, script, pidFile string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	pidFile, script = filepath.Join(dir, "pid"), filepath.Join(dir, "start.sh")
	text := fmt.Sprintf("#!/bin/sh\necho $$ > %s\nexec ringback receive --listen %s > /dev/null 2>&1\n", pidFile, address)
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (&killer{restart: []string{script}}).execute(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := pidIn(t, pidFile); n > 1 {
			_ = syscall.Kill(n, syscall.SIGKILL)
		}
	})
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return "http://" + address, script, pidFile
		}
	}
	t.Fatal("the consumer does not listen")
	return "", "", ""
}

func pidIn(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}

// ringback kills a real process in the middle of a request, starts it again, and goes on.
func TestExamineKillsTheConsumer(t *testing.T) {
	t.Parallel()
	url, script, pidFile := restartable(t)
	before := pidIn(t, pidFile)
	status, stdout, stderr := call(t, "", "examine", "--to", url, "--pid", pidFile, "--restart", script, "--check", "crash/within-2ms/first,crash/within-5ms/first", "--budget", "2m")
	if after := pidIn(t, pidFile); status != exitOK || after == before || after == 0 {
		t.Errorf("status %d, process %d before and %d after\n%s%s", status, before, after, stdout, stderr)
	}
}

// Who kills something else, or nothing, has not tested what a crash shows.
func TestExamineSeesWhetherTheConsumerEnds(t *testing.T) {
	t.Parallel()
	url := newCounting(t, true)
	status, stdout, stderr := call(t, "", "examine", "--to", url, "--state", url+"/calls/{conversationId}", "--restart", "true", "--check", "store-before-answer", "--budget", "3m")
	if status != exitUsage || !strings.Contains(stdout+stderr, "store-before-answer could not be tested: the consumer was never seen to end") ||
		strings.Contains(stdout, "failed:") || strings.Contains(stderr, "whole-or-nothing") { // nobody asked for it
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// Nothing is said of a consumer that could not be started again.
func TestExamineEndsWhereTheRestartFails(t *testing.T) {
	url := newCounting(t, true)
	status, stdout, stderr := call(t, "", "examine", "--to", url, "--state", url+"/calls/{conversationId}", "--restart", "false", "--check", "store-before-answer", "--budget", "3m")
	if status != exitUsage || !strings.Contains(stderr, "the examination ended early: the consumer was not killed and started again: --restart: false: exit status 1") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// A number is good for one kill: the next process has another one, and a stranger may get this one.
func TestANumberIsKilledOnce(t *testing.T) {
	sleeping := exec.Command("sleep", "60")
	if err := sleeping.Start(); err != nil {
		t.Fatal(err)
	}
	k := &killer{pid: strconv.Itoa(sleeping.Process.Pid)}
	if err := k.check(); err != nil {
		t.Error(err)
	}
	if err := k.kill(t.Context()); err != nil {
		t.Error(err)
	}
	if err := sleeping.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the process ended with %v", err)
	}
	if err := k.kill(t.Context()); err == nil || !strings.Contains(err.Error(), "has been killed already") {
		t.Errorf("killed again: %v", err)
	}
}

// What is started before the one that was killed is gone cannot listen, and what connects reaches the one that dies.
func TestARestartComesAfterTheEnd(t *testing.T) {
	for name, reaped := range map[string]bool{"reaped": true, "a zombie": false} {
		dir := t.TempDir()
		sleeping := exec.Command("sleep", "60")
		if err := sleeping.Start(); err != nil {
			t.Fatal(err)
		}
		if reaped {
			go func() { _ = sleeping.Wait() }()
		} else {
			t.Cleanup(func() { _ = sleeping.Wait() })
		}
		pid := sleeping.Process.Pid
		k := &killer{pid: strconv.Itoa(pid), restart: []string{"sh", "-c", fmt.Sprintf("ps -o stat= -p %d > %s/left || true", pid, dir)}}
		if err := k.kill(t.Context()); err != nil {
			t.Error(name, err)
		}
		left, err := os.ReadFile(filepath.Join(dir, "left"))
		if state := strings.TrimSpace(string(left)); err != nil || state != "" && state[0] != 'Z' {
			t.Errorf("%s: when the command began, the process was %q, %v", name, state, err)
		}
	}
}

// The process that was killed may hold its port for a moment: the command fails then, and is tried again.
func TestARestartIsTriedAgain(t *testing.T) {
	k := &killer{pid: "any", foreground: time.Minute, restart: []string{"sh", "-c", "test -e left || { touch left; echo the port is in use >&2; exit 1; }"}}
	t.Chdir(t.TempDir())
	if err := k.start(t.Context()); err != nil {
		t.Error(err)
	}
	k.restart = []string{"sh", "-c", "echo no such consumer >&2; exit 1"}
	if err := k.start(t.Context()); err == nil || !strings.Contains(err.Error(), "no such consumer") {
		t.Errorf("a command that always fails: %v", err)
	}
}

func TestRestartsThatFail(t *testing.T) {
	for command, want := range map[string]string{
		"ls /no/such/folder":      "/no/such/folder",
		"sh /no/such/script here": "/no/such/script",
	} {
		words := strings.Fields(command)
		err := (&killer{restart: words}).execute(t.Context(), 0)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", command, err, want)
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := (&killer{restart: []string{"sleep", "60"}}).execute(ctx, 0); err == nil {
		t.Error("a command that does not end was waited for to its end")
	}
}
