package main

import (
	"context"
	"slices"
	"testing"

	examination "github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/rulebook"
)

// A restart that never happened shows nothing of crashes: who loses updates is not told that a crash leaves halves behind.
func TestARestartThatDidNotHappenAccusesNobody(t *testing.T) {
	t.Parallel()
	all := subjects()
	s := &all[slices.IndexFunc(all, func(s subject) bool { return s.name == "snapshots/read-modify-write" })]
	x := s.examination(t, 7)
	x.Sending.Kill = func(context.Context) error { return nil }
	x.Only = []string{string(rulebook.WholeOrNothing), string(rulebook.RememberAcrossRestart)}
	report, err := x.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		t.Errorf("accused: %s: %s", f.Rule.ID, f.Text)
	}
	var undone []string
	for _, result := range report.Undone {
		if undone = append(undone, string(result.ID)); result.Why != examination.NotKilled {
			t.Errorf("%s was not tested: %s", result.ID, result.Why)
		}
	}
	if !slices.Equal(undone, x.Only) {
		t.Errorf("undone are %v, want %v: nothing else was asked for", undone, x.Only)
	}
}
