package main

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// suspendedRun is a run as the control API tells it.
type suspendedRun struct{ ID, State, Reason string }

// A run that is going when the sandbox is killed goes on at the next start. Killed again, the sandbox starts with
// the run paused, says so everywhere, and goes on when somebody wants it to.
func TestARunThatWasGoingAtTwoKillsStartsPaused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no interrupts between processes here")
	}
	t.Parallel()
	a := &crashActor{consumer: newCrashConsumer(t)}
	folder := privateFolder(t)
	now := make(chan struct{})
	close(now)
	p := startSandbox(t, folder)
	var run suspendedRun
	body := map[string]any{"scenario": "inbound-call-with-hold", "seed": 1, "options": map[string]any{"count": 1000, "calls": "1/s"}}
	if status := a.ask(t, "POST", p.url(t)+"/sandbox/v1/runs", body, &run); status != http.StatusCreated {
		t.Fatalf("status %d", status)
	}
	path := "/sandbox/v1/runs/" + run.ID
	p.kill(t, now)
	p = startSandbox(t, folder)
	if get(t, p.url(t)+path, &run); run.State != "running" || run.Reason != "" {
		t.Fatalf("after one kill it is %+v, want running", run)
	}
	p.kill(t, now)

	p = startSandbox(t, folder)
	if get(t, p.url(t)+path, &run); run.State != "paused" || !strings.Contains(run.Reason, "died 2 times") {
		t.Fatalf("after two kills it is %+v, want paused, with the reason", run)
	}
	p.interrupt(t) // an orderly end forgets nothing of it
	if said := p.errs.String(); !strings.Contains(said, "run "+run.ID+" (inbound-call-with-hold) starts paused: ") || !strings.Contains(said, path+"/resume") {
		t.Errorf("the terminal says %q", said)
	}

	p = startSandbox(t, folder)
	var again, resumed suspendedRun
	if get(t, p.url(t)+path, &again); again != run {
		t.Fatalf("after another start it is %+v, want %+v", again, run)
	}
	if a.ask(t, "POST", p.url(t)+path+"/resume", nil, &resumed); resumed.State != "running" || resumed.Reason != "" {
		t.Fatalf("resumed, it is %+v", resumed)
	}
	p.kill(t, now)
	p = startSandbox(t, folder)
	if get(t, p.url(t)+path, &run); run.State != "running" {
		t.Errorf("one kill after it was resumed it is %+v, want running", run)
	}
	p.interrupt(t)
}
