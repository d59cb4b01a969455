package interop

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serves runs the command in a root folder of its own, as the user of the image, without a home. That
// user may write in the volume alone, as with a file system that cannot be written.
func (i *image) serves(t *testing.T, args []string) {
	if os.Geteuid() != 0 {
		t.Skip("only root may change its root folder and its user")
	}
	const ours, group = 65532, 65532
	state := filepath.Join(i.root, "state")
	for _, volume := range []struct {
		name       string
		uid, gid   int
		mode       os.FileMode
		refused    string
		afterwards os.FileMode // of everything in it when it is mounted again; 0: as it was
	}{
		{"of a new volume, which is like the image's folder", -1, -1, 0, "", 0},
		{"of its own", ours, group, 0o755, "", 0},
		{"of its own, closed", ours, group, 0o700, "", 0},
		{"of the group, as fsGroup makes it", 0, group, 0o775 | os.ModeSetgid, "", 0o770 | os.ModeSetgid},
		{"of everybody, as emptyDir is", 0, 0, 0o777, "", 0},
		{"of somebody else", 1000, 1000, 0o755, "user 65532 may create", 0},
	} {
		t.Run(volume.name, func(t *testing.T) {
			if volume.mode != 0 {
				shell(t, "rm -rf "+state+" && mkdir "+state)
				if err := os.Chown(state, volume.uid, volume.gid); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(state, volume.mode); err != nil {
					t.Fatal(err)
				}
			}
			first := i.start(t, args)
			if volume.refused != "" {
				if status := first.end(t); status != 2 || !strings.Contains(first.errs.String(), volume.refused) || !strings.Contains(first.errs.String(), "RINGBACK_DATA") {
					t.Errorf("status %d, %s", status, first.errs.String())
				}
				return
			}
			ask := first.works(t)
			if volume.mode == 0 {
				first.keeps(t, ask)
			}
			if status := first.end(t); status != 0 {
				t.Errorf("status %d, %s", status, first.errs.String())
			}
			if volume.afterwards != 0 {
				open(t, state, group, volume.afterwards)
			}
			again := i.start(t, args)
			again.secret = first.secret
			again.works(t)
			if status := again.end(t); status != 0 {
				t.Errorf("again: status %d, %s", status, again.errs.String())
			}
			if info, err := os.Stat(filepath.Join(state, "ringback")); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("the state has mode %v, %v; want 0700", info.Mode(), err)
			}
		})
	}
	t.Run("without a home, in the words of the container", func(t *testing.T) {
		for _, wrong := range [][]string{{"serve"}, {"serve", "--insecure-http", "--data", "/work/state"}} {
			p := i.start(t, wrong)
			if status, text := p.end(t), p.errs.String(); status != 2 || !regexp.MustCompile(`RINGBACK_LISTEN: .*container.*--insecure-http|--data: .*/work.*user 65532`).MatchString(text) {
				t.Errorf("%q: status %d, %s", wrong, status, text)
			}
		}
	})
}

// open gives a folder and all in it to a group, as the kubelet does whenever it mounts a volume.
func open(t *testing.T, folder string, group int, mode os.FileMode) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := os.Lchown(path, -1, group); err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, mode)
		}
		return os.Chmod(path, mode.Perm()&^0o111)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// container is a program under way in an image.
type container struct {
	cmd    *exec.Cmd
	url    string
	id     string
	secret string
	errs   bytes.Buffer
	ended  chan int
}

// start starts the program as a container would be, but for the port. It waits for the first lines.
func (i *image) start(t *testing.T, args []string) *container {
	t.Helper()
	var uid, gid uint32
	if _, err := fmt.Sscanf(i.user, "%d:%d", &uid, &gid); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(i.root, i.work), 0o755); err != nil {
		t.Fatal(err)
	}
	c := &container{cmd: exec.CommandContext(t.Context(), i.entry, args...), ended: make(chan int, 1)}
	c.cmd.Dir = i.work
	c.cmd.Env = slices.Clone(i.env)
	for n, line := range c.cmd.Env {
		c.cmd.Env[n] = strings.Replace(line, "0.0.0.0:8080", "0.0.0.0:0", 1)
	}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: i.root, Credential: &syscall.Credential{Uid: uid, Gid: gid, Groups: []uint32{}}}
	c.cmd.Stderr = &c.errs
	r, w := io.Pipe()
	c.cmd.Stdout = w
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = c.cmd.Wait()
		w.Close()
		c.ended <- c.cmd.ProcessState.ExitCode()
	}()
	c.read(r)
	return c
}

// read reads what the program prints, up to the last line about a subscription.
func (c *container) read(r io.Reader) {
	var text strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(text.String(), "client secret") {
		n, err := r.Read(buffer)
		if text.Write(buffer[:n]); err != nil {
			return
		}
	}
	go io.Copy(io.Discard, r)
	word := func(name string) string {
		found := regexp.MustCompile(`(?m)^` + name + ` +(\S+)`).FindStringSubmatch(text.String())
		if found == nil {
			return ""
		}
		return found[1]
	}
	c.url, c.id, c.secret = word("console"), word("client ID"), word("client secret")
}

// asking sends a request with credentials, or without any, and returns status and body.
type asking func(secret, method, path, body string) (int, string)

// works asks the sandbox over loopback; strangers get nothing.
func (c *container) works(t *testing.T) asking {
	t.Helper()
	ask := func(secret, method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(c.url, "/")+path, strings.NewReader(body))
		if err != nil {
			t.Fatalf("%v; %s", err, c.errs.String())
		}
		req.Header.Set("Content-Type", "application/json")
		if secret != "" {
			req.SetBasicAuth(c.id, secret)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%v; %s", err, c.errs.String())
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text)
	}
	status, text := ask("", "GET", "/readyz", "")
	for tries := 0; strings.Contains(text, "the store does not respond") && tries < 10; tries++ { // within 2 s: the machine is busy
		status, text = ask("", "GET", "/readyz", "")
	}
	if status != http.StatusOK {
		t.Errorf("not ready: %d %s", status, text)
	}
	if status, _ := ask("", "GET", "/sandbox/v1/state", ""); status != http.StatusUnauthorized {
		t.Errorf("without credentials: %d, want 401", status)
	}
	if status, text := ask(c.secret, "GET", "/sandbox/v1/state", ""); status != http.StatusOK {
		t.Errorf("with credentials: %d %s", status, text)
	}
	return ask
}

// keeps plays a run to so many subscriptions that SQLite would want a file for what it puts aside. There
// is no folder for that.
func (c *container) keeps(t *testing.T, ask asking) {
	t.Helper()
	for n := range 100 {
		// Nobody listens there; a consumer that is not there is tried again later.
		subscription := fmt.Sprintf(`{"name": "consumer-%d", "url": "http://127.0.0.1:9/%[1]d", "events": ["*"]}`, n)
		if status, text := ask(c.secret, "POST", "/sandbox/v1/subscriptions", subscription); status != http.StatusCreated {
			t.Fatalf("subscription: %d %s", status, text)
		}
	}
	if status, text := ask(c.secret, "POST", "/sandbox/v1/runs", `{"scenario": "inbound-call", "speed": 1000, "options": {"count": 50}}`); status != http.StatusCreated {
		t.Fatalf("run: %d %s", status, text)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if _, text := ask(c.secret, "GET", "/sandbox/v1/state", ""); !strings.Contains(text, `"notifications":0`) {
			return
		}
	}
	t.Errorf("no notification was kept; %s", c.errs.String())
}

// end interrupts the program and returns its exit status.
func (c *container) end(t *testing.T) int {
	t.Helper()
	_ = c.cmd.Process.Signal(os.Interrupt) // it may have ended
	select {
	case status := <-c.ended:
		return status
	case <-time.After(time.Minute):
		t.Fatalf("it does not end; %s", c.errs.String())
		return -1
	}
}
