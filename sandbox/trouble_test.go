package sandbox

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// await asks until something is true.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	again, limit := time.NewTicker(5*time.Millisecond), time.After(2*time.Minute)
	defer again.Stop()
	for !is() {
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("in vain: %s", what)
		}
	}
}

// damaged is the folder of a sandbox that has worked and ended, with a page of notifications overwritten.
func damaged(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "state")
	s, err := Open(t.Context(), Options{Data: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	for range 20 {
		if status, text := call(t, http.DefaultClient, "POST", s.URL()+"/sandbox/v1/conversations", "{}", "Content-Type", "application/json"); status != 201 {
			t.Fatal(status, text)
		}
	}
	stop(t, s)
	<-served
	path := filepath.Join(dir, fileName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(text, []byte(`"type":"channel.`))
	copy(text[at-at%4096:], bytes.Repeat([]byte{0xa5}, 4096))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Damage that shows while the sandbox works is told, and made no worse.
func TestADamagedStateIsTold(t *testing.T) {
	dir := damaged(t)
	s := start(t, Options{Data: dir})
	const want = "the state is damaged (database disk image is malformed (11)); stop the sandbox, which accepts nothing more"
	await(t, "the damage is told", func() bool {
		status, text := call(t, http.DefaultClient, "GET", s.URL()+"/readyz", "")
		return status == 503 && strings.Contains(text, want)
	})
	before, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range [][3]string{{"GET", "/notifications", ""}, {"POST", "/conversations", "{}"}, {"POST", "/runs", `{"scenario": "inbound-call"}`}, {"POST", "/reset", ""}} {
		if status, text := call(t, http.DefaultClient, request[0], s.URL()+"/sandbox/v1"+request[1], request[2], "Content-Type", "application/json"); status != 500 || !strings.Contains(text, want) {
			t.Errorf("%s %s: %d %s", request[0], request[1], status, text)
		}
	}
	if status, text := call(t, http.DefaultClient, "GET", s.URL()+"/sandbox/v1/state", ""); status != 200 || !strings.Contains(text, `"status":"damaged"`) {
		t.Errorf("the state: %d %s", status, text)
	}
	if err := s.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "the state is damaged (database disk image is malformed (11))") {
		t.Errorf("at its end: %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, fileName)); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file was changed: %v", err)
	}
}

// What keeps a sandbox from its state is told with what to do.
func TestAStateThatCannotBeOpenedIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s, err := Open(t.Context(), Options{Data: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Set(t.Context(), settingKey, "no key"); err != nil {
		t.Fatal(err)
	}
	stop(t, s)
	path := filepath.Join(dir, fileName)
	refused := func(want string) {
		t.Helper()
		if _, err := Open(t.Context(), Options{Data: dir, Listen: "127.0.0.1:0"}); err == nil || !strings.HasPrefix(err.Error(), "Options.Data: open "+path+": "+want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	refused("the state is damaged (the setting token-key is no key); nothing was deleted: the file keeps what can still be read. To begin anew, ")
	if err := os.WriteFile(path, []byte("a text"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("this is no state of a sandbox: it is no SQLite file, or its beginning is damaged; the file was left as it is: ")
}
