// Package golden holds tests to files that a person has read. It takes what a test got and
// the path of a file, and reports where the two differ; with -update it writes the file
// instead. It promises that line ends make no difference. Only tests import it.
package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Update is the flag -update of go test: golden files, and generated parts of the
// documentation, are written instead of compared.
var Update = flag.Bool("update", false, "rewrite golden files and what the documentation shows of the code")

// Check compares got with the file at path, whose parts are separated by slashes, or writes
// the file and the folders on the way to it.
func Check[Text ~string | ~[]byte](t testing.TB, path string, got Text) {
	t.Helper()
	path = filepath.FromSlash(path)
	if *Update {
		write(t, path, []byte(got))
		return
	}
	if want := read(t, path); string(got) != string(want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		around := func(s string) string { return s[max(0, at-200):min(len(s), at+400)] }
		t.Errorf("%s differs at byte %d; if the change is right, run with -update and read the diff\ngot  …%s\nwant …%s",
			path, at, around(string(got)), around(string(want)))
	}
}

// Section compares got with what a file has between two texts, or puts it there.
func Section(t testing.TB, path, begin, end, got string) {
	t.Helper()
	head, rest, ok1 := strings.Cut(string(read(t, path)), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	switch {
	case !ok1 || !ok2:
		t.Fatalf("%s has no section between %q and %q", path, begin, end)
	case *Update:
		write(t, path, []byte(head+begin+got+end+tail))
	case old != got:
		t.Errorf("%s is stale after %q; run with -update and read the diff\ngot\n%s", path, begin, got)
	}
}

// read is a file as Unix writes it, whatever Git made of its line ends.
func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update and read the diff", err)
	}
	return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
}

func write(t testing.TB, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
