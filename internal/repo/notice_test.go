package repo

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
)

// linked are the modules that the program consists of, on all systems that it is released for: path, version and folder. What a
// module has from others is in folders of it with terms of their own, and listed like a module.
func linked(t *testing.T) (all [][3]string) {
	t.Helper()
	for _, system := range []string{"linux", "darwin", "windows"} {
		list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}{{end}}", "./cmd/ringback")
		list.Dir, list.Env, list.Stderr = root, append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0"), os.Stderr
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			words := strings.Split(strings.TrimSpace(line), "\t")
			if len(words) != 4 {
				continue // of the standard library, or our own
			}
			add := func(m [3]string) {
				if !slices.Contains(all, m) {
					all = append(all, m)
				}
			}
			module := [3]string(words)
			add(module)
			for folder := words[3]; len(folder) > len(module[2]); folder = filepath.Dir(folder) {
				if terms(t, folder) != "" {
					add([3]string{module[0] + filepath.ToSlash(strings.TrimPrefix(folder, module[2])), module[1], folder})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b [3]string) int { return strings.Compare(a[0], b[0]) })
	return all
}

// terms are the texts of a folder that say on which terms it may be passed on.
func terms(t *testing.T, folder string) string {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range files {
		name := strings.ToUpper(f.Name())
		known := slices.ContainsFunc([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS"}, func(word string) bool { return strings.HasPrefix(name, word) })
		if !known || f.IsDir() || strings.HasSuffix(name, ".GO") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))+"\n")
	}
	return strings.Join(all, "\n")
}

// uPlotVersion is that of the copy which is part of the page.
func uPlotVersion(t *testing.T) string {
	t.Helper()
	_, rest, _ := strings.Cut(string(read(t, "sandbox/internal/console/page/assets/uplot.js")), "uPlot (v")
	version, _, found := strings.Cut(rest, ")")
	if !found {
		t.Error("uplot.js does not say its version")
	}
	return version
}

// The licences of what is linked go out with the program.
func TestTheNoticeHasTheTermsOfAllThatIsLinked(t *testing.T) {
	modules := linked(t)
	if len(modules) < 5 {
		t.Fatalf("%d modules are linked, want some", len(modules))
	}
	var b strings.Builder
	b.WriteString("ringback consists of its own code, whose terms are in LICENSE, and of the following. Made by\ngo test ./internal/repo -update.\n")
	add := func(name, text string) {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s has no licence", name)
		}
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s", strings.Repeat("=", 72), name, text)
	}
	folder, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	add("The Go standard library and runtime", terms(t, strings.TrimSpace(string(folder))))
	for _, m := range modules {
		add(m[0]+" "+m[1], terms(t, m[2]))
	}
	add("uPlot "+uPlotVersion(t)+", in the page of the sandbox", terms(t, filepath.Join(root, "sandbox", "internal", "console", "uplot")))
	golden.Check(t, filepath.Join(root, "NOTICE"), b.String())
}

// Both kinds of releases have it.
func TestTheNoticeIsReleased(t *testing.T) {
	var r release
	decode(t, ".goreleaser.yaml", &r)
	for _, name := range []string{"LICENSE", "NOTICE"} {
		if !slices.Contains(r.Archives[0].Files, name) {
			t.Errorf("archives lack %s", name)
		}
		text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
		if _, last, _ := strings.Cut(string(text), "FROM scratch"); err != nil || !strings.Contains(last, "COPY") || !strings.Contains(last, name) {
			t.Errorf("the image lacks %s (%v)", name, err)
		}
	}
}
