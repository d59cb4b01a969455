package plan_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
)

// Each form of identifiers, in conversations of stories, of a pool and driven by hand.
func TestTheFormOfIdentifiers(t *testing.T) {
	const noRFC = `^[0-9a-f]{8}-[0-9a-f]{4}-[09a-f][0-9a-f]{3}-[0-7c-f][0-9a-f]{3}-[0-9a-f]{12}$`
	const version4 = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`
	for _, c := range []struct {
		form, want string
		same       bool // the first external channel has the interaction's
	}{{"v4", version4, false}, {"any", noRFC, false}, {"channel-is-interaction", version4, true}} {
		o := plan.Options{Assume: set(t, "id-form="+c.form)}
		pooled := o
		pooled.Pool = &plan.Pool{Count: 9}
		sc := story(t, aHold+"  - presence: {agent: alice, to: break}\n  - call: customer\n  - ring: {agent: bob, for: 1s}\n  - finish: 1s\n")
		live := plan.LiveOptions{Start: dawn, Assume: o.Assume, Agents: []plan.LiveAgent{{Name: "alice", User: event.User{AgentID: "1001"}}}}
		l, driven, err := plan.NewLive(live, dawn)
		if err != nil {
			t.Fatal(err)
		}
		rung, err := l.Do(dawn.Add(time.Second), plan.LiveAction{Step: "ring", Agent: "alice"})
		if err != nil {
			t.Fatal(err)
		}
		want := regexp.MustCompile(c.want)
		for name, ns := range map[string][]plan.Notification{"story": pick(t, sc, o), "pool": pick(t, sc, pooled), "live": append(driven, rung...)} {
			first := map[string]string{}
			for i := range ns {
				e := &ns[i].Event
				ch := &e.Channel
				guids := []event.GUID{ch.ConversationID, ch.InteractionID, ch.ChannelID, ch.Party.User.UserID, e.Presence.PresenceID, e.User.UserID}
				for _, g := range guids {
					if !g.IsZero() && !want.MatchString(g.String()) {
						t.Fatalf("%s, %s: %s of %s", c.form, name, g, e.Type)
					}
				}
				if ch.Party.Role == event.External {
					first[ch.InteractionID.String()] = ch.ChannelID.String()
				} else if e.Type.Kind != event.PresenceChanged && ch.ChannelID == ch.InteractionID {
					t.Fatalf("%s, %s: an agent's channel is %s, as the interaction", c.form, name, ch.ChannelID)
				}
			}
			for interaction, channel := range first {
				if (interaction == channel) != c.same {
					t.Errorf("%s, %s: the external channel of %s is %s", c.form, name, interaction, channel)
				}
			}
			if len(first) == 0 {
				t.Errorf("%s, %s: no external channel", c.form, name)
			}
		}
		if told := l.Channels(); (told[0].ChannelID == driven[0].Event.Channel.InteractionID.String()) != c.same {
			t.Errorf("%s: the conversation tells of channel %s", c.form, told[0].ChannelID)
		}
	}
}
