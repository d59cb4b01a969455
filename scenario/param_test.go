package scenario_test

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback/ringback/scenario"
)

// everywhere has a parameter in each kind of place in which a value may stand.
const everywhere = `name: everywhere
story: Parameters wherever a value may stand, and a $dollar of ${agent} where none may.
params: {agent: alice, outside: customer, id: "0150", wrap: 10s..30s, digits: 7, reason: null-ish, often: 5%,
  type: channel.held.*, gate: 100%, times: 1..3, then: answer, fault: duplicate, sigma: 0.6, weight: 80, path: calls, number: 5, text: "5"}
agents: {alice: {agentId: $id, wrap: $wrap}, bob: {}}
assume: {timestamp-digits: $digits, disconnected-reason: $reason}
faults: [{duplicate: $often, of: $type}]
gates: ["accepted >= ${gate}"]
steps:
  - call: $outside
  - ring: {agent: $agent, for: 5s, then: $then}
  - hold: {lognormal: {median: 30s, sigma: $sigma}, max: 10m}
    chance: ${often}
  - repeat:
      times: $times
      steps:
        - choose: [{weight: $weight, steps: [{talk: 5s, fault: $fault}]}, {weight: 20, steps: [talk: 1m]}]
  - send: {number: $number, quoted: "$number", text: $text, price: "$5, $$agent, ${agent}", home: $HOME, lone: $$}
  - hangup: ${outside}
expect:
  - get: /${path}/{{conversationId}}
    json: {$.phase: "{{phase ${agent}}}", $.number: $number}
`

// written is the same story without parameters.
const written = `name: everywhere
story: Parameters wherever a value may stand, and a $dollar of alice where none may.
agents: {alice: {agentId: "0150", wrap: 10s..30s}, bob: {}}
assume: {timestamp-digits: 7, disconnected-reason: null-ish}
faults: [{duplicate: 5%, of: channel.held.*}]
gates: ["accepted >= 100%"]
steps:
  - call: customer
  - ring: {agent: alice, for: 5s, then: answer}
  - hold: {lognormal: {median: 30s, sigma: 0.6}, max: 10m}
    chance: 5%
  - repeat:
      times: 1..3
      steps:
        - choose: [{weight: 80, steps: [{talk: 5s, fault: duplicate}]}, {weight: 20, steps: [talk: 1m]}]
  - send: {number: 5, quoted: "5", text: "5", price: "$5, $$agent, alice", home: $HOME, lone: $$$$}
  - hangup: customer
expect:
  - get: /calls/{{conversationId}}
    json: {$.phase: "{{phase alice}}", $.number: 5}
`

func fingerprint(t *testing.T, text string, set ...scenario.Param) string {
	t.Helper()
	doc, err := scenario.Values{Set: set}.ParseDocument("story.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	doc.Scenario.Fingerprint(&b)
	fmt.Fprintf(&b, "%s %s %q", doc.Scenario.Story, doc.Scenario.Gates[0].Text, doc.Scenario.Expect[0].JSON[0].Want+doc.Scenario.Expect[0].JSON[1].Want+doc.Scenario.Expect[0].Get)
	return b.String()
}

// A story with parameters is the story that is written out with their values.
func TestAParameterIsItsValueWrittenOut(t *testing.T) {
	got, want := fingerprint(t, everywhere), fingerprint(t, strings.Replace(written, "lone: $$$$", "lone: $$", 1))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !strings.Contains(got, `\"number\":5,\"quoted\":\"5\",\"text\":\"5\",\"price\":\"$5, $agent, alice\",\"home\":\"$HOME\",\"lone\":\"$\"`) {
		t.Errorf("the body is not as written in\n%s", got)
	}
	for name, value := range map[string]string{"agent": "bob", "id": "7", "wrap": "1s", "digits": "3", "reason": "x", "often": "6%", "type": "channel.*",
		"times": "2", "then": "no-answer", "fault": "drop", "sigma": "0.7", "weight": "81", "number": "6", "text": "6", "gate": "99%", "path": "c"} {
		text := everywhere
		if name == "then" { // which needs an answer later
			text = strings.Replace(text, "then: $then}", "then: $then}\n  - ring: {agent: bob, for: 1s}\n    chance: 0%", 1)
			if _, err := (scenario.Values{Set: []scenario.Param{{Name: name, Value: value, From: "here"}}}).ParseDocument("story.yaml", []byte(text)); err == nil ||
				!strings.Contains(err.Error(), "with $then from here") {
				t.Errorf("a path that a value makes unlawful: %v", err)
			}
			continue
		}
		if fingerprint(t, text, scenario.Param{Name: name, Value: value}) == got {
			t.Errorf("%s=%s changes nothing", name, value)
		}
	}
	if set := fingerprint(t, everywhere, scenario.Param{Name: "text", Value: "6"}); !strings.Contains(set, `\"text\":\"6\"`) {
		t.Errorf("a text by its default is none when set:\n%s", set)
	}
}

// Values come from what was set, or else a variable that the file names, or else the file.
func TestWhereValuesComeFrom(t *testing.T) {
	const text = "name: a\nstory: A.\nparams:\n  ring: {env: RING, default: 1s}\n  hold: 2s\nsteps: [{call: c}, {ring: {agent: a, for: $ring}}, {hold: $hold}, {finish: 3s}]\n"
	variables := func(name string) (string, bool) {
		if name != "RING" {
			t.Errorf("the variable %s is read", name)
		}
		return "5s", true
	}
	empty := func(string) (string, bool) { return "", true }
	set := []scenario.Param{{Name: "ring", Value: "7s", From: "before"}, {Name: "ring", Value: "8s", From: "--set"}, {Name: "stranger", Value: "?"}}
	for _, c := range []struct {
		values scenario.Values
		want   string
	}{
		{scenario.Values{}, "ring=1s, from line 4"},
		{scenario.Values{Variable: empty}, "ring=1s, from line 4"},
		{scenario.Values{Variable: variables}, "ring=5s, from the variable RING"},
		{scenario.Values{Variable: variables, Set: set}, "ring=8s, from --set"},
	} {
		doc, err := c.values.ParseDocument("a.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		p := doc.Scenario.Params[0]
		if got := fmt.Sprintf("%s=%s, from %s", p.Name, p.Value, p.From); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if min := doc.Scenario.Steps[1].Time.Min().String(); min != p.Value {
			t.Errorf("rings for %s, not %s", min, p.Value)
		}
	}
	known, _ := scenario.Parse("a.yaml", []byte(text))
	err := scenario.Values{Set: set}.Check(known)
	if want := `unknown parameter "stranger"; known parameters: ring, hold`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	set = append(set, scenario.Param{Name: "hodl"}, scenario.Param{Name: strings.Repeat("x", 1<<20)})
	err = scenario.Values{Set: set}.Check(known)
	if want := `unknown parameters "stranger", "hodl" (did you mean "hold"?), "` + strings.Repeat("x", 63) + `…"; known parameters: ring, hold`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := (scenario.Values{Set: set[:2]}).Check(known); err != nil {
		t.Error(err)
	}
}

func TestValuesThatNoFileCouldHaveAreRefused(t *testing.T) {
	const text = "name: a\nstory: A.\nparams: {name: c}\nsteps: [{call: $name}, abandon]\n"
	for value, want := range map[string]string{
		strings.Repeat("x", 1001): "the value from --set has 1001 bytes, want at most 1000",
		"a\x00b":                  `the value from --set has a character that is not allowed: "a\x00b"`,
		"a\xff":                   `the value from --set has a character that is not allowed: "a\xff"`,
		"":                        "a.yaml:4:16: call: want a name of letters, digits, - and _, at most 64, with a letter first, got nothing; $name is from --set",
		"$name":                   `got "$name"; $name is from --set`,
		"${name}x":                `got "${name}x"; $name is from --set`,
	} {
		_, err := scenario.Values{Set: []scenario.Param{{Name: "name", Value: value, From: "--set"}}}.ParseDocument("a.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %s", value, err, want)
		}
	}
}

const withHold = "name: with-hold\nstory: A call.\nparams: {hold: 30s, ring: 5s}\nsteps: [{call: customer}, {ring: {agent: alice, for: $ring}}, {hold: $hold}, {finish: 5s}]\n"

// A workload sets parameters of all scenarios, and of each entry of its mix; the caller's
// values go over both.
func TestAWorkloadSetsParameters(t *testing.T) {
	files := folder{"with-hold": withHold, "a-call": aCall}
	const mix = "set: {hold: 1m, ring: 2s}\nmix:\n" +
		"  - {scenario: with-hold, weight: 1}\n  - {scenario: with-hold, weight: 1, set: {hold: 2m}}\n  - {scenario: a-call, weight: 1}\n"
	w, err := resolve(t, mix, files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, sc := range w.Scenarios {
		for _, p := range sc.Params {
			got = append(got, p.Value+" "+p.From)
		}
	}
	want := "[1m w.yaml:3:13 2s w.yaml:3:23 2m w.yaml:6:50 2s w.yaml:3:23]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	doc, err := scenario.Values{Set: []scenario.Param{{Name: "hold", Value: "9s", From: "--set"}}}.ParseDocument("load.yaml", []byte("name: load\nstory: A load.\npopulation: 1\n"+mix))
	if err == nil {
		err = doc.Workload.Resolve(files.files())
	}
	if err != nil || doc.Workload.Scenarios[0].Params[0].Value != "9s" || doc.Workload.Scenarios[1].Params[0].Value != "9s" {
		t.Errorf("a value of the caller's is not taken: %v", err)
	}
	for _, c := range []struct{ lines, want string }{
		{"mix: [{scenario: with-hold, weight: 1, set: {hodl: 5s}}]\n", `w.yaml:3:46: set: unknown parameter "hodl" (did you mean "hold"?); known parameters: hold, ring`},
		{"set: {hodl: 5s}\nmix: [{scenario: with-hold, weight: 1}, {scenario: a-call, weight: 1}]\n", `w.yaml:3:7: set: unknown parameter "hodl" (did you mean "hold"?)`},
		{"mix: [{scenario: a-call, weight: 1, set: {hold: 5s}}]\n", `w.yaml:3:43: set: unknown parameter "hold": there are none`},
		{"mix: [{scenario: with-hold, weight: 1, set: {hold: 5}}]\n", `dir/with-hold:4:70: hold: want a time, got "5" (add a unit: 5s); $hold is from w.yaml:3:52`},
	} {
		if _, err := resolve(t, c.lines, files); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// FuzzValues: any value of a parameter is judged as if it were written there in quotes, and
// what is wrong with it has a place and names where it was given.
func FuzzValues(f *testing.F) {
	const story = "name: a\nstory: A.\nparams: {v: \"x\"}\nsteps:\n  - call: customer\n  - ring: {agent: alice, for: 5s, then: USE}\n" +
		"  - hold: USE\n  - talk: {gamma: {shape: USE, scale: 1s}}\n  - send: USE\n  - send: {a: USE}\n  - finish: 5s\nexpect: [{get: USE, status: 200}]\n"
	for _, value := range []string{"", "5s", "answer", "alice", "3", "1..2", "/calls", "$v", "${v}", "$$", "{{channelId customer}}", "null", "~", "a\nb", "5 s", "é"} {
		for place := range 6 {
			f.Add(value, place)
		}
	}
	f.Fuzz(func(t *testing.T, value string, place int) {
		uses := strings.Split(story, "USE")
		chosen := 1 + int(uint(place)%uint(len(uses)-1))
		fallback := []string{"", "answer", "5s", "2", "x", "x", "/x"}
		text := func(use string) []byte {
			var b strings.Builder
			b.WriteString(uses[0])
			for i, part := range uses[1:] {
				if i+1 == chosen {
					b.WriteString(use + part)
				} else {
					b.WriteString(fallback[i+1] + part)
				}
			}
			return []byte(b.String())
		}
		given, err := scenario.Values{Set: []scenario.Param{{Name: "v", Value: value, From: "--set"}}}.ParseDocument("a.yaml", text(`"$v"`))
		var problems scenario.Problems
		if errors.As(err, &problems) {
			inside(t, text(`"$v"`), problems)
			if !strings.Contains(err.Error(), "from --set") {
				t.Errorf("%q: %v does not say where it is from", value, err)
			}
			if strings.Contains(err.Error(), "not allowed") || strings.Contains(err.Error(), "bytes") {
				return // a value that no file could have
			}
		}
		escaped := strconv.QuoteToASCII(strings.ReplaceAll(value, "$", "$$"))
		plain := strings.Replace(string(text(escaped)), "params: {v: \"x\"}\n", "", 1)
		out, wrong := scenario.ParseDocument("a.yaml", []byte(plain))
		if (err == nil) != (wrong == nil) {
			t.Fatalf("%q: given %v, written %v", value, err, wrong)
		}
		if err == nil {
			var a, b bytes.Buffer
			given.Scenario.Fingerprint(&a)
			out.Scenario.Fingerprint(&b)
			if a.String() != b.String() {
				t.Errorf("%q: given\n%s\nwritten\n%s", value, a.String(), b.String())
			}
		}
	})
}
