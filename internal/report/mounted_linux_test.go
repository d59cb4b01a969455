package report_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ringback/ringback/internal/report"
)

// A file that is mounted by itself, as containers do, keeps its name: another one cannot take it.
func TestAMountedFileIsWrittenWhereItIs(t *testing.T) {
	outside, inside := filepath.Join(t.TempDir(), "report.json"), filepath.Join(t.TempDir(), "mounted report.json")
	for _, path := range []string{outside, inside} {
		if err := os.WriteFile(path, []byte("old, and longer\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mount(outside, inside, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(inside, 0); err != nil {
			t.Error(err)
		}
	}()
	wrote(t, report.Place{Path: inside}, "new\n")
	if got, err := os.ReadFile(outside); err != nil || string(got) != "new\n" {
		t.Errorf("outside it holds %q, %v", got, err)
	}
	if err := syscall.Mount("", inside, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("it cannot be made read-only: %v", err)
	}
	if err := (report.Place{Path: inside}).Check(); err == nil {
		t.Error("a file that is mounted read-only can be written, it says")
	}
}
