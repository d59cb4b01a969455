package repo

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"
)

const root = "../.."

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// decode reads a YAML file into to, which must know all of its keys.
func decode(t *testing.T, name string, to any) {
	t.Helper()
	d := yaml.NewDecoder(bytes.NewReader(read(t, name)))
	d.KnownFields(true)
	if err := d.Decode(to); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// exists fails the test unless a path of the repository exists.
func exists(t *testing.T, where, path string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(path))); err != nil {
		t.Errorf("%s names %s: %v", where, path, err)
	}
}

// hasCommand tells whether cmd/ringback has a subcommand: whether one of its commands has
// that word as the first of its field Use.
func hasCommand(t *testing.T, word string) bool {
	t.Helper()
	use := regexp.MustCompile(`Use:\s+"` + regexp.QuoteMeta(word) + `[" ]`)
	files, err := filepath.Glob(filepath.Join(root, "cmd", "ringback", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of the program: %v", len(files), err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return use.Match(text)
	})
}
