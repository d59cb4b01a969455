package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// childSets writes for each line that it reads, or recovers, and says what came of it.
func childSets(path string) int {
	s, err := store.Open(path, store.Options{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer s.Close()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch err := s.Set(context.Background(), "a", strings.Repeat(lines.Text(), 10_000)); {
		case err != nil:
			fmt.Println(err, s.Trouble() != nil)
		case s.Trouble() != nil:
			fmt.Println("written, and", s.Recover(context.Background()))
		default:
			fmt.Println("written")
		}
	}
	return 0
}

// A limit on the size of files, which ends other programs, is trouble like a disk that fails.
func TestALimitOfTheSystem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	c := child(t.Context(), "set", path)
	in, err := c.StdinPipe()
	must(t, err)
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	said := bufio.NewScanner(out)
	set := func(text string) string {
		t.Helper()
		_, err := io.WriteString(in, text+"\n")
		must(t, err)
		said.Scan()
		return said.Text()
	}
	same(t, "before", set("a"), "written")
	var before unix.Rlimit
	must(t, unix.Prlimit(c.Process.Pid, unix.RLIMIT_FSIZE, nil, &before))
	must(t, unix.Prlimit(c.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1, Max: before.Max}, nil))
	if got := set("b"); !strings.HasPrefix(got, "keep setting a: the system cannot read or write the state (disk I/O error") || !strings.HasSuffix(got, " true") {
		t.Errorf("with the limit: %s", got)
	}
	must(t, unix.Prlimit(c.Process.Pid, unix.RLIMIT_FSIZE, &before, nil))
	same(t, "when it is lifted", set("c"), "written, and <nil>")
	same(t, "and after that", set("d"), "written")
	must(t, in.Close())
	must(t, c.Wait())
	s := open(t, path, store.Options{})
	whole(t, s)
	value, err := s.Setting(t.Context(), "a")
	must(t, err)
	same(t, "what is kept", value[:1], "d")
}

// A file system that cannot be written is told at the start, too.
func TestAFileSystemThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(dir, 0)) })
	path := filepath.Join(dir, "f")
	must(t, open(t, path, store.Options{}).Close())
	must(t, syscall.Mount("none", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	_, err := store.Open(path, store.Options{})
	if trouble := troubleOf(t, err); trouble.Kind != store.ReadOnly || !strings.Contains(err.Error(), "the state cannot be written (") {
		t.Errorf("read-only: %v", err)
	}
	must(t, syscall.Mount("none", dir, "", syscall.MS_REMOUNT, "size=4m"))
	filler, err := os.Create(filepath.Join(dir, "filler"))
	must(t, err)
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = filler.Write(make([]byte, size))
		}
	}
	must(t, filler.Close())
	for _, at := range []string{path, filepath.Join(dir, "new")} {
		_, err = store.Open(at, store.Options{})
		if trouble := troubleOf(t, err); trouble.Kind != store.DiskFull {
			t.Errorf("full: %v", err)
		}
	}
	must(t, os.Remove(filler.Name()))
	whole(t, open(t, path, store.Options{}))
}
