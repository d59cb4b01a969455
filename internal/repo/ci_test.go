package repo

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

var block = regexp.MustCompile("(?ms)^```([a-z]+)(?: title=\"([^\"]*)\")?\n(.*?)^```$")

// blocks are the blocks of docs/ci.md in a language, by title.
func blocks(t *testing.T, language string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, b := range block.FindAllStringSubmatch(string(read(t, "docs/ci.md")), -1) {
		if b[1] == language {
			all[b[2]] += b[3]
		}
	}
	return all
}

// strictly decodes a block, of which to must know all keys.
func strictly(t *testing.T, title string, to any) {
	t.Helper()
	d := yaml.NewDecoder(bytes.NewBufferString(blocks(t, "yaml")[title]))
	d.KnownFields(true)
	if err := d.Decode(to); err != nil {
		t.Fatalf("%s: %v", title, err)
	}
}

func TestTheGoCodeOfTheGuideIsThatOfTheExamples(t *testing.T) {
	example := strings.ReplaceAll(string(read(t, "ringbacktest/example_test.go")), "\n\t", "\n")
	found := 0
	for _, b := range block.FindAllStringSubmatch(string(read(t, "docs/ci.md")), -1) {
		if b[1] != "go" {
			continue
		}
		if found++; !strings.Contains(example, b[3]) {
			t.Errorf("not in ringbacktest/example_test.go:\n%s", b[3])
		}
	}
	if found != 3 {
		t.Errorf("docs/ci.md shows %d pieces of Go, want 3", found)
	}
}

func TestTheWorkflowOfTheGuideUsesTheActionAsItIs(t *testing.T) {
	var w struct {
		Name        string            `yaml:"name"`
		On          []string          `yaml:"on"`
		Permissions map[string]string `yaml:"permissions"`
		Jobs        map[string]struct {
			RunsOn string            `yaml:"runs-on"`
			Env    map[string]string `yaml:"env"`
			Steps  []actionStep      `yaml:"steps"`
		} `yaml:"jobs"`
	}
	strictly(t, ".github/workflows/consumer.yml", &w)
	var a action
	decode(t, "action.yml", &a)
	used := false
	for _, s := range w.Jobs["consumer"].Steps {
		name, _, _ := strings.Cut(s.Uses, "@")
		if name != "ringback/ringback" {
			continue
		}
		used = true
		for input := range s.With {
			if _, ok := a.Inputs[input]; !ok {
				t.Errorf("the action has no input %q", input)
			}
		}
		for _, scenario := range strings.Fields(s.With["scenario"]) {
			exists(t, "the workflow", path.Join("scenarios", scenario+".yaml"))
		}
	}
	if !used {
		t.Error("the workflow does not use the action")
	}
}

func TestTheGitLabJobsRunCommandsThatExist(t *testing.T) {
	var jobs map[string]struct {
		Stage     string            `yaml:"stage"`
		Image     string            `yaml:"image"`
		Variables map[string]string `yaml:"variables"`
		Script    []string          `yaml:"script"`
		Artifacts struct {
			When    string            `yaml:"when"`
			Paths   []string          `yaml:"paths"`
			Reports map[string]string `yaml:"reports"`
		} `yaml:"artifacts"`
	}
	strictly(t, ".gitlab-ci.yml", &jobs)
	program := jobs["ringback"].Artifacts.Paths
	commands := 0
	for _, line := range jobs["consumer"].Script {
		words := strings.Fields(line)
		if !slices.Contains(program, words[0]) {
			continue
		}
		if commands++; !hasCommand(t, words[1]) {
			t.Errorf("ringback has no command %q", words[1])
		}
	}
	if last := jobs["consumer"].Script; commands != 2 || !strings.HasSuffix(last[len(last)-1], " --report "+jobs["consumer"].Artifacts.Reports["junit"]) {
		t.Errorf("%d commands, the last %q; want wait, then examine with the report %q", commands, last, jobs["consumer"].Artifacts.Reports["junit"])
	}
}
