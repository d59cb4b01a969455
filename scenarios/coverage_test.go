package scenarios_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// seen collects what the ready-made scenarios show, each in the words of the test's report.
type seen map[string]bool

func (s seen) want(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if !s[name] {
			t.Errorf("no ready-made scenario has %s", name)
		}
	}
}

func TestTheStoriesUseTheWholeLanguage(t *testing.T) {
	s := seen{}
	for _, e := range stories() {
		sc, err := scenarios.Load(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		s.steps(sc.Steps, "")
		for _, a := range sc.Agents {
			s["an agent in No Answer for long"] = s["an agent in No Answer for long"] || !a.NoAnswer.IsZero()
			s["a presence behind No Answer"] = s["a presence behind No Answer"] || a.AfterNoAnswer != ""
			s["an agent without wrap"] = s["an agent without wrap"] || a.NoWrap
			s["an agent with at-once"] = s["an agent with at-once"] || a.AtOnce.Chat > 0
			s["an agent with wrap"] = s["an agent with wrap"] || !a.Wrap.IsZero()
		}
	}
	for _, w := range vocabulary(t) {
		s.want(t, w)
	}
	for _, p := range scenario.Presences() {
		s.want(t, "presence to "+p.Word)
	}
	s.want(t, "chance", "conversation: same", "an agent without wrap", "an agent with wrap", "an agent with at-once",
		"an agent in No Answer for long", "a presence behind No Answer",
		"ring then no-answer", "ring then reject", "ring then abandon", "ring then",
		"consult to an agent", "consult to a number", "consult to a queue", "consult then no-answer", "consult then reject",
		"conference to a number", "transfer to an agent", "transfer to a number", "transfer to a queue", "transfer to a queue and an agent",
		"transfer of kind warm", "transfer of kind assured-cold", "transfer of kind unassured-cold", "hold of somebody named",
		"dial then", "dial then no-answer", "dial then reject", "dial fails busy", "dial fails rejected", "dial fails no-answer",
		"callback then", "callback then no-answer", "callback then reject", "callback fails no-answer", "monitor then", "monitor then no-answer", "internal then", "internal then no-answer", "internal then reject",
		"hold with steps", "hold with a time", "park with steps", "park with a time", "interrupt with steps", "interrupt with a time",
		"call in park", "call in interrupt", "hold in interrupt", "interrupt in park", "hold in park",
		"interrupt in meanwhile", "hold in repeat", "interrupt in repeat", "ring in repeat", "call in repeat", "hangup in hold", "hangup in park",
		"a uniform time", "a normal time", "a lognormal time", "an exponential time", "a gamma time", "an empirical time")
}

// steps notes the steps and what they stand in, however deep: around is "", or the words
// of the steps around them with a space before each.
func (s seen) steps(steps []scenario.Step, around string) {
	for _, step := range steps {
		s[step.Word] = true
		for _, outer := range strings.Fields(around) {
			s[step.Word+" in "+outer] = true
		}
		s[strings.TrimSpace(step.Word+" then "+step.Then)] = true
		s[step.Word+" fails "+step.Fails] = true
		s[step.Word+" to "+step.Presence] = true
		s["hold of somebody named"] = s["hold of somebody named"] || step.Word == "hold" && step.Name != ""
		s[step.Word+" of kind "+step.Kind] = true
		to := map[string]bool{"an agent": step.Agent != "" && !step.Queued, "a number": step.Name != "", "a queue": step.Queued,
			"a queue and an agent": step.Queued && step.Agent != ""}
		for whom, is := range to {
			s[step.Word+" to "+whom] = s[step.Word+" to "+whom] || is
		}
		s["chance"] = s["chance"] || step.Chance < 1
		s["fault"] = s["fault"] || step.Fault != 0
		s["conversation: same"] = s["conversation: same"] || step.Same
		if len(step.Steps) > 0 {
			s[step.Word+" with steps"] = true
		} else {
			s[step.Word+" with a time"] = true
		}
		s.time(step.Time)
		s.time(step.Talk)
		s.steps(step.Steps, around+" "+step.Word)
		for _, b := range step.Branches {
			s.steps(b.Steps, around+" "+step.Word)
		}
	}
}

// time notes the law of a time by how it is written: {normal: …} or 5s..20s.
func (s seen) time(span scenario.Span) {
	text := span.String()
	law, _, isLaw := strings.Cut(strings.TrimPrefix(text, "{"), ":")
	switch {
	case isLaw && strings.ContainsRune("aeiou", rune(law[0])):
		s["an "+law+" time"] = true
	case isLaw:
		s["a "+law+" time"] = true
	case strings.Contains(text, ".."):
		s["a uniform time"] = true
	}
}

// vocabulary is every step word, as the JSON Schema has them, so that a new word is wanted
// here from the day that it is there.
func vocabulary(t *testing.T) []string {
	t.Helper()
	var schema struct {
		Defs struct {
			Step struct {
				AnyOf []struct {
					Properties map[string]any
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(scenario.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, form := range schema.Defs.Step.AnyOf {
		for name := range form.Properties {
			if name != "chance" && name != "conversation" { // they stand beside a word
				words = append(words, name)
			}
		}
	}
	slices.Sort(words)
	if len(words) < 27 || !slices.Contains(words, "call") || !slices.Contains(words, "abandon") {
		t.Fatalf("the schema has the step words %v; want at least 27, call and abandon among them", words)
	}
	return words
}

func TestTheStoriesSendEverything(t *testing.T) {
	s := seen{}
	for _, e := range stories() {
		for n := range mustPlan(t, e.Name, plan.Options{Seed: 1, Start: start}).Notifications() {
			if n.Raw == nil {
				s[n.Event.Type.Kind.String()] = true
				s[fmt.Sprintf("role %q", n.Role())] = true
				s[fmt.Sprintf("%s of role %q", n.Event.Type.Kind, n.Role())] = true
			}
		}
	}
	for _, k := range event.Kinds() {
		s.want(t, k.String())
	}
	for _, r := range []event.Role{event.External, event.Agent, event.Monitor, event.Voicemail} {
		s.want(t, fmt.Sprintf("role %q", r))
	}
	for _, k := range []event.Kind{event.Held, event.Parked, event.Interrupted, event.ConnectionFailed} {
		s.want(t, fmt.Sprintf("%s of role %q", k, event.External), fmt.Sprintf("%s of role %q", k, event.Agent))
	}
}
