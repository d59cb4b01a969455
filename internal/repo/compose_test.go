package repo

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// compose is what the example uses of the Compose specification.
type compose struct {
	Name     string             `yaml:"name"`
	Services map[string]service `yaml:"services"`
}

type service struct {
	Build struct {
		Context          string `yaml:"context"`
		DockerfileInline string `yaml:"dockerfile_inline"`
	} `yaml:"build"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Healthcheck struct {
		Test     []string `yaml:"test"`
		Interval string   `yaml:"interval"`
		Timeout  string   `yaml:"timeout"`
		Retries  int      `yaml:"retries"`
		Disable  bool     `yaml:"disable"`
	} `yaml:"healthcheck"`
	DependsOn map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
}

func TestTheComposeExampleHoldsTogether(t *testing.T) {
	var c compose
	decode(t, "deploy/compose.yaml", &c)
	ringback, consumer := c.Services["ringback"], c.Services["consumer"]
	exists(t, "compose.yaml", path.Join("deploy", ringback.Build.Context, "Dockerfile"))
	for _, i := range dockerfile(consumer.Build.DockerfileInline) {
		if i.word != "COPY" {
			continue
		}
		words := strings.Fields(i.rest)
		for _, file := range words[:len(words)-1] {
			exists(t, "the consumer's Dockerfile", path.Join("deploy", consumer.Build.Context, file))
		}
	}
	if !hasCommand(t, ringback.Command[0]) {
		t.Errorf("ringback has no command %q", ringback.Command[0])
	}
	exists(t, "compose.yaml", path.Join("scenarios", ringback.Command[1]+".yaml"))
	if want := "http://consumer:" + consumer.Environment["PORT"] + "/"; !slices.Contains(ringback.Command, want) {
		t.Errorf("ringback runs %q, want it to play to %s", ringback.Command, want)
	}
	if a, b := ringback.Environment["RINGBACK_SECRET"], consumer.Environment["RINGBACK_SECRET"]; a != b || a == "" {
		t.Errorf("the secrets are %q and %q, want one", a, b)
	}
	for name, s := range c.Services {
		for on, d := range s.DependsOn {
			if d.Condition != "service_healthy" || c.Services[on].Healthcheck.Test == nil {
				t.Errorf("%s waits for %s to be %q, which has a health check: %v", name, on, d.Condition, c.Services[on].Healthcheck.Test)
			}
		}
	}
}
