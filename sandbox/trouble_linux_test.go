package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// smallDisk is a file system of its own, which the test may fill, and the state for long not: what that deletes would make space.
// It needs the right to mount.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=16m,mode=0700"); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// filled fills a disk, and what becomes free of it, as when a WAL is cut, until free is called.
func filled(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 1<<20)
	fill := func() {
		for size := 1 << 20; size > 0; size /= 2 {
			for err := error(nil); err == nil; {
				_, err = f.Write(text[:size])
			}
		}
	}
	fill()
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		again := time.NewTicker(time.Millisecond)
		defer again.Stop()
		for {
			select {
			case <-again.C:
				fill()
			case <-end:
				return
			}
		}
	}()
	free = sync.OnceFunc(func() {
		close(end)
		<-ended
		f.Close()
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(free)
	return free
}

// moved takes the file away, until it is brought back.
func moved(t *testing.T, dir string) (back func()) {
	t.Helper()
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Error(err)
		}
	}
	move(fileName, "elsewhere")
	return func() { move("elsewhere", fileName) }
}

// While the state cannot be written, whatever is the reason, runs and deliveries wait, requests and
// readiness tell why, and all goes on by itself when that is over. Nothing that was accepted is lost.
func TestRunsWaitWhileTheStateCannotBeWritten(t *testing.T) {
	for _, test := range []struct {
		name   string
		folder func(*testing.T) string
		begin  func(t *testing.T, dir string) (end func())
		status int
		kind   string
		says   string
	}{
		{"a full disk", smallDisk, filled, 507, "disk-full", "the disk with the state is full (database or disk is full (13)); free some space, or enlarge the volume; what waits goes on by itself"},
		{"a file that is moved", nil, moved, 503, "moved", "the file with the state was moved or deleted while it was open"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "state")
			if test.folder != nil {
				dir = test.folder(t)
			}
			var came atomic.Int64
			consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if _, err := io.Copy(io.Discard, r.Body); err == nil {
					came.Add(1)
				}
			}))
			t.Cleanup(consumer.Close)
			said := make(chan string, 100)
			s := start(t, Options{Data: dir, Log: func(line string) { said <- line }})
			api := s.URL() + "/sandbox/v1"
			post := func(path, body string) (int, string) {
				t.Helper()
				return call(t, http.DefaultClient, "POST", api+path, body, "Content-Type", "application/json")
			}
			if status, text := post("/subscriptions", `{"name": "one", "url": "`+consumer.URL+`", "events": ["*"]}`); status != 201 {
				t.Fatal(status, text)
			}
			status, text := post("/runs", `{"scenario": "inbound-call-with-hold", "speed": 10, "options": {"count": 1000, "calls": "5/s"}}`)
			if status != 201 {
				t.Fatal(status, text)
			}
			run := struct{ ID, State, Error string }{}
			read := func(path string, to any) {
				t.Helper()
				if status, text := call(t, http.DefaultClient, "GET", api+path, ""); status != 200 || json.Unmarshal([]byte(text), to) != nil {
					t.Fatalf("GET %s: %d %s", path, status, text)
				}
			}
			if err := json.Unmarshal([]byte(text), &run); err != nil {
				t.Fatal(err)
			}
			await(t, "something comes", func() bool { return came.Load() > 0 })

			end := test.begin(t, dir)
			var why string
			await(t, "it is not ready", func() bool {
				status, why = call(t, http.DefaultClient, "GET", s.URL()+"/readyz", "")
				return status == 503
			})
			if !strings.Contains(why, test.says) {
				t.Errorf("it is not ready because of %s, want %s", why, test.says)
			}
			if line := <-said; !strings.HasPrefix(line, "paused: ") || !strings.Contains(line, test.says) {
				t.Errorf("said %q", line)
			}
			for path, body := range map[string]string{"/conversations": "{}", "/subscriptions": `{"name": "two", "url": "` + consumer.URL + `", "events": ["*"]}`, "/runs": `{"scenario": "inbound-call"}`} {
				if status, text := post(path, body); status != test.status || !strings.Contains(text, test.says) {
					t.Errorf("POST %s: %d %s, want %d and %s", path, status, text, test.status, test.says)
				}
			}
			if status, text := call(t, http.DefaultClient, "POST", s.URL()+"/webhooks/subscriptions", `{"name": "two", "url": "`+consumer.URL+`", "events": ["*"]}`,
				"Authorization", "Bearer "+token(t, http.DefaultClient, s), "Accept", "application/vnd.newvoicemedia.v1+json"); status != test.status || !strings.Contains(text, test.says) {
				t.Errorf("the vendor's API: %d %s, want %d and %s", status, text, test.status, test.says)
			}
			var state struct {
				Notifications int64
				Deliveries    map[string]int64
				Storage       struct {
					Status string
					Paused bool
				}
			}
			if read("/state", &state); state.Storage.Status != test.kind || !state.Storage.Paused {
				t.Errorf("the state says %+v", state.Storage)
			}
			if read("/runs/"+run.ID, &run); run.State != "running" || run.Error != "" {
				t.Errorf("the run is %+v", run)
			}
			before := state.Notifications

			end()
			await(t, "it is ready", func() bool {
				status, why = call(t, http.DefaultClient, "GET", s.URL()+"/readyz", "")
				return status == 200
			})
			await(t, "the run goes on", func() bool { read("/state", &state); return state.Notifications > before })
			if status, text := post("/runs/"+run.ID+"/stop", ""); status != 200 {
				t.Errorf("stop: %d %s", status, text)
			}
			await(t, "all is delivered", func() bool { read("/state", &state); return state.Deliveries["delivered"] == state.Notifications })
			if came.Load() < state.Notifications {
				t.Errorf("%d notifications came of %d", came.Load(), state.Notifications)
			}
			if line := <-said; !strings.HasPrefix(line, "the state takes everything again") {
				t.Errorf("said %q", line)
			}
		})
	}
}
