package main

import (
	"context"
	"slices"
	"testing"
	"time"

	examination "github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/rulebook"
)

// A restart that never happened shows nothing of crashes: who loses updates is not told that a crash does it.
func TestARestartThatDidNotHappenAccusesNobody(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"snapshots/read-modify-write", "snapshots/first-insert-wins", "counts-twice", "correct"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := subjects()
			s := &all[slices.IndexFunc(all, func(s subject) bool { return s.name == name })]
			x := s.examination(t, 7)
			x.Budget = 10 * time.Minute // a busy machine needs some of it
			x.Sending.Kill = func(context.Context) error { return nil }
			x.Only = []string{string(rulebook.WholeOrNothing), string(rulebook.RememberAcrossRestart)}
			report, err := x.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Findings {
				if f.Rule.ID == rulebook.StoreBeforeAnswer || slices.Contains(x.Only, string(f.Rule.ID)) {
					t.Errorf("accused: %s: %s", f.Rule.ID, f.Text)
				}
			}
			for _, result := range report.Undone { // nothing else was asked for
				if result.Why != examination.NotKilled || !slices.Contains(x.Only, string(result.ID)) {
					t.Errorf("%s was not tested: %s", result.ID, result.Why)
				}
			}
			if len(report.Findings)+len(report.Undone) == 0 {
				t.Error("it passed")
			}
		})
	}
}
