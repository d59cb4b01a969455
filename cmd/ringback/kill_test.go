package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/mischief"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// killSeed decides when each sender is killed.
const killSeed = 1

// kill is one sender, a process of its own, and how it ends.
type kill struct {
	signals []os.Signal
	after   uint64 // requests
	speed   string
	answers string // of the consumer
	timeout string
}

// kills are fifty, in turn interrupted, interrupted twice and killed outright.
func kills() []kill {
	src := seeded.From(killSeed).Source()
	var all []kill
	for i := range 50 {
		k := kill{after: 1 + src.Below(400), speed: []string{"max", "300"}[src.Below(2)], timeout: "1m"}
		k.answers = []string{"200", "503 x1, 200", "503 x3, 200"}[src.Below(3)]
		switch i % 3 {
		case 0:
			k.signals = []os.Signal{os.Interrupt}
		case 1: // some requests would keep the first interrupt waiting
			k.signals, k.answers, k.timeout = []os.Signal{os.Interrupt, os.Interrupt}, "200 97%, hang 3%", "1h"
		case 2:
			k.signals = []os.Signal{os.Kill}
		}
		all = append(all, k)
	}
	return all
}

func TestASenderThatIsKilledLeavesTheTruth(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no interrupts between processes here")
	}
	t.Parallel()
	for i, k := range kills() {
		t.Run(fmt.Sprintf("%d: %v after %d requests at speed %s", i, k.signals, k.after, k.speed), func(t *testing.T) {
			t.Parallel()
			k.check(t, uint64(i))
		})
	}
}

func (k kill) check(t *testing.T, seed uint64) {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := mischief.Parse(k.answers)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	got := map[string]bool{}
	rec := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}, On: func(j receiver.Judgement) {
		mu.Lock()
		defer mu.Unlock()
		got[j.Event.ID.String()] = true
	}})
	naughty := mischief.New(rec, mischief.Options{Answers: answers, Seed: seed})
	var requests atomic.Uint64
	reached := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if requests.Add(1) == k.after {
			close(reached)
		}
		naughty.ServeHTTP(w, req)
	}))
	defer server.Close()

	log := filepath.Join(t.TempDir(), "run.jsonl")
	state, out := k.play(t, reached, "run", "inbound-call-with-hold", "--count", "150", "--seed", fmt.Sprint(seed), "--speed", k.speed,
		"--to", server.URL, "--log", log, "--output", "json", "--timeout", k.timeout)
	server.Close() // what it still takes in, it has now
	rows := wholeRows(t, log, k.signals[0] == os.Kill)
	mu.Lock()
	defer mu.Unlock()
	k.checkRows(t, rows, got, rec.Report().Duplicates)
	if k.signals[0] == os.Kill {
		if status, ok := state.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			t.Errorf("it ended with %v, want to be killed", state)
		}
		return
	}
	if state.ExitCode() != exitInterrupted {
		t.Errorf("it ended with %v, want exit status %d", state, exitInterrupted)
	}
	k.checkSummary(t, rows, out)
}

// play runs the program until it was killed, and returns how it ended and what it printed.
func (k kill) play(t *testing.T, reached <-chan struct{}, args ...string) (*os.ProcessState, []byte) {
	var out bytes.Buffer
	errs := watched{noticed: make(chan struct{})}
	cmd := exec.Command("ringback", args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	limit := time.NewTimer(time.Minute) // for a run that hangs; all others take a part of a second
	defer limit.Stop()
	select {
	case <-reached:
	case err := <-ended:
		t.Fatalf("it ended too early: %v\n%s", err, &errs.text)
	case <-limit.C:
		_ = cmd.Process.Kill()
		t.Fatalf("the %d requests never came: %v", k.after, <-ended)
	}
	for i, s := range k.signals {
		if i > 0 { // else the two might become one on their way
			select {
			case <-errs.noticed:
			case <-limit.C:
				_ = cmd.Process.Kill()
				t.Fatalf("it never noticed the interrupt: %v", <-ended)
			}
		}
		if err := cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
	}
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatalf("it ended with %v, want a status\n%s", err, &errs.text)
		}
	case <-limit.C:
		_ = cmd.Process.Kill()
		t.Fatalf("it hangs, and had to be killed: %v\n%s", <-ended, &errs.text)
	}
	return cmd.ProcessState, out.Bytes()
}

// watched tells when the program says that it was interrupted.
type watched struct {
	text    bytes.Buffer // not embedded: its ReadFrom would go past Write
	noticed chan struct{}
	told    bool
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.text.Write(p)
	if !w.told && bytes.Contains(w.text.Bytes(), []byte("interrupted")) {
		w.told = true
		close(w.noticed)
	}
	return n, err
}
