package scenario_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/scenario"
)

// Each file in testdata/err has something wrong with it, and beside it stands what a
// person is told.
func TestWhatIsWrongIsTold(t *testing.T) {
	files, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files, %v; want at least 60", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = scenario.ParseDocument(name+".yaml", text)
			var faults scenario.Problems
			if !errors.As(err, &faults) {
				t.Fatalf("got %v; want faults", err)
			}
			inside(t, text, faults)
			golden.Check(t, strings.TrimSuffix(file, ".yaml")+".out", faults.Detail()+"\n")
		})
	}
}

// lineEnd is where YAML ends lines.
var lineEnd = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

// inside holds faults to their promise: sorted, and each at a place of the file.
func inside(t *testing.T, text []byte, faults scenario.Problems) {
	t.Helper()
	lines := lineEnd.Split(strings.TrimPrefix(string(text), "\uFEFF"), -1)
	for _, f := range faults {
		if f.Pos.Line < 1 || f.Pos.Line > len(lines) {
			t.Fatalf("%v: the file has %d lines", f, len(lines))
		}
		if n := len([]rune(lines[f.Pos.Line-1])); f.Column < 1 || f.Column > n+1 {
			t.Fatalf("%v: the line has %d columns", f, n)
		}
		if f.What == "" || strings.HasSuffix(f.What, ".") && !strings.HasSuffix(f.What, "…") {
			t.Errorf("%v: want a problem without a full stop", f)
		}
	}
	if !slices.IsSortedFunc(faults, func(a, b *scenario.Problem) int {
		if a.Pos.Line != b.Pos.Line {
			return a.Pos.Line - b.Pos.Line
		}
		return a.Column - b.Column
	}) {
		t.Errorf("not sorted by place:\n%v", faults)
	}
}
