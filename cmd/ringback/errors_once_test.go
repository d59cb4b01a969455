package main

import (
	"strings"
	"testing"
)

// What two looks at one setting find is said once.
func TestAnErrorIsSaidOnce(t *testing.T) {
	for _, command := range []string{"examine --to http://192.0.2.7/", "run chat --to http://192.0.2.7/", "examine --to http://192.0.2.7/ --state http://192.0.2.7/{conversationId}"} {
		status, _, errs := call(t, "", strings.Fields(command)...)
		lines := map[string]bool{}
		for line := range strings.Lines(errs) {
			line = strings.TrimPrefix(strings.TrimSpace(line), "ringback: ")
			if lines[line] {
				t.Errorf("%s: twice: %s", command, line)
			}
			lines[line] = true
		}
		if status != exitUsage || !strings.Contains(errs, "--allow-target 192.0.2.7") {
			t.Errorf("%s: status %d, %s", command, status, errs)
		}
	}
}
