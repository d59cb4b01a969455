//go:build unix

package store_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// Opening a pipe waits for whoever writes into it: no part of a state is opened that is not a file.
func TestOnlyFilesAreAState(t *testing.T) {
	kinds := map[string]func(path string) error{
		"is not a file but a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"is not a file but a folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"is not a file but a device": func(path string) error { return os.Symlink(os.DevNull, path) },
		"is not a file but a socket": func(path string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
			if err != nil {
				return err
			}
			l.SetUnlinkOnClose(false)
			return l.Close()
		},
		"is a symbolic link to a file that is not there": func(path string) error { return os.Symlink("nowhere", path) },
	}
	for want, make := range kinds {
		for _, end := range []string{"", "-wal", "-shm", "-journal", "-lock", "-lock-journal", "-lock-wal", "-lock-shm"} {
			path := filepath.Join(folder(t), "f")
			if end != "" {
				path = used(t)
				_ = os.Remove(path + end)
			}
			must(t, make(path+end))
			s, err := store.Open(path, store.Options{})
			if s != nil {
				must(t, s.Close())
			}
			var trouble *store.Trouble
			if !errors.As(err, &trouble) || trouble.Kind != store.Foreign || !strings.Contains(trouble.Cause, want) || end != "" && !strings.HasPrefix(trouble.Cause, "f"+end+" beside it ") {
				t.Errorf("%q: %v; want that it %s", end, err, want)
			}
		}
	}
}
