package plan_test

import (
	"cmp"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// By data.timestamp, as bodies show it, no agent changes to the presence that the agent is in, or is
// rung in one other than Ready: whatever the agents of a pool did before.
func TestPresencesAreInOrderByTimestamp(t *testing.T) {
	files, err := filepath.Glob("../scenarios/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var mix []*scenario.Scenario
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if sc, err := scenario.Parse(name, text); err == nil { // else it is a workload
			mix = append(mix, sc)
		}
	}
	for i, sc := range mix {
		ordered(t, sc.Name, []*scenario.Scenario{sc}, uint64(i), 3)
	}
	for seed := range uint64(6) {
		ordered(t, "all", mix, seed, 12)
		ordered(t, "two", []*scenario.Scenario{mix[int(seed)%len(mix)], story(t, "  - presence: {agent: alice, to: ready}\n  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - presence: {agent: alice, to: logged-out}\n  - hangup: customer\n")}, seed, 3)
	}
}

// shown is the last digit of a timestamp, as a time.
func shown(e *event.Event) time.Duration {
	return time.Duration(math.Pow10(9 - int(e.Timestamp.Digits)))
}

func ordered(t *testing.T, name string, scs []*scenario.Scenario, seed uint64, agents int) {
	t.Helper()
	for _, pool := range []*plan.Pool{nil, {Count: agents, Patience: spanOf(t, "60s")}} {
		p, err := plan.NewMix(scs, plan.Options{Start: dawn, Seed: seed, Count: 60, Calls: rate(t, "4/m"), Pool: pool})
		if err != nil {
			t.Fatal(name, err)
		}
		var events []*event.Event
		for n := range p.Notifications() {
			kind := n.Event.Type.Kind
			if n.Raw == nil && n.Fault == 0 && (kind == event.PresenceChanged || kind == event.Alerted && n.Event.Channel.Party.User.AgentID != "") {
				e := n.Event
				events = append(events, &e)
			}
		}
		slices.SortStableFunc(events, func(a, b *event.Event) int {
			return a.Timestamp.Time.Truncate(shown(a)).Compare(b.Timestamp.Time.Truncate(shown(b)))
		})
		presence := map[string]event.Presence{}
		for _, e := range events {
			agent, what := cmp.Or(e.User.AgentID, e.Channel.Party.User.AgentID), ""
			was, known := presence[agent]
			switch {
			case e.Type.Kind != event.PresenceChanged && known && was.Category.Type == "loggedOut":
				what = "is rung while logged out"
			case e.Type.Kind == event.PresenceChanged && known && was == e.Presence && pool != nil:
				what = "was in this presence already"
			}
			if what != "" {
				t.Fatalf("%s, seed %d, pool %v: at %s agent %s %s", name, seed, pool != nil, e.Timestamp, agent, what)
			}
			if e.Type.Kind == event.PresenceChanged {
				presence[agent] = e.Presence
			}
		}
	}
}
