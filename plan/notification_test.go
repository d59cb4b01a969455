package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
)

func TestWhatANotificationSaysOfItself(t *testing.T) {
	sc := story(t, "  - presence: {agent: alice, to: break}\n  - presence: {agent: alice, to: ready}\n"+
		"  - call: customer\n  - send: {type: channel.held.v7, id: mine, data: {channel: {conversationId: \"{{conversationId}}\"}}}\n  - send: no JSON\n  - abandon\n")
	ns := pick(t, sc, plan.Options{})
	conversation := ns[2].ConversationID()
	var got []string
	for i := range ns {
		n := &ns[i]
		where := "elsewhere"
		switch n.ConversationID() {
		case "":
			where = "nowhere"
		case conversation:
			where = "here"
		}
		id := "an ID"
		if _, err := event.ParseID(n.ID()); err != nil {
			id = n.ID()
		}
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s", n.Name, n.Type(), id, where, n.Role()))
	}
	want := `alice|agent.presencechanged.v0|an ID|nowhere|
alice|agent.presencechanged.v0|an ID|nowhere|
customer|channel.alerted.v0|an ID|here|external
customer|channel.connected.v0|an ID|here|external
|channel.held.v7|mine|here|
||||nowhere|
customer|channel.disconnected.v0|an ID|here|external
customer|channel.ended.v0|an ID|here|external`
	want = strings.Replace(want, "||||nowhere", "|||nowhere", 1)
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if body := string(ns[5].AppendBody([]byte("x"))); body != "xno JSON" {
		t.Errorf("got %q; want the text as it is written, behind what was there", body)
	}
}

func TestPlaceholdersStandForWhatWasThenLatest(t *testing.T) {
	sc := parse(t, `name: a-story
story: A story.
agents: {alice: {agentId: "01", userId: ef71f453-556a-3abc-7769-bc678ef6e090}}
steps:
  - call: customer
  - {send: "1 {{channelId customer}}"}
  - abandon
  - wait: 10s
  - call: customer
  - ring: {agent: alice, for: 1s}
  - {send: "2 {{channelId customer}} {{agentId alice}} {{userId alice}} {{timestamp}} {{time}}"}
  - hangup: customer
`)
	ns := pick(t, sc, plan.Options{Lag: span(t, "1s")})
	var channels, bodies []string
	for i := range ns {
		if ns[i].Raw != nil {
			bodies = append(bodies, string(ns[i].Raw))
		} else if ns[i].Event.Type.Kind == event.Alerted && ns[i].Name == "customer" {
			channels = append(channels, ns[i].Event.Subject())
		}
	}
	want := "1 " + channels[0] + "\n2 " + channels[1] +
		" 01 ef71f453-556a-3abc-7769-bc678ef6e090 2025-03-03T09:00:11.123Z 2025-03-03T09:00:12.123"
	if got := strings.Join(bodies, "\n"); !strings.HasPrefix(got, want) || len(got) != len(want)+len("4567Z") || strings.HasSuffix(got, "0000Z") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestVersionsHaveNames(t *testing.T) {
	for _, v := range []plan.Versions{plan.OnlyV0, plan.OnlyV1, plan.Both} {
		if got, err := plan.ParseVersions(v.String()); err != nil || got != v {
			t.Errorf("%s: got %s, %v", v, got, err)
		}
	}
	if _, err := plan.ParseVersions("v2"); err == nil || err.Error() != `want v0, v1 or both, got "v2"` {
		t.Errorf("got %v", err)
	}
}

func TestAPlanTellsWhatItIsMadeFrom(t *testing.T) {
	start := time.Date(2025, 3, 3, 10, 0, 0, 0, time.FixedZone("CET", 3600))
	p := planned(t, load(t, "hold"), plan.Options{Seed: 42, Start: start})
	if !p.Start().Equal(start) || p.Start().Location() != time.UTC || p.Seed() != 42 || p.Conversations() != 1 {
		t.Errorf("got %s, seed %d, %d conversations", p.Start(), p.Seed(), p.Conversations())
	}
	again := planned(t, load(t, "hold"), plan.Options{Seed: 42, Start: start.UTC()})
	if p.Hash() != again.Hash() {
		t.Error("the zone of the start changes the hash")
	}
}
