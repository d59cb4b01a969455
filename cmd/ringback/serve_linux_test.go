package main

import (
	"strings"
	"syscall"
	"testing"
)

// Where the volume has no space for --keep-most, serve says so once, and what to do.
func TestServeTellsOfASmallVolume(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4m,mode=0700"); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	for most, told := range map[string]int{"1GiB": 1, "3MB": 0} {
		s := startServing(t, "--data", dir, "--keep-most", most)
		s.signals <- syscall.SIGTERM
		for range s.lines { // to its end
		}
		if status := <-s.status; status != exitOK {
			t.Errorf("--keep-most %s: status %d", most, status)
		}
		text, want := s.errs.String(), "MiB, less than --keep-most, because the volume of "+dir+" has no space for more; free some there, or choose a folder on a larger volume with --data, and start again\n"
		if strings.Count(text, want) != told || strings.Count(text, "warning: the state may have 3.") != told {
			t.Errorf("--keep-most %s: %s", most, text)
		}
	}
}
