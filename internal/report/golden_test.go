package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// encoded is a histogram. What compression makes of it may differ from one version of Go to
// the next, so goldens do not hold it; other tests read it back.
var encoded = regexp.MustCompile(`"histogram": "[A-Za-z0-9+/=]+"`)

var update = flag.Bool("update", false, "rewrite the golden files")

func wantGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got = encoded.ReplaceAllString(got, `"histogram": "…"`)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and read the diff\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
