package repo

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
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

// files returns the paths of all files below a folder whose names match a pattern, without what
// other programs put there.
func files(t *testing.T, below, pattern string) (all []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(filepath.Join(root, below)), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "dist" || strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if ok, err := path.Match(pattern, d.Name()); err != nil || !ok || d.IsDir() {
			return err
		}
		all = append(all, path.Join(below, name))
		return nil
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files %s below %s: %v", len(all), pattern, below, err)
	}
	return all
}

// hasCommand reports whether cmd/ringback has a subcommand: whether one of its commands has
// that word as the first of its field Use.
func hasCommand(t *testing.T, word string) bool {
	t.Helper()
	use := regexp.MustCompile(`Use:\s+"` + regexp.QuoteMeta(word) + `[" ]`)
	sources, err := filepath.Glob(filepath.Join(root, "cmd", "ringback", "*.go"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("%d files of the program: %v", len(sources), err)
	}
	return slices.ContainsFunc(sources, func(file string) bool {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return use.Match(text)
	})
}
