package plan_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
)

// timeline is who did what after how many seconds, such as "14 alice held".
func timeline(ns []plan.Notification) string {
	var lines []string
	for i := range ns {
		kind := ns[i].Event.Type.Kind.String()
		lines = append(lines, fmt.Sprintf("%g %s %s", ns[i].At.Seconds(), ns[i].Name, kind[strings.Index(kind, ".")+1:]))
	}
	return strings.Join(lines, "\n")
}

const (
	aHold     = "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - hold: 2s\n  - hangup: customer\n"
	endOnHold = "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - hold: [{wait: 2s}, {hangup: customer}]\n"
	endParked = "  - chat: customer\n  - ring: {agent: alice, for: 1s}\n  - park: [{wait: 2s}, {hangup: customer}]\n"
	endAway   = "  - chat: customer\n  - ring: {agent: alice, for: 1s}\n  - interrupt: [{call: caller}, {ring: {agent: alice, for: 1s}}, {hangup: caller}, {hangup: customer}]\nagents: {alice: {wrap: 9s}}\n"
	twoThings = "  - email: writer\n  - ring: {agent: alice, for: 1s}\n  - interrupt: [{call: caller}, {ring: {agent: alice, for: 2s}}, {talk: 3s}, {hangup: caller}, {wrap: 4s}]\n  - finish: 0s\n"
	dials     = "  - dial: {agent: alice, agent-ring: 2s, to: customer, ring: 3s}\n  - hangup: customer\n"
	missed    = "  - dial: {agent: alice, agent-ring: 2s, then: reject, to: customer, ring: 3s}\n"
	next      = "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - hangup: customer\n"
	joins     = "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - monitor: {agent: sam, ring: 2s}\n  - coach: sam\n  - join: sam\n  - leave: sam\n  - hangup: customer\n"
	recalled  = "  - call: {from: customer, callback: true, after: 0s}\n  - callback: {agent: alice, agent-ring: 0s, ring: 3s, fails: busy}\n"
	failed    = "  - dial: {agent: alice, agent-ring: 0s, to: customer, ring: 3s, fails: busy}\n  - wrap: 6s\n"
	givesUp   = "  - call: customer\n  - ring: {agent: alice, for: 2s, then: abandon}\n"
)

// Each value of each assumption that shapes the plan, and what becomes of a small story.
func TestEachAssumptionChangesWhatItSays(t *testing.T) {
	tail := "\n3 customer disconnected\n3 customer ended\n3 alice disconnected\n3 alice wrapstarted\n3 alice ended"
	began := "0 customer alerted\n0 customer connected\n0 alice alerted\n1 alice connected"
	away := began + "\n1 caller alerted\n1 caller connected\n1 alice alerted\n2 alice connected\n2 customer interrupted\n2 alice interrupted\n2 caller disconnected\n2 caller ended\n2 alice disconnected\n2 alice wrapstarted"
	worked := "0 writer alerted\n0 writer connected\n0 alice alerted\n1 alice connected\n1 caller alerted\n1 caller connected\n1 alice alerted"
	for _, c := range []struct{ assume, steps, want string }{
		{"held-channel=customer", aHold, began + "\n1 customer held\n3 customer retrieved" + tail},
		{"held-channel=agent", aHold, began + "\n1 alice held\n3 alice retrieved" + tail},
		{"held-channel=both", aHold, began + "\n1 customer held\n1 alice held\n3 customer retrieved\n3 alice retrieved" + tail},
		{"hangup-while-away=return", endOnHold, began + "\n1 customer held\n3 customer retrieved" + tail},
		{"hangup-while-away=direct", endOnHold, began + "\n1 customer held" + tail},
		{"hangup-while-away=return", endParked, began + "\n1 customer parked\n1 alice parked\n3 customer unparked\n3 customer disconnected\n3 customer ended\n3 alice unparked\n3 alice disconnected\n3 alice wrapstarted\n3 alice ended"},
		{"hangup-while-away=direct", endParked, began + "\n1 customer parked\n1 alice parked" + tail},
		{"hangup-while-away=return", endAway, away + "\n2 customer resumed\n2 customer disconnected\n2 customer ended\n2 alice resumed\n2 alice disconnected\n2 alice wrapstarted\n11 alice ended\n11 alice ended"},
		{"hangup-while-away=direct", endAway, away + "\n2 customer disconnected\n2 customer ended\n2 alice disconnected\n2 alice wrapstarted\n11 alice ended\n11 alice ended"},
		{"interrupt-at=connected", twoThings, worked + "\n3 alice connected\n3 writer interrupted\n3 alice interrupted\n6 caller disconnected\n6 caller ended\n6 alice disconnected\n6 alice wrapstarted\n10 alice ended\n10 writer resumed\n10 alice resumed\n10 writer disconnected\n10 writer ended\n10 alice disconnected\n10 alice wrapstarted\n10 alice ended"},
		{"interrupt-at=alerted", twoThings, worked + "\n1 writer interrupted\n1 alice interrupted\n3 alice connected\n6 caller disconnected\n6 caller ended\n6 alice disconnected\n6 alice wrapstarted\n10 alice ended\n10 writer resumed\n10 alice resumed\n10 writer disconnected\n10 writer ended\n10 alice disconnected\n10 alice wrapstarted\n10 alice ended"},
		{"resume-at=disconnected", twoThings, worked + "\n3 alice connected\n3 writer interrupted\n3 alice interrupted\n6 caller disconnected\n6 caller ended\n6 alice disconnected\n6 alice wrapstarted\n6 writer resumed\n6 alice resumed\n10 alice ended\n10 writer disconnected\n10 writer ended\n10 alice disconnected\n10 alice wrapstarted\n10 alice ended"},
		{"abandon=ended", givesUp, "0 customer alerted\n0 customer connected\n0 alice alerted\n2 customer disconnected\n2 customer ended\n2 alice ended"},
		{"abandon=connectionfailed", givesUp, "0 customer alerted\n0 customer connected\n0 alice alerted\n2 customer disconnected\n2 customer ended\n2 alice connectionfailed\n2 alice ended"},
		{"joined-role=monitor", joins, began + "\n1 sam alerted\n3 sam connected\n3 sam disconnected\n3 sam ended" + tail},
		{"joined-role=agent", joins, began + "\n1 sam alerted\n3 sam connected\n3 sam disconnected\n3 sam ended\n3 sam alerted\n3 sam connected\n3 sam disconnected\n3 sam ended" + tail},
		{"agent-leg=ring", dials, "0 alice alerted\n2 alice connected\n2 customer alerted\n5 customer connected\n5 customer disconnected\n5 customer ended\n5 alice disconnected\n5 alice wrapstarted\n5 alice ended"},
		{"agent-leg=answered", dials, "0 alice alerted\n0 alice connected\n0 customer alerted\n3 customer connected\n3 customer disconnected\n3 customer ended\n3 alice disconnected\n3 alice wrapstarted\n3 alice ended"},
		{"agent-leg=ring", missed, "0 alice alerted\n2 alice connectionfailed\n7 alice ended"},
		{"agent-leg=answered", missed, "0 alice alerted\n2 alice connectionfailed\n7 alice ended"},
		{"unexpected-time=5s", missed + next, "0 alice alerted\n2 alice connectionfailed\n2 customer alerted\n2 customer connected\n7 alice ended\n7 alice alerted\n8 alice connected\n8 customer disconnected\n8 customer ended\n8 alice disconnected\n8 alice wrapstarted\n8 alice ended"},
		{"unexpected-time=0s", missed + next, "0 alice alerted\n2 alice connectionfailed\n2 alice ended\n2 customer alerted\n2 customer connected\n2 alice alerted\n3 alice connected\n3 customer disconnected\n3 customer ended\n3 alice disconnected\n3 alice wrapstarted\n3 alice ended"},
		{"presence-on-dial=none", dials + "  - presence: {agent: alice, to: ready}\n", "0 alice alerted\n2 alice connected\n2 customer alerted\n5 customer connected\n5 customer disconnected\n5 customer ended\n5 alice disconnected\n5 alice wrapstarted\n5 alice ended\n5 alice presencechanged"},
		{"presence-on-dial=ready-offline", dials + "  - presence: {agent: alice, to: ready}\n", "0 alice presencechanged\n0 alice alerted\n2 alice connected\n2 customer alerted\n5 customer connected\n5 customer disconnected\n5 customer ended\n5 alice disconnected\n5 alice wrapstarted\n5 alice ended\n5 alice presencechanged"},
		{"failed-dial-wrap=full", failed, "0 alice alerted\n0 alice connected\n0 customer alerted\n3 customer connectionfailed\n3 alice disconnected\n3 alice wrapstarted\n8 customer ended\n9 alice ended"},
		{"failed-dial-wrap=none", recalled, "0 customer alerted\n0 customer connected\n0 customer disconnected\n0 customer ended\n0 alice alerted\n0 alice connected\n0 customer alerted\n3 customer connectionfailed\n3 alice disconnected\n3 alice ended\n8 customer ended"},
		{"failed-dial-wrap=none", failed, "0 alice alerted\n0 alice connected\n0 customer alerted\n3 customer connectionfailed\n3 alice disconnected\n3 alice ended\n8 customer ended"},
	} {
		t.Run(c.assume, func(t *testing.T) {
			got := timeline(pick(t, story(t, c.steps), plan.Options{Assume: set(t, c.assume)}))
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func set(t testing.TB, choices ...string) assume.Set {
	t.Helper()
	var s assume.Set
	for _, c := range choices {
		name, value, _ := strings.Cut(c, "=")
		if err := s.Change(name, value); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Each value of each assumption that shapes bodies, and a part of a body that shows it.
func TestEachAssumptionAboutBodiesShowsInThem(t *testing.T) {
	for _, c := range []struct {
		assume, want string
		kind         event.Kind
	}{
		{"absent-ids=omit", `"party":{"role":"external"}`, event.Held},
		{"absent-ids=null", `"party":{"role":"external","agentId":null,"userId":null}`, event.Held},
		{"reason=released", `"data":{"timestamp":"2025-03-03T09:00:03.123Z","reason":"released","channel"`, event.Ended},
		{"reason=Numéro occupé", `"data":{"timestamp":"2025-03-03T09:00:03.123Z","reason":"Numéro occupé","channel"`, event.Ended},
		{"disconnected-reason=none", `"data":{"timestamp":"2025-03-03T09:00:03.123Z","channel"`, event.Disconnected},
		{"disconnected-reason=released", `"data":{"timestamp":"2025-03-03T09:00:03.123Z","reason":"released","channel"`, event.Disconnected},
		{"timestamp-digits=3 for channels, 7 for agents", `"data":{"timestamp":"2025-03-03T09:00:01.123Z"`, event.Held},
		{"timestamp-digits=3 for channels, 7 for agents", `"data":{"timestamp":"2025-03-03T09:00:03.123[0-9]{4}Z"`, event.PresenceChanged},
		{"timestamp-digits=0", `"data":{"timestamp":"2025-03-03T09:00:01Z"`, event.Held},
		{"timestamp-digits=0", `"data":{"timestamp":"2025-03-03T09:00:03Z"`, event.PresenceChanged},
		{"timestamp-digits=7", `"data":{"timestamp":"2025-03-03T09:00:01.123[0-9]{4}Z"`, event.Held},
		{"time-digits=7", `"time":"2025-03-03T09:00:01.[0-9]{7}Z"`, event.Held},
		{"time-digits=0", `"time":"2025-03-03T09:00:01Z"`, event.Held},
		{"time-digits=4", `"time":"2025-03-03T09:00:01.[0-9]{4}Z"`, event.Held},
	} {
		t.Run(c.assume+" "+c.kind.String(), func(t *testing.T) {
			sc := story(t, aHold+"  - presence: {agent: alice, to: break}\n")
			found := false
			for _, n := range pick(t, sc, plan.Options{Assume: set(t, c.assume)}) {
				if n.Event.Type.Kind != c.kind {
					continue
				}
				found = true
				if body := n.AppendBody(nil); !regexp.MustCompile(c.want).Match(body) {
					t.Errorf("got %s; want it with %s", body, c.want)
				}
			}
			if !found {
				t.Fatal("there is no such event")
			}
		})
	}
}

func TestOptionsGoOverWhatTheFileAssumes(t *testing.T) {
	sc := parse(t, "name: a-story\nstory: A story.\nassume: {held-channel: agent, absent-ids: null}\nsteps:\n"+aHold)
	body := string(ndjson(pick(t, sc, plan.Options{Assume: set(t, "held-channel=both")})))
	if strings.Count(body, "channel.held.v0") != 2 || !strings.Contains(body, `"agentId":null`) {
		t.Errorf("want both channels held, as the options say, and null IDs, as the file says:\n%s", body)
	}
}

func TestAWrapCanBeNone(t *testing.T) {
	sc := parse(t, "name: a-story\nstory: A story.\nagents: {alice: {wrap: none}}\nsteps:\n"+aHold)
	want := "3 customer disconnected\n3 customer ended\n3 alice disconnected\n3 alice ended"
	if got := timeline(pick(t, sc, plan.Options{})); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant it to end with\n%s", got, want)
	}
}
