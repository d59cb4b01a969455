package store_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// asChild makes the test binary another process: what it does, and the file.
const (
	childDoes = "RINGBACK_STORE_TEST_DOES"
	childFile = "RINGBACK_STORE_TEST_FILE"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childDoes) {
	case "open":
		os.Exit(childOpens(os.Getenv(childFile)))
	case "accept":
		os.Exit(childAccepts(os.Getenv(childFile)))
	case "set":
		os.Exit(childSets(os.Getenv(childFile)))
	}
	os.Exit(m.Run())
}

// child is this program as another process.
func child(ctx context.Context, does, file string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0])
	c.Env = append(os.Environ(), childDoes+"="+does, childFile+"="+file)
	c.Stderr = os.Stderr
	return c
}

func childOpens(path string) int {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	s, err := store.Open(path, store.Options{})
	if err != nil {
		w.WriteString(err.Error())
		return 0
	}
	w.WriteString("opened")
	s.Close()
	return 0
}

func opens(t *testing.T, path string) string {
	t.Helper()
	said, err := child(t.Context(), "open", path).Output()
	must(t, err)
	return string(said)
}

func TestTheFileIsOneProcessAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s := open(t, path, store.Options{})
	_, err := store.Open(path, store.Options{})
	if err == nil || !strings.Contains(err.Error(), "another sandbox is working with this file") || !strings.Contains(err.Error(), path) {
		t.Errorf("opening it twice: %v", err)
	}
	for range 2 { // what failed takes no lock away
		if said := opens(t, path); !strings.Contains(said, "another sandbox is working with this file") {
			t.Errorf("another process says: %s", said)
		}
	}
	must(t, s.Set(t.Context(), "still", "works"))
	must(t, s.Close())
	if said := opens(t, path); said != "opened" {
		t.Errorf("another process says after the end of the first: %s", said)
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "folder")
	path := filepath.Join(folder, "f")
	s := open(t, path, store.Options{})
	subscribe(t, s, "a")
	modes := func() {
		t.Helper()
		all, err := filepath.Glob(path + "*")
		must(t, err)
		if len(all) != 4 {
			t.Errorf("files: got %q, want the file itself, -lock, -shm and -wal", all)
		}
		for _, name := range append(all, folder) {
			info, err := os.Stat(name)
			must(t, err)
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v", name, info.Mode())
			}
		}
	}
	modes()
	must(t, s.Close())
	must(t, os.Chmod(path, 0o644)) // a copy, perhaps
	open(t, path, store.Options{})
	modes()
}

func TestNamesOfFilesMayBeOdd(t *testing.T) {
	for _, name := range []string{"a b", "a?b=c&d", "a%41#b", "ü"} {
		path := filepath.Join(t.TempDir(), name)
		must(t, open(t, path, store.Options{}).Close())
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestFilesOfOthersAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		make func(path string) error
		want string
	}{
		"no database": {func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("name: story\n", 100)), 0o600)
		}, "this is no state of a sandbox: it is no SQLite file"},
		"a folder": {func(path string) error { return os.Mkdir(path, 0o700) }, "is not a file"},
	} {
		path := filepath.Join(t.TempDir(), "f")
		must(t, test.make(path))
		before, err := os.Stat(path)
		must(t, err)
		_, err = store.Open(path, store.Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", name, err, test.want)
		}
		if after, err := os.Stat(path); err != nil || after.Mode() != before.Mode() || after.Size() != before.Size() {
			t.Errorf("%s: it was changed", name)
		}
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	for _, path := range []string{"", filepath.Join(t.TempDir(), "f")} {
		s := open(t, path, store.Options{})
		must(t, s.Close())
		must(t, s.Close())
		if err := s.Set(t.Context(), "a", "b"); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("writing: %v", err)
		}
		if _, err := s.Subscriptions(t.Context()); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("reading: %v", err)
		}
	}
}
