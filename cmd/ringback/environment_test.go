package main

import (
	"strings"
	"testing"
)

// Lists in variables have one rule, the flag's own beside lines, and whoever takes another one is told.
func TestListsInVariables(t *testing.T) {
	for _, tt := range []struct {
		name, value, line string
		status            int
		want, not         string // in what is said
	}{
		{"RINGBACK_ASSUME", "absent-ids=null,id-form=any", "plan chat --format ndjson --count 1", 0, `"agentId":null`, ""},
		{"RINGBACK_ASSUME", "absent-ids=null\nid-form=any", "plan chat --format ndjson --count 1", 0, `"agentId":null`, ""},
		{"RINGBACK_ASSUME", "absent-ids=null,id-form=none", "plan chat", 2, "RINGBACK_ASSUME: assumption id-form", "one value per line"},
		{"RINGBACK_TYPES", "channel.held.v0,channel.ended.v0", "plan chat --summary", 0, "", "warning"},
		{"RINGBACK_GATE", "accepted >= 1%,accepted >= 2%", "run chat --dry-run", 2, "RINGBACK_GATE takes one value per line; a comma is part of the value", ""},
		{"RINGBACK_GATE", "accepted >= 1%\naccepted >= lots", "run chat --dry-run", 2, "RINGBACK_GATE: ", "one value per line"},
		{"RINGBACK_TO", "http://127.0.0.1:9/,http://127.0.0.1:8/", "run chat --dry-run", 2, "RINGBACK_TO takes one value per line", ""},
		{"RINGBACK_TO", "http://127.0.0.1:9/\nhttp://127.0.0.1:8/", "examine", 2, "name it with RINGBACK_TO=URL", ""},
		{"RINGBACK_HEADER", "A: 1, B: 2", "run chat --dry-run --to http://127.0.0.1:9/", 0, "warning: RINGBACK_HEADER takes one value per line; a comma is part of the value\n", ""},
		{"RINGBACK_HEADER", "A: 1, B: 2", "run chat --quiet --dry-run --to http://127.0.0.1:9/", 0, "", "one value per line"},
		{"RINGBACK_SET", "hold=2m,talk=3m", "plan inbound-call-with-hold", 3, "warning: RINGBACK_SET takes one value per line", ""},
		{"RINGBACK_REPORT", "a.json,b.xml", "run chat --dry-run", 2, "RINGBACK_REPORT takes one value per line", ""},
		{"RINGBACK_HEADER", "A: 1, 2", "run chat --dry-run --to http://127.0.0.1:9/", 0, "", "one value per line"},
	} {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			t.Setenv(tt.name, tt.value)
			status, out, errs := call(t, "", strings.Fields(tt.line)...)
			if said := out + errs; status != tt.status || !strings.Contains(said, tt.want) || tt.not != "" && strings.Contains(said, tt.not) {
				t.Errorf("status %d, want %d, %q and not %q:\n%s", status, tt.status, tt.want, tt.not, said)
			}
		})
	}
}

// A variable that nearly has the name of one of ours sets nothing, and says so, but for those that others make.
func TestMisspeltVariablesAreToldOf(t *testing.T) {
	for name, meant := range map[string]string{
		"RINGBACK_ASUME": "RINGBACK_ASSUME", "RINGBACK_SECRETS": "RINGBACK_SECRET", "RINGBACK_LISTENN": "RINGBACK_LISTEN", "RINGBACK_Seed": "RINGBACK_SEED",
		"ringback_seed": "RINGBACK_SEED", "Ringback_To": "RINGBACK_TO", "RINGBACK_LISTEN": "", "RINGBACK_SHARDS": "", "RINGBACK_BANANAS": "", "RINGBACK_SERVICE_HOST": "", "RINGBACK_PORT_8080_TCP_PORT": "", "RINGBACKTO": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "x")
			for _, line := range []string{"version", "plan chat --summary"} {
				_, _, errs := call(t, "", strings.Fields(line)...)
				if want := "warning: " + name + " sets nothing (did you mean " + meant + "?)\n"; meant != "" && !strings.Contains(errs, want) || meant == "" && strings.Contains(errs, "sets nothing") {
					t.Errorf("%s: %q, want %q", line, errs, want)
				}
			}
			if _, _, errs := call(t, "", "run", "chat", "--speed", "max", "--quiet"); strings.Contains(errs, "sets nothing") {
				t.Errorf("--quiet: %q", errs)
			}
		})
	}
	t.Setenv("RINGBACK_PORT", "tcp://10.0.0.1:8080") // as Kubernetes has it
	if _, _, errs := call(t, "", "version"); errs != "" {
		t.Errorf("a port of a service: %q", errs)
	}
}
