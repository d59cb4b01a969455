package scenario

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

func TestTextsAreTakenAsTheyAreWritten(t *testing.T) {
	sc, err := Parse("x.yaml", []byte("\uFEFFname: 2024-01-02\r\nstory: 1e3\r\nagents:\r\n"+
		"  alice: {agentId: 0150}\r\n  bob: {agentId: +447700900123}\r\n  carol: {agentId: 1_000}\r\n  dave: {agentId: 0x1F}\r\n  eve: {agentId: 1.50}\r\n"+
		"steps: [{call: yes}, abandon]\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{sc.Name, sc.Story, sc.Steps[0].Name}
	for _, a := range sc.Agents {
		got = append(got, a.AgentID)
	}
	want := "2024-01-02 1e3 yes 0150 +447700900123 1_000 0x1F 1.50"
	if strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNullIsAWordWhereAnAssumptionHasIt(t *testing.T) {
	for _, value := range []string{"null", `"null"`} {
		sc, err := Parse("x.yaml", []byte("name: a\nstory: b\nassume: {absent-ids: "+value+"}\nsteps: [{call: c}, abandon]\n"))
		if err != nil || !sc.Assume.Is(assume.AbsentIDs, "null") {
			t.Errorf("%s: got %v", value, err)
		}
	}
}

// A file that was written when dial connected the agent at once, or when a failed channel ended
// at once, is right, and its author is told.
func TestAFileOfAnEarlierVersionIsAdvised(t *testing.T) {
	for _, c := range []struct{ top, dial, want string }{
		{"", "{agent: a, to: b, ring: 1s}", "x.yaml:3:10: dial: the agent's phone rings first, for 2s..5s, before the other party is dialled"},
		{"", "{agent: a, agent-ring: 1s, to: b, ring: 1s}", ""},
		{"assume: {agent-leg: answered}\n", "{agent: a, to: b, ring: 1s}", ""},
		{"assume: {agent-leg: ring}\n", "{agent: a, to: b, ring: 1s}", ""},
		{"", "{agent: a, agent-ring: 1s, to: b, ring: 1s, fails: busy}", "x.yaml:3:10: a channel that does not connect ends 5s later"},
		{"", "{agent: a, agent-ring: 1s, then: no-answer, to: b, ring: 1s}", "x.yaml:3:10: a channel that does not connect ends 5s later, and its agent is in No Answer until then"},
		{"", "{agent: a, agent-ring: 1s, then: reject, to: b}", "x.yaml:3:10: a channel that does not connect ends 5s later, and its agent is in No Answer until then"},
		{"", "{agent: a, agent-ring: 1s, to: b, ring: 1s, fails: no-answer}", "x.yaml:3:10: a channel that does not connect ends 5s later"},
		{"", "{agent: a, agent-ring: 1s, to: b, ring: 1s, fails: busy, unexpected: 1s}", ""},
		{"assume: {unexpected-time: 0s}\n", "{agent: a, agent-ring: 1s, to: b, ring: 1s, fails: busy}", ""},
	} {
		end := "{finish: 1s}"
		if strings.Contains(c.dial, "fails") {
			end = "{wrap: 1s}"
		} else if strings.Contains(c.dial, "then") {
			end = "{wait: 1s}"
		}
		text := "name: a\nstory: b\nsteps: [{dial: " + c.dial + "}, " + end + ", {dial: " + c.dial + "}, " + end + "]\n" + c.top
		doc, err := ParseDocument("x.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Advice().Error(); got != c.want || c.want != "" && !strings.Contains(doc.Advice().Detail(), `"assume: {`) {
			t.Errorf("%s%s: got %s", c.top, c.dial, doc.Advice().Detail())
		}
		twice := Document{Workload: &Workload{Scenarios: []*Scenario{doc.Scenario, doc.Scenario}}}
		if got := twice.Advice().Error(); got != c.want {
			t.Errorf("twice in a mix: got %s, want %s", got, c.want)
		}
	}
}

// Only an agent is in No Answer, not an outside party; where both fail, the agent is told.
func TestTheAdviceOnAFailureSaysWhoseChannelItIs(t *testing.T) {
	const outside, agents = "a channel that does not connect ends 5s later", "a channel that does not connect ends 5s later, and its agent is in No Answer until then"
	for _, c := range []struct{ steps, want string }{
		{"{ring: {agent: a, for: 1s, then: no-answer}}", agents},
		{"{ring: {agent: a, for: 1s, then: reject}}", agents},
		{"{ring: {agent: a, for: 1s, then: abandon}}", ""},
		{"{ring: {agent: a, for: 1s}}, {consult: {agent: b, ring: 1s, then: reject}}", agents},
		{"{ring: {agent: a, for: 1s}}, {consult: {number: b, ring: 1s, then: reject}}", outside},
		{"{ring: {agent: a, for: 1s}}, {transfer: {number: b, ring: 1s, then: no-answer}}", outside},
		{"{ring: {agent: a, for: 1s}}, {conference: {number: b, ring: 1s, then: no-answer}}", outside},
		{"{ring: {agent: a, for: 1s}}, {consult: {number: b, ring: 1s, then: reject}}, {consult: {agent: c, ring: 1s, then: reject}}", agents},
	} {
		end := ", {hangup: k}]"
		if !strings.Contains(c.steps, "{ring: {agent: a, for: 1s}}") {
			end = ", abandon]"
		}
		if strings.Contains(c.steps, "abandon") {
			end = "]"
		}
		doc, err := ParseDocument("x.yaml", []byte("name: a\nstory: b\nsteps: [{call: k}, "+c.steps+end+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := doc.Advice().Error()
		if _, what, found := strings.Cut(got, ": "); found {
			got = what
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.steps, got, c.want)
		}
	}
}

func TestAnAbandonNeedsNothingBehindIt(t *testing.T) {
	for _, step := range []string{"abandon", "abandon:", "{abandon: , chance: 100%}"} {
		text := "name: a\nstory: b\nsteps:\n  - call: c\n  - " + step + "\n"
		if _, err := Parse("x.yaml", []byte(text)); err != nil {
			t.Errorf("%s: %v", step, err)
		}
	}
}

func TestAWorkloadIsNoScenario(t *testing.T) {
	text := []byte("name: a\nstory: b\npopulation: 3\nmix: [{scenario: c, weight: 1}]\n")
	_, err := Parse("x.yaml", text)
	if want := "x.yaml:1:1: this is a workload (it has a mix); want a scenario"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if doc, err := ParseDocument("x.yaml", text); err != nil || doc.Workload == nil || doc.Scenario != nil {
		t.Errorf("got %+v, %v; want a workload", doc, err)
	}
}

func TestAWorkloadWithAllThatItMayHave(t *testing.T) {
	doc, err := ParseDocument("x.yaml", []byte(`name: monday-morning
story: The phones fill up between 8 and 9.
agents: {count: 40, patience: {exponential: {mean: 90s}}}
arrivals:
  - {from: 0/s, to: 4/s, over: 10m}
  - {rate: 4/s, over: 50m, poisson: true}
mix:
  - {scenario: inbound-call-with-hold, weight: 70}
  - {scenario: ./our-own-call.yaml, weight: 0.5}
faults:
  - {duplicate: 1%}
  - {delay: 2%, by: 1s..90s, of: channel.held.*}
  - {drop: , every: 100, count: 3}
gates: [accepted >= 99.9%, answer p99 < 500ms, lateness p99 < 20ms]
assume: {success: 2xx}
`))
	if err != nil {
		t.Fatal(err)
	}
	w := doc.Workload
	if w.AgentCount != 40 || w.Patience.String() != "{exponential: {mean: 1m30s}}" {
		t.Errorf("the pool is %d, %s", w.AgentCount, w.Patience)
	}
	if a := w.Arrivals; len(a) != 2 || !a[0].From.IsZero() || a[0].To.String() != "4/s" || a[1].From != a[1].To || !a[1].Poisson || a[0].Poisson {
		t.Errorf("the arrivals are %+v", a)
	}
	if m := w.Mix; len(m) != 2 || m[1].Weight != 0.5 || m[1].Scenario != "./our-own-call.yaml" {
		t.Errorf("the mix is %+v", m)
	}
	if f := w.Faults; len(f) != 3 || f[0].Rate != 0.01 || f[1].Of != "channel.held.*" || f[2].Every != 100 || f[2].Count != 3 || f[2].Kind != fault.Drop {
		t.Errorf("the faults are %+v", f)
	}
	if len(w.Gates) != 3 || w.Gates[1].Text != "answer p99 < 500ms" || !w.Assume.Is(assume.Success, "2xx") {
		t.Errorf("the gates are %+v, the assumptions %s", w.Gates, w.Assume)
	}
}

func TestFilesThatAreTooLong(t *testing.T) {
	good := "name: a\nstory: b\nsteps: [{call: c}, abandon]\n#"
	text := append([]byte(good), bytes.Repeat([]byte("x"), source.MaxSize-len(good))...)
	if _, err := Parse("x.yaml", text); err != nil {
		t.Errorf("a file of %d bytes: %v", len(text), err)
	}
	_, err := Parse("x.yaml", append(text, 'x'))
	if want := "x.yaml:1:1: the file is too large; at most 1048576 bytes are read"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestStoriesThatAreTooLong(t *testing.T) {
	text := "name: a\nstory: b\nsteps:\n" + strings.Repeat("  - wait: 0s\n", maxSteps)
	if _, err := Parse("x.yaml", []byte(text)); err != nil {
		t.Errorf("%d steps: %v", maxSteps, err)
	}
	_, err := Parse("x.yaml", []byte(text+"  - wait: 0s\n"))
	if want := "x.yaml:10004:5: more than 10000 steps"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Twenty chances in a row make a million paths, but few different situations.
func TestManyPathsToFewSituationsAreNoTrouble(t *testing.T) {
	for _, step := range []string{
		"{hold: 1s, chance: 50%}",
		"repeat: {times: 0..20, steps: [{talk: 1s}]}",
		"repeat: {times: 1..3, steps: [{repeat: {times: 0..3, steps: [{talk: 1s}]}}]}",
		"choose: [{weight: 1, steps: [{hold: 1s}]}, {weight: 1, steps: [{talk: 1s}]}, {weight: 1, steps: [{park: 1s}]}]",
	} {
		text := "name: a\nstory: b\nsteps:\n  - call: c\n  - ring: {agent: alice, for: 1s}\n" +
			strings.Repeat("  - "+step+"\n", 60) + "  - hangup: c\n"
		if _, err := Parse("x.yaml", []byte(text)); err != nil {
			t.Errorf("%s: %v", step, err)
		}
	}
}

func TestErrorsCanBeTakenApart(t *testing.T) {
	_, err := Parse("x.yaml", []byte("name: a\nstory: b\nsteps: [{cal: c}, {hold: 5}]\n"))
	var first *Problem
	if !errors.As(err, &first) || first.Pos != (Pos{Line: 3, Column: 10}) || first.File != "x.yaml" || !strings.Contains(first.What, `"cal"`) {
		t.Errorf("got %+v of %v", first, err)
	}
	if n := strings.Count(err.Error(), "\n"); n != 1 {
		t.Errorf("got %d lines, want 2:\n%v", n+1, err)
	}
}

// Phones that ring for no time are possible, and not believable.
func TestAPhoneThatRingsForNoTimeIsAdvised(t *testing.T) {
	const (
		rung   = "{call: c}, {ring: {agent: a, for: 1s}}, "
		missed = ", {ring: {agent: b, for: 1s}}"
		called = ", {dial: {agent: b, agent-ring: 1s, to: c, ring: 1s}}"
	)
	for _, row := range []struct {
		steps string
		want  bool
	}{
		{"{call: c}, {ring: {agent: a, for: 0s}}", true},
		{"{call: c}, {ring: {agent: a, for: 0s, then: no-answer}}" + missed, true},
		{"{call: c}, {ring: {agent: a, for: 0s, then: reject}}" + missed, false},
		{"{call: c}, {ring: {agent: a, for: 0s..1s}}", false},
		{rung + "{monitor: {agent: b}}", true},
		{rung + "{monitor: {agent: b, ring: 0ms}}", true},
		{rung + "{monitor: {agent: b, ring: 1s}}", false},
		{rung + "{conference: {number: b, ring: 0s}}", true},
		{rung + "{consult: {queue: 0s}}", false},
		{rung + "{transfer: {agent: b, ring: 0s}}", true},
		{"{dial: {agent: a, agent-ring: 1s, to: c, ring: 0s}}", true},
		{"{dial: {agent: a, agent-ring: 0s, to: c, ring: 1s}}", true},
		{"{dial: {agent: a, agent-ring: 0s, to: c, then: reject}}" + called, false},
		{"{dial: {agent: a, agent-ring: 1s, to: c, ring: 0s, fails: busy}}" + called, false},
		{"{internal: {from: a, agent-ring: 1s, to: b, ring: 0s}}", true},
		{"{call: {from: c, callback: true}}, {callback: {agent: a, ring: 0s}}", true},
	} {
		doc, err := ParseDocument("x.yaml", []byte("name: a\nstory: b\nsteps: ["+row.steps+", {wait: 1s}, {finish: 1s}]\n"))
		if err != nil {
			t.Fatalf("%s: %v", row.steps, err)
		}
		if got := strings.Contains(doc.Advice().Error(), "rings for no time"); got != row.want {
			t.Errorf("%s: %v, want %v", row.steps, doc.Advice(), row.want)
		}
	}
}
