package browser

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

// build compiles the program.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringback.exe") // Windows wants the suffix, no one else minds
	cmd := exec.Command("go", "build", "-o", path, "./cmd/ringback")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build ./cmd/ringback: %v\n%s", err, out)
	}
	return path
}

// program is a running ringback serve.
type program struct {
	url string
	cmd *exec.Cmd
}

// serve starts the program for the rest of the test, with its state in a folder.
func serve(t *testing.T, path, folder, listen string) *program {
	t.Helper()
	cmd := exec.Command(path, "serve", "--data", folder, "--listen", listen, "--speed", "20")
	cmd.Dir = t.TempDir()
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	name, url, _ := strings.Cut(strings.TrimSpace(line), " ")
	if name != "console" {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Fatalf("first line of ringback serve = %q, want console and its URL\n%s", line, &log)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the program
	p := &program{strings.TrimSuffix(strings.TrimSpace(url), "/"), cmd}
	t.Cleanup(p.kill)
	return p
}

// kill ends the program as a crash would, once.
func (p *program) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// consumer verifies what comes, and fails on request.
type consumer struct {
	*httptest.Server
	mu     sync.Mutex
	secret signature.Secret
	failed map[string]int // requests by type that were answered with 500
	taken  map[string]int // by type, verified
	wrong  int            // with a signature of another key
	fails  string         // a type that is answered with 500 the first time
}

func consume(t *testing.T) *consumer {
	t.Helper()
	c := &consumer{failed: map[string]int{}, taken: map[string]int{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *consumer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	_, kind, _ := strings.Cut(string(body), `"type":"`)
	kind, _, _ = strings.Cut(kind, `"`)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := signature.Verify(c.secret, r.Header.Get("Vonage-Signature"), body, time.Now()); err != nil {
		c.wrong++
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	if strings.HasPrefix(kind, c.fails) && c.fails != "" && c.failed[kind] == 0 {
		c.failed[kind]++
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	}
	c.taken[kind]++
	w.WriteHeader(http.StatusNoContent)
}

// set changes what the consumer knows.
func (c *consumer) set(t *testing.T, secret, fails string) {
	t.Helper()
	s, err := signature.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secret, c.fails = s, fails
}

// got says how often a type was taken, and how many signatures were wrong.
func (c *consumer) got(kind string) (taken, wrong int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken[kind], c.wrong
}
