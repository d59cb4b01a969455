package repo

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
)

const architecture = "docs/architecture.md"

// folderRow is the folder of a row of a table whose first cell is one.
var folderRow = regexp.MustCompile("(?m)^\\| `([a-z0-9/]+)/` \\|")

// Whoever adds, moves or removes a folder says what is in it.
func TestTheMapNamesEachFolderOnce(t *testing.T) {
	_, text, _ := strings.Cut(string(read(t, architecture)), "\n## Folders\n")
	text, _, ok := strings.Cut(text, "\n## ")
	if !ok {
		t.Fatalf("%s has no section Folders", architecture)
	}
	named := map[string]bool{}
	for _, row := range folderRow.FindAllStringSubmatch(text, -1) {
		if named[row[1]] {
			t.Errorf("%s names %s twice", architecture, row[1])
		}
		named[row[1]] = true
		exists(t, architecture, row[1])
	}
	for _, folder := range folders(t) {
		if !named[folder] {
			t.Errorf("%s does not name the folder %s; give it a row where its data flows", architecture, folder)
		}
	}
}

// folders are those with packages of the module, and all at the top but cmd and internal,
// which have nothing but folders in them.
func folders(t *testing.T) []string {
	t.Helper()
	all := map[string]bool{}
	files, _ := readModule(t)
	for _, f := range files {
		all[f.pkg] = true
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); e.IsDir() && !strings.HasPrefix(name, ".") && name != "cmd" && name != "internal" && holds(name) {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// holds reports whether a folder at the top has files; Git keeps no empty one.
func holds(name string) bool {
	found, _ := filepath.Glob(filepath.Join(root, name, "*"))
	return len(found) > 0
}

// place is a path in a text: a folder, or a file of one.
var place = regexp.MustCompile("`([a-z]+(?:/[a-z]+)*/(?:[a-z_]+\\.[a-z]+)?)`")

func TestWhatTheMapPointsAtExists(t *testing.T) {
	for _, found := range place.FindAllStringSubmatch(string(read(t, architecture)), -1) {
		exists(t, architecture, found[1])
	}
}

func TestTheMapShowsTheArrows(t *testing.T) {
	golden.Section(t, filepath.Join(root, filepath.FromSlash(architecture)),
		"<!-- arrows: made by go test ./internal/repo -update -->\n", "<!-- end of arrows -->", arrows())
}

// arrows are the drawn arrows between packages of the module, highest package first.
func arrows() string {
	heights := map[string]int{}
	var height func(pkg string) int
	height = func(pkg string) int {
		if _, known := heights[pkg]; !known {
			heights[pkg] = 0 // an import cycle would not compile
			for _, to := range drawn[pkg] {
				if _, ours := drawn[to]; ours {
					heights[pkg] = max(heights[pkg], height(to)+1)
				}
			}
		}
		return heights[pkg]
	}
	packages := slices.SortedFunc(maps.Keys(drawn), func(a, b string) int {
		return cmp.Or(cmp.Compare(height(b), height(a)), cmp.Compare(a, b))
	})
	var b strings.Builder
	b.WriteString("```text\n")
	for _, pkg := range packages {
		to := slices.Sorted(slices.Values(slices.DeleteFunc(slices.Clone(drawn[pkg]), func(to string) bool {
			_, ours := drawn[to]
			return !ours
		})))
		if len(to) > 0 {
			fmt.Fprintf(&b, "%-24s -> %s\n", pkg, strings.Join(to, ", "))
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// packageRow is the package of a row of the README's table.
var packageRow = regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|")

func TestTheReadmeListsThePublicPackages(t *testing.T) {
	_, text, _ := strings.Cut(string(read(t, "README.md")), "\n| Package | What it does |\n")
	text, _, _ = strings.Cut(text, "\n\n")
	var got []string
	for _, row := range packageRow.FindAllStringSubmatch(text, -1) {
		got = append(got, row[1])
	}
	want := slices.DeleteFunc(public(t), func(pkg string) bool { return strings.HasPrefix(pkg, "cmd/") })
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("README.md lists the packages\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestContributorsAreShownTheMap(t *testing.T) {
	head, _, _ := strings.Cut(string(read(t, "CONTRIBUTING.md")), "\n## ")
	if !strings.Contains(head, "(docs/architecture.md)") {
		t.Error("CONTRIBUTING.md does not begin with docs/architecture.md")
	}
}

func TestDecisionsAreNumbered(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, "docs", "decisions", "*.md"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d decisions: %v", len(paths), err)
	}
	last := 0
	for _, path := range paths {
		name, number := filepath.Base(path), 0
		if _, err := fmt.Sscanf(name, "%04d-", &number); err != nil || number <= last {
			t.Fatalf("docs/decisions/%s: want a number above %d of its own; take one that is free", name, last)
		}
		last = number
		if title := fmt.Sprintf("# %d. ", number); !strings.HasPrefix(string(read(t, "docs/decisions/"+name)), title) {
			t.Errorf("docs/decisions/%s does not begin with %q", name, title)
		}
	}
}
