//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A workload may be somebody else's: what it names must not make ringback wait for ever.
func TestAWorkloadCannotNameAPipe(t *testing.T) {
	dir := folderWith(t, map[string]string{"w.yaml": "name: w\nstory: A pipe.\narrivals: [{csv: pipe.csv}]\nmix: [{scenario: voicemail, weight: 1}]\n"})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.csv"), 0o600); err != nil {
		t.Skip(err)
	}
	status, _, err := call(t, "", "validate", filepath.Join(dir, "w.yaml"))
	if status != exitScenario || !strings.Contains(err, "want a file, not a pipe or a device") {
		t.Errorf("status %d, %q; want %d and what is wrong", status, err, exitScenario)
	}
}
