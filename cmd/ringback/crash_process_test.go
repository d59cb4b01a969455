package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox"
)

// crashPatience is how long anything may take that takes a part of a second.
const crashPatience = time.Minute

// sandboxProcess is a program of its own that serves.
type sandboxProcess struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed at the end

	errs bytes.Buffer

	mu      sync.Mutex
	out     bytes.Buffer
	console string
	found   chan struct{} // closed once console is known, or at the end
	once    sync.Once
}

// privateFolder is a folder that a sandbox takes for its state.
func privateFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

// startSandbox starts one on the state of a folder. A day of retries takes it five minutes.
func startSandbox(t *testing.T, folder string) *sandboxProcess {
	t.Helper()
	p := &sandboxProcess{ended: make(chan struct{}), found: make(chan struct{})}
	p.cmd = exec.Command("ringback", "serve", "--data", folder, "--listen", "127.0.0.1:0", "--speed", "300")
	p.cmd.Stdout, p.cmd.Stderr = (*sandboxOutput)(p), &p.errs
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in ProcessState
		p.once.Do(func() { close(p.found) })
		close(p.ended)
	}()
	return p
}

// sandboxOutput looks for the URL in what the program prints.
type sandboxOutput sandboxProcess

func (o *sandboxOutput) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.out.Write(b)
	if m := consoleURL.FindSubmatch(o.out.Bytes()); m != nil {
		o.console = string(m[1])
		o.once.Do(func() { close(o.found) })
	}
	return len(b), nil
}

var consoleURL = regexp.MustCompile(`console +(http://127\.0\.0\.1:[0-9]+)/\n`)

// url waits until the program serves. It is empty if it ended before.
func (p *sandboxProcess) url(t *testing.T) string {
	select {
	case <-p.found:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.console
	case <-time.After(crashPatience):
		t.Error("the sandbox does not say where it is")
		return ""
	}
}

// kill kills the program when it is due.
func (p *sandboxProcess) kill(t *testing.T, due <-chan struct{}) {
	t.Helper()
	select {
	case <-due:
	case <-p.ended:
		t.Errorf("the sandbox ended by itself: %v\n%s", p.cmd.ProcessState, &p.errs)
		return
	case <-time.After(crashPatience):
		t.Error("there is no progress")
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	<-p.ended
}

// interrupt lets the program end well.
func (p *sandboxProcess) interrupt(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	select {
	case <-p.ended:
	case <-time.After(crashPatience):
		_ = p.cmd.Process.Kill()
		<-p.ended
		t.Error("the sandbox had to be killed in the end")
	}
	if p.cmd.ProcessState.ExitCode() != exitOK {
		t.Errorf("the sandbox ended with %v, want status 0\n%s", p.cmd.ProcessState, &p.errs)
	}
}

// checkFile lets the database look for faults of its own.
func checkFile(t *testing.T, folder string) {
	t.Helper()
	if err := sandbox.Check(context.Background(), folder); err != nil {
		t.Errorf("the file is damaged: %v", err)
	}
}
