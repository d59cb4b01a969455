package plan_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// lawful holds notifications to what every plan promises.
func lawful(t testing.TB, p *plan.Plan, ns []plan.Notification) {
	t.Helper()
	ids, ended := map[string]bool{}, map[string]time.Time{}
	for i := range ns {
		n := &ns[i]
		switch {
		case n.Seq != uint64(i):
			t.Fatalf("notification %d has number %d", i, n.Seq)
		case i > 0 && n.Due < ns[i-1].Due:
			t.Fatalf("notification %d is due at %s, after one at %s", i, n.Due, ns[i-1].Due)
		case n.At > n.Due:
			t.Fatalf("notification %d is due at %s and happens at %s", i, n.Due, n.At)
		case n.Story >= p.Conversations():
			t.Fatalf("notification %d is of conversation %d of %d", i, n.Story, p.Conversations())
		}
		if n.Raw != nil {
			continue
		}
		e := &n.Event
		if ids[n.ID()] {
			t.Fatalf("notification %d: the ID %s is used twice", i, n.ID())
		}
		ids[n.ID()] = true
		times(t, p, n)
		if e.Type.Kind.Agent() {
			continue
		}
		if e.Subject() != e.Channel.ChannelID.String() || e.Subject() == "" {
			t.Fatalf("notification %d: the subject %q is not the channel %q", i, e.Subject(), e.Channel.ChannelID)
		}
		if e.Type.Kind == event.Ended {
			ended[channel(e)] = e.Timestamp.Time
		}
	}
	for i := range ns {
		e := &ns[i].Event
		if end, over := ended[channel(e)]; over && ns[i].Raw == nil && e.Timestamp.After(end) {
			t.Fatalf("notification %d: %s of %s follows ended", i, e.Type, e.Subject())
		}
	}
}

// rested holds agents to this: who missed an offer is offered nothing before that channel ends, and
// no presence changes in the middle of an interaction.
func rested(t testing.TB, ns []plan.Notification) {
	t.Helper()
	type stay struct{ alerted, failed, ended time.Time }
	type who struct {
		story   uint64
		version event.Version
		agent   string
	}
	stays := map[who]map[string]*stay{}
	of := func(n *plan.Notification, agent string) who { return who{n.Story, n.Event.Type.Version, agent} }
	for i := range ns {
		e := &ns[i].Event
		if ns[i].Raw != nil || e.Type.Kind.Agent() || e.Channel.Party.User.AgentID == "" {
			continue
		}
		w := of(&ns[i], e.Channel.Party.User.AgentID)
		if stays[w] == nil {
			stays[w] = map[string]*stay{}
		}
		s := stays[w][e.Subject()]
		if s == nil {
			s = &stay{}
			stays[w][e.Subject()] = s
		}
		switch e.Type.Kind {
		case event.Alerted:
			s.alerted = e.Timestamp.Time
		case event.ConnectionFailed:
			s.failed = e.Timestamp.Time
		case event.Ended:
			s.ended = e.Timestamp.Time
		}
	}
	inside := func(at, from, to time.Time) bool { return !from.IsZero() && at.After(from) && at.Before(to) }
	for i := range ns {
		e := &ns[i].Event
		for _, s := range stays[of(&ns[i], e.User.AgentID)] {
			if ns[i].Raw == nil && e.Type.Kind == event.PresenceChanged && inside(e.Timestamp.Time, s.alerted, s.ended) {
				t.Errorf("notification %d: the presence of %s changes in the middle of an interaction", i, ns[i].Name)
			}
		}
		for _, s := range stays[of(&ns[i], e.Channel.Party.User.AgentID)] {
			if ns[i].Raw == nil && e.Type.Kind == event.Alerted && inside(e.Timestamp.Time, s.failed, s.ended) {
				t.Errorf("notification %d: %s is offered something in No Answer", i, ns[i].Name)
			}
		}
	}
}

// channel tells the accounts of the two versions apart, since each is complete.
func channel(e *event.Event) string { return e.Type.Version.String() + e.Subject() }

// times holds the three moments of a notification to each other.
func times(t testing.TB, p *plan.Plan, n *plan.Notification) {
	t.Helper()
	e := &n.Event
	switch {
	case e.Type.Version == event.V0 && e.Time.Truncated().Before(e.Timestamp.Truncated()) && e.Time.Digits >= e.Timestamp.Digits:
		t.Fatalf("v0: sent at %s, happened at %s", e.Time, e.Timestamp)
	case e.Type.Version == event.V1 && e.Time.Digits >= e.Timestamp.Digits && !event.Stamp{Time: e.Time.Time, Digits: e.Timestamp.Digits}.Truncated().Equal(e.Timestamp.Truncated()):
		t.Fatalf("v1: time %s, timestamp %s", e.Time, e.Timestamp)
	case !e.Timestamp.Time.Truncate(time.Millisecond).Equal(p.Start().Add(n.At).Truncate(time.Millisecond)):
		t.Fatalf("the timestamp is %s, want in the millisecond of %s", e.Timestamp.Time, p.Start().Add(n.At))
	case e.Timestamp.Nanosecond()%1e6/100 == 0 || e.Time.Time.Nanosecond()%1e6/100 == 0:
		t.Fatalf("the timestamp is %s and the time %s, want none of them a whole millisecond", e.Timestamp.Time, e.Time.Time)
	}
}

func TestEveryPlanKeepsTheRules(t *testing.T) {
	for _, pin := range pins(t) {
		t.Run(pin.name, func(t *testing.T) {
			p := pin.plan(t)
			ns := all(p)
			lawful(t, p, ns)
			if got, want := p.Length(), ns[len(ns)-1].Due; got != want {
				t.Errorf("the length is %s, but the last notification is due at %s", got, want)
			}
		})
	}
}

// Notifications of one edge, such as disconnected and wrapstarted, share one timestamp and
// differ in their IDs.
func TestSimultaneousEventsShareTheirTimestamp(t *testing.T) {
	ns := pick(t, load(t, "hold"), plan.Options{Lag: span(t, "0s..5s")})
	at := map[string][]string{}
	for i := range ns {
		e := &ns[i].Event
		at[e.Timestamp.String()] = append(at[e.Timestamp.String()], ns[i].Name+" "+e.Type.Kind.String())
	}
	found := false
	for _, kinds := range at {
		found = found || len(kinds) == 4 && strings.Count(strings.Join(kinds, " "), "channel.disconnected") == 2
	}
	if !found {
		t.Errorf("no four events of a hangup share a timestamp: %v", at)
	}
}

// byStory parts the bodies of a plan by conversation.
func byStory(ns []plan.Notification) map[uint64][]byte {
	m := map[uint64][]byte{}
	for i := range ns {
		m[ns[i].Story] = append(ns[i].AppendBody(m[ns[i].Story]), '\n')
	}
	return m
}

func TestOneMoreConversationChangesNoneOfTheOthers(t *testing.T) {
	for _, file := range []string{"hold", "interrupt", "everything"} {
		sc := load(t, file)
		o := plan.Options{Seed: 3, Count: 20, Calls: rate(t, "1/s"), Versions: plan.Both, Lag: span(t, "0s..9s")}
		fewer := byStory(pick(t, sc, o))
		o.Count++
		more := byStory(pick(t, sc, o))
		if len(fewer) != 20 || len(more) != 21 {
			t.Fatalf("%s: %d and %d conversations; want 20 and 21", file, len(fewer), len(more))
		}
		for i, want := range fewer {
			if got := more[i]; !bytes.Equal(got, want) {
				t.Errorf("%s: conversation %d changed\ngot  %s\nwant %s", file, i, got, want)
			}
		}
	}
}

func TestPresenceIDsBelongToTheAccount(t *testing.T) {
	presences := func(seed uint64) map[string]event.GUID {
		m := map[string]event.GUID{}
		for _, n := range pick(t, load(t, "everything"), plan.Options{Seed: seed, Count: 5}) {
			if n.Raw != nil || !n.Event.Type.Kind.Agent() {
				continue
			}
			p := n.Event.Presence
			if id, known := m[p.Description]; known && id != p.PresenceID {
				t.Errorf("%s is %s and %s", p.Description, id, p.PresenceID)
			}
			m[p.Description] = p.PresenceID
		}
		return m
	}
	a, b, c := presences(1), presences(1), presences(2)
	if len(a) != 2 || a["Ready"] == a["Logged Out"] {
		t.Fatalf("got %v; want two presences with IDs of their own", a)
	}
	if a["Ready"] != b["Ready"] || a["Ready"] != c["Ready"] {
		t.Errorf("ready is %s, again %s, and with another seed %s; want the account's own", a["Ready"], b["Ready"], c["Ready"])
	}
}

// Several runs to one consumer must fit together: the same agents, other channels.
func TestRunsFitTogether(t *testing.T) {
	identities := func(seed uint64, start time.Time) (users map[string]event.GUID, ids map[string]bool) {
		users, ids = map[string]event.GUID{}, map[string]bool{}
		for _, n := range pick(t, load(t, "hold"), plan.Options{Seed: seed, Start: start, Count: 3}) {
			if u := n.Event.Channel.Party.User; u.AgentID != "" {
				users[u.AgentID] = u.UserID
			}
			ids[n.ID()], ids[n.Event.Channel.ChannelID.String()], ids[n.ConversationID()] = true, true, true
		}
		return users, ids
	}
	users, ids := identities(1, dawn)
	for _, other := range []struct {
		name  string
		seed  uint64
		start time.Time
	}{{"another seed", 2, dawn}, {"the same seed a day later", 1, dawn.AddDate(0, 0, 1)}} {
		t.Run(other.name, func(t *testing.T) {
			u, i := identities(other.seed, other.start)
			for agent, user := range u {
				if users[agent] != user {
					t.Errorf("agent %s is user %s, was %s", agent, user, users[agent])
				}
			}
			for id := range i {
				if ids[id] {
					t.Errorf("the identifier %s is used twice", id)
				}
			}
		})
	}
}

func TestDeclaredAgentsKeepTheirIdentityAndOthersAreUnique(t *testing.T) {
	users := func(sc *scenario.Scenario, seed uint64) map[string]map[event.User]bool {
		m := map[string]map[event.User]bool{}
		for _, n := range pick(t, sc, plan.Options{Seed: seed, Count: 10}) {
			u := n.Event.Channel.Party.User
			if n.Raw != nil || u == (event.User{}) {
				continue
			}
			if m[n.Name] == nil {
				m[n.Name] = map[event.User]bool{}
			}
			m[n.Name][u] = true
		}
		return m
	}
	declared := users(load(t, "interrupt"), 1)["alice"]
	want := event.User{AgentID: "0150"}
	want.UserID, _ = event.ParseGUID("ef71f453-556a-3abc-7769-bc678ef6e090")
	if len(declared) != 1 || !declared[want] {
		t.Errorf("the declared alice is %v, want %v", declared, want)
	}
	named := parse(t, "name: a-story\nstory: A story.\nagents: {alice: {agentId: 007}}\nsteps:\n"+aHold)
	if alice := users(named, 1)["alice"]; len(alice) != 1 || len(users(named, 2)["alice"]) != 1 {
		t.Errorf("an agent with one declared identifier is %v; want one user", alice)
	}
	own := users(story(t, "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - transfer: {agent: bob, ring: 1s}\n  - hangup: customer\n"), 1)
	ids := map[string]bool{}
	for _, name := range []string{"alice", "bob"} {
		for u := range own[name] {
			ids[u.AgentID], ids[u.UserID.String()] = true, true
		}
	}
	if len(ids) != 40 {
		t.Errorf("20 undeclared agents have %d identifiers, want 40", len(ids))
	}
}

// Alice, who leaves last and has no wrap, ends before bob, who left first and has one.
func TestWhoeverLeavesInTheLastStepEndsThen(t *testing.T) {
	sc := parse(t, "name: a-story\nstory: A story.\nagents: {alice: , bob: {wrap: 9s}}\nsteps:\n"+
		"  - call: customer\n  - ring: {agent: alice, for: 0s}\n  - conference: {agent: bob, ring: 0s}\n  - leave: bob\n  - talk: 1s\n  - hangup: customer\n")
	want := "1 customer disconnected\n1 customer ended\n1 alice disconnected\n1 alice wrapstarted\n1 alice ended\n9 bob ended"
	if got := timeline(pick(t, sc, plan.Options{})); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant it to end with\n%s", got, want)
	}
}
