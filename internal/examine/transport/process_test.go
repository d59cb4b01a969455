package transport

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
)

// TestMain lets the test binary be a consumer, which writes each body to a file before it answers.
func TestMain(m *testing.M) {
	if file := os.Getenv("TRANSPORT_CONSUMER"); file != "" {
		consume(file, os.Getenv("TRANSPORT_ADDRESS"))
		return
	}
	os.Exit(m.Run())
}

func consume(file, address string) {
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	fmt.Println("listens")
	http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		fmt.Fprintf(out, "%s\n", body)
		time.Sleep(30 * time.Millisecond)
	}))
}

// process is a consumer that runs in a process of its own.
type process struct {
	file, address string
	cmd           *exec.Cmd
	mu            sync.Mutex
}

func (p *process) start() error {
	p.cmd = exec.Command(os.Args[0])
	p.cmd.Env = append(os.Environ(), "TRANSPORT_CONSUMER="+p.file, "TRANSPORT_ADDRESS="+p.address)
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	_, err = bufio.NewReader(out).ReadString('\n')
	return err
}

func (p *process) kill(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.cmd.Process.Kill(); err != nil {
		return err
	}
	p.cmd.Wait()
	return p.start()
}

func TestARealProcessIsKilled(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{file: filepath.Join(t.TempDir(), "stored"), address: free.Addr().String()}
	free.Close()
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	defer func() { p.cmd.Process.Kill(); p.cmd.Wait() }()
	tr := open(t, Options{Target: emitter.Target{URL: "http://" + p.address}, Kill: p.kill})
	all := append([]trial.Delivery{delivery(trial.Whole, 0, 0), delivery(trial.Whole, 0, 0), delivery(trial.Whole, 0, 0)}, burst(4)...)
	for i := range all {
		all[i].Body = fmt.Appendf(nil, "%d", i)
	}
	all[1].Crash = trial.Crash{When: trial.Behind}
	all[2].Crash = trial.Crash{When: trial.Within, After: 10 * time.Millisecond}
	all[4].Crash = trial.Crash{When: trial.Within, After: 5 * time.Millisecond}
	answers, overlap, err := tr.Send(t.Context(), all)
	if err != nil || overlap != 4 || !tr.Died() {
		t.Fatalf("overlap %d, died %t, %v", overlap, tr.Died(), err)
	}
	other := open(t, Options{Target: emitter.Target{URL: "http://" + p.address}, Kill: func(context.Context) error { return nil }})
	if _, _, err := other.Send(t.Context(), all[:3]); err != nil || other.Died() {
		t.Errorf("nothing was killed: died %t, %v", other.Died(), err)
	}
	stored, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range answers {
		times := strings.Count("\n"+string(stored), fmt.Sprintf("\n%d\n", i))
		attempts := 1
		if i >= 2 {
			attempts = 2
		}
		if i < 3 { // they came once more
			times--
		}
		if a.Status != 200 || a.Attempts != attempts || times > attempts || times == 0 {
			t.Errorf("%d: %+v, stored %d times", i, a, times)
		}
	}
}

func BenchmarkSend(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: checked(secret)}
	go server.Serve(listener)
	defer server.Close()
	tr, err := New(Options{Target: emitter.Target{URL: "http://" + listener.Addr().String(), Secret: secret}})
	if err != nil {
		b.Fatal(err)
	}
	defer tr.Close()
	for name, all := range map[string][]trial.Delivery{"alone": {delivery(trial.Whole, 0, 600)}, "together": burst(10)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := tr.Send(b.Context(), all); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
