package repo

import (
	"regexp"
	"strings"
	"testing"
)

// action is a composite action, as GitHub documents it.
type action struct {
	Name        string            `yaml:"name"`
	Description string            `yaml:"description"`
	Branding    map[string]string `yaml:"branding"`
	Inputs      map[string]struct {
		Description string `yaml:"description"`
		Default     string `yaml:"default"`
		Required    bool   `yaml:"required"`
	} `yaml:"inputs"`
	Outputs map[string]struct {
		Description string `yaml:"description"`
		Value       string `yaml:"value"`
	} `yaml:"outputs"`
	Runs struct {
		Using string       `yaml:"using"`
		Steps []actionStep `yaml:"steps"`
	} `yaml:"runs"`
}

type actionStep struct {
	ID    string            `yaml:"id"`
	Name  string            `yaml:"name"`
	If    string            `yaml:"if"`
	Uses  string            `yaml:"uses"`
	With  map[string]string `yaml:"with"`
	Shell string            `yaml:"shell"`
	Env   map[string]string `yaml:"env"`
	Run   string            `yaml:"run"`
}

var (
	input      = regexp.MustCompile(`inputs\.([a-z]+)`)
	stepOutput = regexp.MustCompile(`steps\.([a-z]+)\.outputs`)
)

func TestTheActionHoldsTogether(t *testing.T) {
	var a action
	decode(t, "action.yml", &a)
	if a.Name == "" || a.Description == "" || a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Fatalf("name %q, description %q, using %q: want all, and composite", a.Name, a.Description, a.Runs.Using)
	}
	text := string(read(t, "action.yml"))
	for _, found := range input.FindAllStringSubmatch(text, -1) {
		if _, ok := a.Inputs[found[1]]; !ok {
			t.Errorf("there is no input %q", found[1])
		}
	}
	for name, in := range a.Inputs {
		if in.Description == "" || !strings.Contains(text, "inputs."+name) {
			t.Errorf("input %s has the description %q, and must be used", name, in.Description)
		}
	}
	ids := map[string]bool{}
	for i, s := range a.Runs.Steps {
		ids[s.ID] = true
		if (s.Uses == "") == (s.Run == "") || s.Run != "" && s.Shell != "bash" {
			t.Errorf("step %d: uses %q, runs %q in %q; want one of the two, and bash for the second", i, s.Uses, s.Run, s.Shell)
		}
		// An expression within a script would let an input run commands.
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %d has an expression in its script; hand it over in env", i)
		}
	}
	for _, found := range stepOutput.FindAllStringSubmatch(text, -1) {
		if !ids[found[1]] {
			t.Errorf("there is no step %q", found[1])
		}
	}
}
