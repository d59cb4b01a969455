package main

import (
	"fmt"
	"testing"

	"github.com/ringback/ringback/internal/evidence"
)

func TestEveryExitStatusIsExplained(t *testing.T) {
	statuses := []int{exitOK, exitFailed, exitUsage, exitScenario, exitInvalid, exitInterrupted}
	for _, status := range statuses {
		if _, err := evidence.Find(fmt.Sprintf("exit status %d", status)); err != nil {
			t.Error(err)
		}
	}
	if got := evidence.InGroup("exit statuses"); len(got) != len(statuses) {
		t.Errorf("%d exit statuses are explained, want %d", len(got), len(statuses))
	}
}
