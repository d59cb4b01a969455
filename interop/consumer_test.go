package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/ringback/ringback/signature"
)

// expressDir holds the consumer in Node.js.
const expressDir = "express"

// consumer is a running Express consumer.
type consumer struct{ url string }

// stats is what the consumer says of itself.
type stats struct {
	Accepted   int            `json:"accepted"`
	Duplicates int            `json:"duplicates"`
	Unknown    int            `json:"unknown"`
	Refused    map[string]int `json:"refused"`
	IDs        []string       `json:"ids"` // accepted, in order
}

// refusals counts them, whatever the reason.
func (s stats) refusals() (n int) {
	for _, of := range s.Refused {
		n += of
	}
	return n
}

// startConsumer starts the Express consumer for the rest of the test, which fails if the
// consumer does not end well on SIGTERM.
func startConsumer(t *testing.T) consumer {
	t.Helper()
	requireNode(t)
	install(t, expressDir)

	cmd := exec.Command("node", "server.js")
	cmd.Dir = expressDir
	cmd.Env = append(os.Environ(), "PORT=0", "RINGBACK_SECRET="+signature.DevelopmentSecret+","+signature.DevelopmentNextSecret)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, cmd, &stderr) })

	// Without a line the consumer has ended, and its standard output with it.
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("first line of the consumer = %q, want \"listening on URL\"", line)
	}
	return consumer{url}
}

// stop ends the consumer as a container platform would.
func stop(t *testing.T, cmd *exec.Cmd, stderr *bytes.Buffer) {
	if runtime.GOOS == "windows" { // which has no SIGTERM
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("the consumer ended before its time: %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the consumer on SIGTERM: %v, want status 0\n%s", err, stderr)
	}
}

// requireNode skips the test where Node.js is missing, unless RINGBACK_REQUIRE, a list of tools
// separated by commas, names node: then it fails.
func requireNode(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		_, err := exec.LookPath(tool)
		switch {
		case err == nil:
		case strings.Contains(os.Getenv("RINGBACK_REQUIRE"), "node"):
			t.Fatalf("RINGBACK_REQUIRE asks for node, but %v", err)
		default:
			t.Skipf("JavaScript needs Node.js: %v", err)
		}
	}
}

// install makes the packages in a folder those of its lockfile. It does nothing if they were
// installed after the lockfile was last written.
func install(t *testing.T, dir string) {
	t.Helper()
	lock, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	installed, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	if err == nil && !installed.ModTime().Before(lock.ModTime()) {
		return
	}
	cmd := exec.Command("npm", "ci")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci in %s: %v\n%s", dir, err, out)
	}
}

// stats asks the consumer what it has got so far.
func (c consumer) stats(t *testing.T) stats {
	t.Helper()
	resp, err := http.Get(c.url + "/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var s stats
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		t.Fatalf("GET /stats: %v", err)
	}
	return s
}

// verdict is the consumer's answer to one notification.
type verdict struct {
	Status int    `json:"-"`
	Result string `json:"result"` // of what it took
	Reason string `json:"reason"` // of what it refused
}

// post sends one notification. Where header has no value, the header is left out.
func (c consumer) post(t *testing.T, header http.Header, body string) verdict {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	v := verdict{Status: resp.StatusCode}
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		t.Fatalf("the consumer answered %s, and no JSON: %v", resp.Status, err)
	}
	return v
}
