package repo

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var uses = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (\S+)(?: # (\S+))?$`)

// A tag of somebody else's action can be moved to other code; a commit cannot. Dependabot
// renews commit and comment together.
func TestActionsArePinnedByCommit(t *testing.T) {
	pinned := regexp.MustCompile(`^([\w.-]+/[\w./-]+)@([0-9a-f]{40})$`)
	version := regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
	seen := map[string]string{}
	for _, name := range slices.Concat([]string{"action.yml", "README.md"}, files(t, ".github/workflows", "*.yml"), files(t, "docs", "*.md")) {
		for _, found := range uses.FindAllStringSubmatch(string(read(t, name)), -1) {
			if strings.HasPrefix(found[1], "./") || strings.HasPrefix(found[1], "ringback/ringback@") {
				continue // ours
			}
			pin := pinned.FindStringSubmatch(found[1])
			if pin == nil || !version.MatchString(found[2]) {
				t.Errorf("%s uses %s (%q), want a full commit, and its version as a comment", name, found[1], found[2])
				continue
			}
			if before := seen[pin[1]]; before != "" && before != found[0][strings.Index(found[0], pin[2]):] {
				t.Errorf("%s uses another version of %s than the other files", name, pin[1])
			}
			seen[pin[1]] = found[0][strings.Index(found[0], pin[2]):]
		}
	}
	if len(seen) < 5 {
		t.Errorf("found only %d actions", len(seen))
	}
}

// Each file that pins versions is one that Dependabot renews.
func TestDependabotKnowsAllThatIsPinned(t *testing.T) {
	var config struct {
		Version int `yaml:"version"`
		Updates []struct {
			Ecosystem   string              `yaml:"package-ecosystem"`
			Directory   string              `yaml:"directory"`
			Directories []string            `yaml:"directories"`
			Schedule    map[string]string   `yaml:"schedule"`
			Cooldown    map[string]int      `yaml:"cooldown"`
			Allow       []map[string]string `yaml:"allow"`
			Groups      map[string]any      `yaml:"groups"`
		} `yaml:"updates"`
	}
	decode(t, ".github/dependabot.yml", &config)
	known := map[string][]string{}
	for _, u := range config.Updates {
		for _, dir := range append(u.Directories, u.Directory) {
			if dir != "" {
				known[u.Ecosystem] = append(known[u.Ecosystem], dir)
			}
		}
	}
	for ecosystem, pattern := range map[string]string{"gomod": "go.mod", "npm": "package.json", "docker": "Dockerfile", "github-actions": "action.yml"} {
		var want []string
		for _, name := range files(t, ".", pattern) {
			want = append(want, path.Dir("/"+name))
		}
		got := known[ecosystem]
		slices.Sort(want)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("Dependabot looks for %s in %v, want %v", pattern, got, want)
		}
	}
}

// What CI does not look at decays.
func TestEveryModuleIsChecked(t *testing.T) {
	script := string(read(t, ".ci/run"))
	for _, name := range files(t, ".", "go.mod") {
		module := path.Dir(name)
		if module == "." {
			continue
		}
		want := []string{"go -C " + module + " mod tidy -diff"}
		if module != "tools" { // which has no code
			want = append(want, "go -C "+module+" vet ./...", "staticcheck "+module+"\n", "go -C "+module+" test ")
		}
		for _, command := range want {
			if !strings.Contains(script, command) {
				t.Errorf(".ci/run does not run %q", command)
			}
		}
	}
}

// The few commands that people type have short names, and the guide tells them.
func TestTheGuideTellsTheCommands(t *testing.T) {
	guide := string(read(t, "CONTRIBUTING.md"))
	targets := regexp.MustCompile(`(?m)^([a-z]+):\n\t(.+)\n\n?`).FindAllStringSubmatch(string(read(t, "Makefile")), -1)
	if len(targets) != 5 {
		t.Errorf("the Makefile has %d targets of one line, want 5", len(targets))
	}
	for _, target := range targets {
		if !regexp.MustCompile(`(?m)^ +make ` + target[1] + ` +#`).MatchString(guide) {
			t.Errorf("CONTRIBUTING.md does not tell of make %s", target[1])
		}
	}
}
