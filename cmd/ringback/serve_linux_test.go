package main

import (
	"strings"
	"syscall"
	"testing"
)

// Where the volume has no space for --keep-most, serve says so once, and what to do.
func TestServeTellsOfASmallVolume(t *testing.T) {
	const advice = "; free some there, or choose a folder on a larger volume with --data, and start again\n"
	for _, test := range []struct{ size, most, want string }{
		{"4m", "1GiB", "warning: the state may have 3.8 MiB, less than --keep-most, because the volume of DIR has no space for more" + advice},
		{"4m", "3MB", ""},
		{"800k", "1GiB", "warning: the state needs 1 MiB at least, and has 0.7 MiB on the volume of DIR: once that is full, nothing more is accepted or delivered" + advice},
	} {
		dir := smallVolume(t, test.size)
		s := startServing(t, "--data", dir, "--keep-most", test.most)
		s.signals <- syscall.SIGTERM
		for range s.lines { // to its end
		}
		if status := <-s.status; status != exitOK {
			t.Errorf("%s: status %d", test.size, status)
		}
		text, want := s.errs.String(), strings.ReplaceAll(test.want, "DIR", dir)
		if !strings.Contains(text, want) || strings.Contains(text, "warning: ") != (want != "") {
			t.Errorf("%s with --keep-most %s: got %s, want %s", test.size, test.most, text, want)
		}
	}
}

// smallVolume is a file system of its own. It needs the right to mount.
func smallVolume(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}
