package evidence

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/judge"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// A new event type, member, phase, assumption, fault or check has to say what it rests on: write its
// row in this package.
func TestEverySubjectSaysWhatItRestsOn(t *testing.T) {
	for _, e := range All() {
		if e.Is == "" || len(e.Rules) == 0 {
			t.Errorf("%s %q has no fact: add its row in internal/evidence", e.Group, e.Subject)
		}
		degrees := map[Sure]bool{}
		for _, r := range e.Rules {
			degrees[r.Sure] = true
			if (r.Source == "") != (r.Sure == Assumed) || r.Text == "" || !strings.HasSuffix(r.Text, ".") {
				t.Errorf("%s %q: %+v", e.Group, e.Subject, r)
			}
		}
		want := Assumed
		onlyOwn := degrees[Own] && len(degrees) == 1
		delete(degrees, Own)
		switch {
		case onlyOwn:
			want = Own
		case degrees[Assumed] && len(degrees) > 1:
			want = Partly
		case degrees[Sample]:
			want = Sample
		case degrees[Documented]:
			want = Documented
		}
		if e.Sure != want {
			t.Errorf("%s %q is %s, want %s", e.Group, e.Subject, e.Sure, want)
		}
		if slices.Contains(e.See, e.Subject) && !ambiguous(e.Subject) {
			t.Errorf("%s %q refers to itself alone", e.Group, e.Subject)
		}
	}
}

// ambiguous reports whether several subjects are called so.
func ambiguous(subject string) bool {
	found, _ := Find(subject)
	return len(found) > 1
}

// Every row of the other packages is explained by its name, and by nothing else.
func TestEverythingIsFoundByItsName(t *testing.T) {
	var wanted []string
	for _, typ := range event.Types() {
		wanted = append(wanted, typ.String(), typ.Kind.String())
	}
	for _, e := range lifecycle.Edges() {
		wanted = append(wanted, e.From.String(), e.To.String(), e.From.String()+" "+e.Verb.String(), e.From.String()+" -> "+e.To.String())
	}
	for _, row := range assume.Rows() {
		wanted = append(wanted, row.Name)
	}
	wanted = append(wanted, fault.Names()...)
	for _, c := range judge.Checks() {
		wanted = append(wanted, c.Name)
	}
	for _, name := range append(wanted, "id-second", "data.channel.party.agentId", "agentId", "AGENTID", "party.role", "Vonage-Signature", "401", "invalid_token", "connected→held") {
		if _, err := Find(name); err != nil {
			t.Errorf("%v", err)
		}
	}
}

// Facts about what is not there, and words that refer to nothing, would be stale.
func TestNoFactIsStale(t *testing.T) {
	for kind := range faultFacts {
		if !slices.Contains(fault.Kinds(), kind) {
			t.Errorf("a fact about the fault %d, which there is not", kind)
		}
	}
	known := Subjects()
	for _, table := range []struct {
		what string
		keys []string
	}{{"member", keys(memberFacts)}, {"check", keys(checkFacts)}} {
		for _, key := range table.keys {
			if !slices.Contains(known, key) {
				t.Errorf("a fact about the %s %q, which there is not", table.what, key)
			}
		}
	}
	for _, e := range All() {
		for _, see := range e.See {
			if !slices.Contains(known, see) {
				t.Errorf("%s refers to %q, which there is not", e.Subject, see)
			}
		}
	}
	names := assume.Rows()
	check := func(about string, f fact) {
		for _, s := range f.switches {
			if !slices.ContainsFunc(names, func(row assume.Row) bool { return row.Name == s }) {
				t.Errorf("%s names the switch %q, which there is not", about, s)
			}
		}
	}
	for k, f := range kindFacts {
		check(k.String(), f)
	}
	for k, f := range memberFacts {
		check(k, f)
	}
	for k, f := range phaseFacts {
		check(k.String(), f)
	}
	for k, f := range faultFacts {
		check(k.String(), f)
	}
	for k, f := range roleFacts {
		check(k.String(), f)
	}
	for k, f := range verbFacts {
		check(k.String(), fact{switches: f.switches})
	}
	for k, f := range ruleFacts {
		check(string(k), f)
	}
	for k, f := range checkFacts {
		check(k, f)
	}
	for _, f := range requestFacts {
		check(f.name, f.fact)
	}
}

// A rule of verify fails a recording only for breaking what is documented, and each is in docs/verify.md.
func TestWhatAFindingWeighsFollowsFromItsSource(t *testing.T) {
	page, err := os.ReadFile("../../docs/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range ruled() {
		class, _ := receiver.Rule(e.Subject).About()
		if want := map[Sure]event.Class{Documented: event.Violation, Assumed: event.Deviation}[e.Sure]; class != event.Note && class != want {
			t.Errorf("%s is a %s, and %s", e.Subject, class, e.Sure)
		}
		if row := fmt.Sprintf("\n| `%s` | %s", e.Subject, class); !strings.Contains(string(page), row) {
			t.Errorf("docs/verify.md has no row %q", row)
		}
	}
	for r := range ruleFacts {
		if !slices.Contains(receiver.Rules(), r) {
			t.Errorf("a fact about the rule %q, which there is not", r)
		}
	}
}

func keys(m map[string]fact) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	return all
}

// The scenarios are found by planning, so each subject that shows in bodies has some.
func TestScenariosShowTheEvents(t *testing.T) {
	for _, e := range Shown(All()) {
		switch e.Group {
		case EventType, Member, Phase, Role, Edge:
			if len(e.Scenarios) == 0 && !slices.ContainsFunc(e.Rules, func(r Rule) bool { return strings.Contains(r.Text, "hangup-while-away=direct") }) {
				t.Errorf("no ready-made scenario shows the %s %q", e.Group, e.Subject)
			}
		}
	}
	for subject, want := range map[string]string{
		"channel.held":                       "inbound-call-with-hold",
		"connected interrupt":                "call-interrupts-email",
		"agent.presencechanged":              "presence-over-a-shift",
		"voicemail":                          "voicemail",
		"wrong-key":                          "forgeries",
		"unknown-type":                       "unknown-event-type",
		"unknown-member":                     "unknown-member",
		"held leave":                         "hangup-while-on-hold with hangup-while-away=direct",
		"held-channel":                       "inbound-call-with-hold with held-channel=agent",
		"data.presence.category.type":        "presence-over-a-shift",
		"exp":                                "forgeries",
		"cut-off":                            "bad-day",
		"alerting give up":                   "abandoned-while-ringing",
		"connected leave without wrap":       "agent-without-wrap",
		"channel.connectionfailed.v1":        "outbound-busy",
		"data.channel.party.agentId":         "inbound-call",
		"absent-ids":                         "inbound-call with absent-ids=null",
		"unexpected close":                   "outbound-busy",
		"disconnected-reason":                "inbound-call with disconnected-reason=other",
		"interrupt-at":                       "call-interrupts-email with interrupt-at=alerted",
		"channel.interrupted":                "call-interrupts-email",
		"parked unpark":                      "parked-call",
		"monitor":                            "monitored-call",
		"interaction":                        "inbound-call",
		"missing-member":                     "forgeries",
		"timestamp-digits":                   "inbound-call with timestamp-digits=0",
		"data.channel.conversationId":        "voicemail",
		"  Connected   to  held ":            "inbound-call-with-hold",
		"retries":                            "bad-day",
		"data.presence.category.subcategory": "presence-over-a-shift",
	} {
		found, err := Find(subject)
		if err != nil {
			t.Error(err)
			continue
		}
		if !slices.ContainsFunc(found, func(e Entry) bool { return slices.Contains(e.Scenarios, want) }) {
			t.Errorf("%s: %s is not among the scenarios that show it: %v", subject, want, found)
		}
	}
}

// Scenarios that lack something are not listed for it.
func TestScenariosWithoutItAreNotListed(t *testing.T) {
	for subject, not := range map[string]string{"channel.held": "inbound-call", "wrong-key": "inbound-call", "voicemail": "inbound-call", "held-channel": "inbound-call"} {
		found, err := Find(subject)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			for _, s := range e.Scenarios {
				if name, _, _ := strings.Cut(s, " "); name == not {
					t.Errorf("%s lists %s", subject, s)
				}
			}
		}
	}
}

func TestGroupsAreListedByName(t *testing.T) {
	for name, want := range map[string]int{"fault": len(fault.Kinds()), "Faults": len(fault.Kinds()), "assumptions": len(assume.Rows()), "event type": len(event.Kinds()), "checks of examine": len(judge.Checks()), "errors of the management API": len(errorFacts), "Rules of verify": len(receiver.Rules()), "fau": 0, "": 0} {
		if got := InGroup(name); len(got) != want {
			t.Errorf("%q lists %d entries, want %d", name, len(got), want)
		}
	}
}

func TestAnUnknownSubjectGetsTheNearest(t *testing.T) {
	for asked, want := range map[string]string{
		"chanel.held":   `did you mean "channel.held"?`,
		"agentid2":      `did you mean "agentId"?`,
		"wrongkeys":     `did you mean "wrong-key"?`,
		"":              `nothing to explain is called ""`,
		"xylophone\x1b": `nothing to explain is called "xylophone\x1b"`,
		"released":      `"released"; it is mentioned in data.reason, reason`,
		"ksuid":         "it is mentioned in 404, id, subscriptionId",
	} {
		_, err := Find(asked)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", asked, err, want)
		}
	}
	if _, err := Find(strings.Repeat("x", 100000)); err == nil || len(err.Error()) > 500 {
		t.Errorf("a long word is not cut: %d bytes", len(err.Error()))
	}
}
