package profile_test

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/profile"
	"github.com/ringback/ringback/internal/examine/trial"
)

func TestReadAProfile(t *testing.T) {
	p, err := profile.Read("p.yaml", []byte("versions: [v1]\ntypes: channel.*\nstores: [phase, agentId, figures]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Versions) != 1 || p.Versions[0] != event.V1 || len(p.Types) != 1 || p.Types[0] != "channel.*" || p.Aspects != trial.Phase|trial.AgentID|trial.Figures {
		t.Errorf("%+v", p)
	}
}

func TestProblemsOfProfiles(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "the file is empty"},
		{"[v0]", "a profile: want a mapping"},
		{"version: v0", `p.yaml:1:1: `},
		{"version: v0", `did you mean "versions"?`},
		{"versions: [v0, v2]", `p.yaml:1:16: "v2" is no version of events; want v0 or v1`},
		{"versions: [v0, v0]", `versions has "v0" twice`},
		{"versions: []", "versions is an empty list"},
		{"versions: {v0: true}", "p.yaml:1:11"},
		{"types: [chanel.held]", `"chanel.held" selects no event type (did you mean "channel.held.*"?)`},
		{"types: [channel.held.v0]\nversions: [v1]", "there would be nothing to send"},
		{"stores: [phases]", `"phases" is nothing that a state tells (did you mean "phase"?)`},
		{"stores: [3]", `p.yaml:1:10`},
	} {
		if _, err := profile.Read("p.yaml", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v; want %s", c.text, err, c.want)
		}
	}
}
