package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/signature"
)

func TestEachProblemNamesItsField(t *testing.T) {
	for _, c := range []struct {
		text Text
		want []string
	}{
		{Text{}, nil},
		{Text{Versions: "v7", Calls: "often", For: "1s..2s", Lag: "5", Faults: []string{"fire"}, Assume: []string{"abandon", "abandon=perhaps"}},
			[]string{"versions: want v0", "calls: want a rate", "for: want one time", "lag: want a time", "faults: ", "assume: want NAME=VALUE", "assume: assumption abandon"}},
		{Text{Calls: "0/s"}, []string{"calls: want a rate above 0"}},
		{Text{Population: -1}, []string{"population: want a whole number from 1 to 2000000"}},
		{Text{Calls: "5/s", Events: "5/s"}, []string{"events: more than one setting says when conversations begin; use only calls or events"}},
	} {
		_, err := c.text.Options()
		if (err == nil) != (c.want == nil) {
			t.Errorf("%+v: got %v", c.text, err)
			continue
		}
		for i, want := range c.want {
			if lines := strings.Split(err.Error(), "\n"); len(lines) != len(c.want) || !strings.HasPrefix(lines[i], want) {
				t.Errorf("%+v: got\n%v\nwant %q at line %d of %d", c.text, err, want, i+1, len(c.want))
			}
		}
	}
}

func TestAProblemSpeaksInTheWordsOfItsCaller(t *testing.T) {
	o, err := (&Text{Calls: "5/s"}).Options()
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&Traffic{}).Options(o, Pool{})
	var p *Problem
	if !errors.As(err, &p) {
		t.Fatalf("got %v", err)
	}
	flag := func(f Field) string { return "--" + string(f) }
	if got, want := p.Text(flag), "--calls: a rate needs an end; add --for or --count"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestScenariosAgreeOnHowTheyAreSent(t *testing.T) {
	story := func(name, assume string) *scenario.Scenario {
		sc, err := scenario.Parse(name, []byte("name: "+name+"\nstory: S.\nsteps: [{call: customer}, {queue: 5s}, abandon]\nassume: {"+assume+"}\n"))
		if err != nil {
			t.Fatal(err)
		}
		return sc
	}
	silent, lenient, strict := story("silent", ""), story("lenient", "success: 2xx"), story("strict", "success: 200-205")
	for _, c := range []struct {
		name      string
		scenarios []*scenario.Scenario
		top       []string
		want      string
	}{
		{"one choice counts for all", []*scenario.Scenario{silent, lenient, silent}, nil, "success=2xx"},
		{"other assumptions stay", []*scenario.Scenario{lenient}, []string{"absent-ids=null"}, "absent-ids=null,success=2xx"},
		{"two choices contradict each other", []*scenario.Scenario{lenient, strict}, nil, "lenient has success=2xx and strict has success=200-205"},
		{"the default by name is a choice", []*scenario.Scenario{lenient, strict}, []string{"success=200-205"}, "success=200-205"},
		{"an assumption about bodies is each scenario's own", []*scenario.Scenario{story("a", "absent-ids: 'null'"), story("b", "absent-ids: omit")}, nil, ""},
	} {
		set, err := ParseAssume(c.top)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if set, err = (&Traffic{Scenarios: c.scenarios}).Sending(set); err == nil {
			got = set.String()
		} else {
			got = err.Error()
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// A pool that a workload has, is bounded by the count that is given.
func TestThePoolIsCutToItsCount(t *testing.T) {
	o, err := (&Traffic{}).Options(plan.Options{}, Pool{Count: 1, Agents: []scenario.Agent{{AgentID: "1"}, {AgentID: "2"}}})
	if err != nil || o.Pool.Count != 1 || len(o.Pool.Agents) != 1 {
		t.Errorf("got %+v, %v", o.Pool, err)
	}
}

// Of a plan too long to be walked for that, the end lies somewhat before now, and never behind.
func TestALongPlanEndsBeforeNow(t *testing.T) {
	doc, err := scenario.ParseDocument("x.yaml", []byte("name: short\nstory: A call.\nsteps: [{call: customer}, {queue: 1s}, abandon]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, count := range []uint64{10, 2 * mostTimed} {
		now := time.Now()
		p, err := TrafficOf(doc).Plan(plan.Options{Count: count, Calls: scenario.Rate{Times: 1000, Per: time.Second}}, 60)
		if err != nil {
			t.Fatal(err)
		}
		if end := p.Start().Add(p.Length()); end.After(time.Now()) || end.Before(now.Add(-time.Minute)) {
			t.Errorf("%d conversations end at %s, and now is %s", count, end, now)
		}
	}
}

// Each secret is read, doubtful or not. Warnings say which one it is and where it stands, reports
// hide it as it was given, and nothing has its text.
func TestDoubtfulSecretsAreReadWithWarnings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "targets.yaml")
	text := "targets:\n  - {url: 'http://127.0.0.1:1', secret: 'Zmls ZS1z', next-secret: '" + signature.DevelopmentNextSecret + "'}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	in := TargetText{To: []string{"http://127.0.0.1:2"}, File: file, Secret: "Zmls-ZS1", NextSecret: signature.DevelopmentNextSecret}
	s, err := in.Read(nil)
	if err != nil || len(s.Targets) != 2 || string(s.Targets[1].Secret) != "file-s" || s.Development {
		t.Fatalf("%+v, %v", s, err)
	}
	all := fmt.Sprint(s.Warnings)
	for _, want := range []string{"secret: it decodes to 6 bytes", "URL alphabet", "targets: " + file + ":2:", ": secret: it looks like plain words, not like the Base64 that the API shows; it decodes to 6 bytes", "white space in it is ignored"} {
		if !strings.Contains(all, want) {
			t.Errorf("the warnings are %s, want %q", all, want)
		}
	}
	for _, secret := range []string{"Zmls-ZS1", "Zmls ZS1z"} {
		if strings.Contains(all, secret) || !slices.Contains(s.Targets[0].Hide, secret) || !slices.Contains(s.Targets[1].Hide, secret) {
			t.Errorf("%q is in %s, or not in what nothing may show", secret, all)
		}
	}
	secrets, development, doubts, err := ReadSecrets([]string{signature.DevelopmentSecret, "YWJj"})
	if err != nil || development || string(secrets[1]) != "abc" || len(doubts.Warnings) != 1 || !strings.HasPrefix(doubts.Warnings[0].Error(), "secret: 2 of 2: it decodes to 3 bytes") {
		t.Errorf("%v, %v, %v", secrets, doubts.Warnings, err)
	}
	if _, _, _, err := ReadSecrets([]string{"?!"}); err == nil || !strings.Contains(err.Error(), "no Base64 in it") {
		t.Errorf("a text without Base64: %v", err)
	}
}

// The paths of a targets file begin at its folder, from wherever it is read, and what is not there is told with its place.
func TestPathsOfATargetsFileBeginAtItsFolder(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := write("ca.pem", "none")
	write("secret.txt", signature.DevelopmentNextSecret)
	t.Chdir(t.TempDir())
	in := TargetText{File: write("targets.yaml", "targets:\n- url: https://127.0.0.1:1\n  secret: '@secret.txt'\n  tls: {ca: ca.pem, server-name: wall}\n- url: https://127.0.0.1:2\n  tls: {ca: "+ca+"}\n")}
	s, err := in.Read(nil)
	if err != nil || len(s.Targets) != 2 || s.Targets[0].TLS.CAFile != ca || s.Targets[1].TLS.CAFile != ca || s.Targets[0].Secret.Base64() != signature.DevelopmentNextSecret || s.Targets[0].TLS.ServerName != "wall" {
		t.Errorf("%+v, %v", s.Targets, err)
	}
	in.File = write("wrong.yaml", "targets:\n- url: https://127.0.0.1:1\n  secret: '@none.txt'\n  tls: {ca: none.pem, cert: ., key: ca.pem}\n")
	_, err = in.Read(nil)
	for _, want := range []string{"wrong.yaml:3:11: secret: ", "wrong.yaml:4:13: ca: " + filepath.Join(folder, "none.pem") + ": no such file", "wrong.yaml:4:29: cert: " + folder + " is a folder"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// What is wrong with a targets file is said with its place, and without the line: secrets stand in it.
func TestProblemsOfATargetsFileShowNothingSecret(t *testing.T) {
	for name, text := range map[string]string{
		"a key beside secrets":    `  - {url: "http://jo:hunter22@127.0.0.1:1/", secret: "c2VjcmV0LXNl", typs: [a], headers: {X-Key: s3cr-t0p}}`,
		"a header that is none":   "  - url: http://127.0.0.1:1/\n    headers:\n      X-Key: [s3cr-t0p]",
		"a secret for a key":      "  - url: http://127.0.0.1:1/\n    secret: {c2VjcmV0LXNl: 1}",
		"a quote that is open":    "  - url: http://127.0.0.1:1/\n    secret: \"c2VjcmV0LXNl",
		"a header like an alias":  "  - url: http://127.0.0.1:1/\n    headers: {X-Key: *s3cr-t0p}",
		"a header like an anchor": "  - url: http://127.0.0.1:1/\n    headers: {X-Key: &s3cr-t0p x}",
		"no YAML":                 "  - url: http://127.0.0.1:1/\n    secret: s3cr-t0p: x",
		"no file":                 "  - url: http://127.0.0.1:1/\n    tls: {ca: missing.pem}\n    headers: {X-Key: s3cr-t0p}",
	} {
		file := filepath.Join(t.TempDir(), "targets.yaml")
		if err := os.WriteFile(file, []byte("targets:\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := (&TargetText{File: file}).Read(nil)
		var problems source.Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: %v, want problems", name, err)
			continue
		}
		said := problems.Detail() + err.Error()
		for _, secret := range []string{"hunter22", "c2VjcmV0LXNl", "s3cr-t0p"} {
			if strings.Contains(said, secret) {
				t.Errorf("%s: %q shows %s", name, said, secret)
			}
		}
		if !strings.Contains(said, file+":") {
			t.Errorf("%s: %q has no place", name, said)
		}
	}
}
