package main

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario/assume"
)

// Bodies in every style are signed as they are sent, and a plan has a line for each.
func TestBodyStylesOnTheCommandLine(t *testing.T) {
	for _, style := range assume.Rows()[assume.BodyStyle].Values() {
		args := []string{"-", "--seed", "7", "--event-version", "both", "--assume", "body-style=" + style}
		status, out, errs := call(t, goodStory, append([]string{"run", "--speed", "max"}, args...)...)
		if status != exitOK || !strings.Contains(out, "18 of 18 notifications accepted") || !strings.Contains(out, "0 violations") {
			t.Errorf("%s: status %d\n%s%s", style, status, out, errs)
		}
		_, out, _ = call(t, goodStory, append([]string{"plan", "--format", "ndjson"}, args...)...)
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		for _, line := range lines {
			if _, err := event.Parse([]byte(line)); err != nil {
				t.Fatalf("%s: %s: %v", style, line, err)
			}
		}
		if len(lines) != 18 {
			t.Errorf("%s: %d lines, want 18", style, len(lines))
		}
	}
}
