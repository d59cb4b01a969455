package browser

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/interop/internal/ports"
)

// output collects what a program prints.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// The code of "Try it", as the page shows it, takes what somebody at the console causes. That of C# is for
// machines with .NET and is not run here.
func TestTheConsumersToCopyWork(t *testing.T) {
	address := fmt.Sprintf("127.0.0.1:%d", ports.Free(t))
	program := serve(t, build(t), filepath.Join(t.TempDir(), "state"), "127.0.0.1:0")
	p := open(t, program.url, 1280, 800)
	p.click("Subscriptions")
	p.click("New subscription")
	p.fill("URL", "http://"+address+"/hooks/in")
	p.click("Create")
	secret := shown(p)

	for _, c := range []struct {
		tab, file string
		command   []string
	}{
		{"Node.js", "consumer.mjs", []string{"node", "consumer.mjs"}},
		{"Python", "consumer.py", []string{"python3", "consumer.py"}},
		{"Go", "main.go", []string{"go", "run", "main.go"}},
	} {
		t.Run(c.tab, func(t *testing.T) {
			if _, err := exec.LookPath(c.command[0]); err != nil {
				t.Skip(err)
			}
			folder := t.TempDir()
			if c.command[0] == "node" {
				modules, err := filepath.Abs(filepath.Join("..", "express", "node_modules"))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := os.Stat(modules); err != nil {
					t.Skipf("Express is not installed; the tests of interop do that: %v", err)
				}
				if err := os.Symlink(modules, filepath.Join(folder, "node_modules")); err != nil {
					t.Skip(err)
				}
			}
			p.click("Try it")
			p.click(c.tab)
			p.until("the code is not that of "+c.tab, `document.querySelector("[role=tab][aria-selected=true]").textContent.startsWith(`+quote(c.tab)+`)`)
			code := eval[string](p, `document.querySelector("pre.code").textContent`)
			if !strings.Contains(code, secret) {
				t.Fatal("the code does not have the secret")
			}
			if err := os.WriteFile(filepath.Join(folder, c.file), []byte(code), 0o600); err != nil {
				t.Fatal(err)
			}
			out := start(t, folder, address, c.command)
			p.click("Conversations")
			p.click("Start")
			waitFor(t, out, "channel.connected.v0")
		})
	}
}

// start runs a consumer until the test ends, and waits until it listens.
func start(t *testing.T, folder, address string, command []string) *output {
	t.Helper()
	out := new(output)
	cmd := exec.Command(command[0], command[1:]...)
	if command[0] == "go" { // go run would leave the program behind when it is killed
		path := filepath.Join(folder, "consumer")
		compile := exec.Command("go", "build", "-o", path, command[2])
		compile.Dir = folder
		if text, err := compile.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, text)
		}
		cmd = exec.Command(path)
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for end := time.Now().Add(patience); ; {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
			return out
		}
		if time.Now().After(end) {
			t.Fatalf("%q does not listen on %s: %v\n%s", command, address, err, out)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// waitFor waits until a consumer has printed something.
func waitFor(t *testing.T, out *output, text string) {
	t.Helper()
	for end := time.Now().Add(patience); !strings.Contains(out.String(), text); <-time.After(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the consumer does not print %s, but\n%s", text, out)
		}
	}
}
