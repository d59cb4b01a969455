package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

// TestMain is the program itself when a test starts it as one.
func TestMain(m *testing.M) {
	if os.Getenv("SERVE_ROWS") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// begin starts a process, and returns it with the address at which it listens.
func begin(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0], "--listen", "127.0.0.1:0", "--dir", dir)
	process.Env = append(os.Environ(), "SERVE_ROWS=1")
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return process, strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
}

func kill(t *testing.T, process *exec.Cmd) {
	t.Helper()
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // it was killed, which is what it says
}

func TestWhatWasAcceptedOutlivesAKill(t *testing.T) {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i := range 5 {
		process, url := begin(t, dir)
		body := fmt.Appendf(nil, `{"type":"channel.alerted.v0","id":"n%d","source":"/channel","data":{"timestamp":"2025-03-03T09:00:00.5Z",`+
			`"channel":{"conversationId":"c","interactionId":"i","channelId":"k","party":{"role":"external"}}}}`, i)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/events", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(signature.HeaderName, signature.Sign(secret, body, time.Now()))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		kill(t, process)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			t.Fatalf("status %d for %s, want 204", resp.StatusCode, body)
		}
	}
	process, url := begin(t, dir)
	defer kill(t, process)
	resp, err := http.Get(url + "/calls/c")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	told, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(told), `"notifications":5`) {
		t.Errorf("%s is told, %v, want 5 notifications", told, err)
	}
}

func TestAConsumerListensUntilItIsInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"--consumer", "park-is-hold", "--listen", "127.0.0.1:0"}, writer) }()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(strings.TrimSpace(strings.TrimPrefix(line, "listening on ")) + "/calls/none")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("status %d for a conversation that is not known, want 404", resp.StatusCode)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAnUnknownConsumerIsNamedAmongAllThereAre(t *testing.T) {
	var out strings.Builder
	err := run(t.Context(), []string{"--consumer", "nobody"}, &out)
	if err == nil || err.Error() != `unknown consumer "nobody"` || !strings.Contains(out.String(), "park-is-hold ") {
		t.Errorf("got %v and %q", err, out.String())
	}
}
