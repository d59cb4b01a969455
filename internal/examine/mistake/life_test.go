package mistake

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

func TestWhatHappensInOneInstantIsPutInAnOrderThatCanBe(t *testing.T) {
	for _, test := range []struct{ before, instant, after, want string }{
		{"connected.v1", "held.v1 parked.v1 unparked.v1", "", "held"},
		{"connected.v1", "held.v1 retrieved.v1 held.v1", "", "held"},
		{"connected.v1", "held.v0 held.v1 retrieved.v0 held.v0", "", "held"},
		{"connected.v1", "held.v0 held.v1 retrieved.v0 retrieved.v1", "", "connected"},
		{"connected.v1 held.v1", "retrieved.v0 retrieved.v1 held.v0 held.v1", "", "held"},
		{"connected.v1", "ended.v1 wrapstarted.v1 disconnected.v1", "", "ended"},
		{"connected.v1", "ended.v1", "held.v1", "ended"},
	} {
		var facts []fact
		for second, names := range []string{"alerted.v1", test.before, test.instant, test.after} {
			for k, name := range strings.Fields(names) {
				at := start.Add(time.Duration(second) * time.Minute)
				if second != 2 {
					at = at.Add(time.Duration(k) * time.Second)
				}
				f, ok := newFact(&trial.Note{Type: "channel." + name, Channel: "c", Timestamp: at.Format(time.RFC3339Nano)}, start)
				if !ok {
					t.Fatal(name)
				}
				f.nth = len(facts)
				facts = append(facts, f)
			}
		}
		if l := correct().live(facts); l.phase != test.want {
			t.Errorf("%s, {%s}, %s: %s, want %s", test.before, test.instant, test.after, l.phase, test.want)
		}
	}
}

func TestNobodyIsNoAgentAndInteractionsHaveNoCase(t *testing.T) {
	part := func(agent any, interaction string, from, to int) participant {
		at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
		return participant{role: "agent", agentID: agent, interaction: interaction,
			life: life{phase: "ended", stays: []stay{{"connected", at(from), at(to)}}}}
	}
	f := figures([]participant{part("1", "aa", 0, 2), part(nil, "AA", 1, 3)})
	if f[trial.Agents] != 1 || f[trial.Transfers] != 1 {
		t.Errorf("%g agents and %g transfers, want 1 and 1", f[trial.Agents], f[trial.Transfers])
	}
}
