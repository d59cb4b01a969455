package interop

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// servedSandbox is a running "ringback serve" that keeps nothing.
type servedSandbox struct{ url, clientID, clientSecret string }

// serve starts a sandbox for the rest of the test, which fails if it does not end well.
func (r ringback) serve(t *testing.T, args ...string) servedSandbox {
	t.Helper()
	s := servedSandbox{clientID: "interop", clientSecret: "of the tests: with + and % and a blank"}
	cmd := exec.Command(string(r), append([]string{"serve", "--data", "memory", "--listen", "127.0.0.1:0", "--client-id", s.clientID}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "RINGBACK_CLIENT_SECRET="+s.clientSecret)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && s.url == "" {
		if rest, ok := strings.CutPrefix(lines.Text(), "console"); ok {
			s.url = strings.TrimSuffix(strings.TrimSpace(rest), "/")
		}
	}
	if s.url == "" {
		err := cmd.Wait()
		t.Fatalf("serve tells no address of its console: %v\n%s", err, &stderr)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		for lines.Scan() { // Wait must come after the last read
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve, interrupted: %v, want status 0\n%s", err, &stderr)
		}
	})
	return s
}

// tour runs the client in Node.js, and returns what it says and whether it was content.
func (s servedSandbox) tour(t *testing.T, env ...string) (out string, content bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "tour.js")
	cmd.Dir = "vendorclient"
	cmd.Env = append(append(os.Environ(), "VCC_HOST="+s.url, "VCC_CLIENT_ID="+s.clientID, "VCC_CLIENT_SECRET="+s.clientSecret), env...)
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}

func TestAClientOfTheRealAPIWorksWithTheSandbox(t *testing.T) {
	requireNode(t)
	s := build(t).serve(t)
	out, content := s.tour(t)
	if stops := strings.Count(out, "ok  "); !content || stops < 30 {
		t.Errorf("the tour made %d stops, want at least 30, and status 0\n%s", stops, out)
	}
	for _, wrong := range []string{"VCC_CLIENT_SECRET=another", "VCC_CLIENT_ID=another", "VCC_TOKEN_HOST=" + s.url + ":1"} {
		if out, content := s.tour(t, wrong); content {
			t.Errorf("with %s the tour is content as well:\n%s", wrong, out)
		}
	}
}
