package dimension

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/sampling"
)

var start = time.Date(2026, 11, 26, 11, 0, 0, 0, time.UTC)

func everything(seed uint64) *Planner {
	return New(Options{Seed: seed, Start: start, Profile: Profile{NextSecret: true, Restart: true}})
}

// planned makes all trials of a dimension.
func planned(t *testing.T, p *Planner, d Name) (all []*trial.Trial) {
	t.Helper()
	for made, err := range p.Trials(d) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, made)
	}
	return all
}

func TestEveryTrialIsUsable(t *testing.T) {
	sampling.Long(t)
	total := 0
	conversations, ids := map[string]string{}, map[string]bool{}
	for _, d := range Names() {
		deliveries, dear := 0, 0
		all := planned(t, everything(1), d)
		for _, made := range all {
			if ids[made.ID] || made.Story == "" || len(made.Rules) == 0 || made.Rules[0] == "" || len(made.Deliveries) == 0 {
				t.Errorf("%s: its ID is not its own, or story, rules or deliveries are missing", made.ID)
			}
			ids[made.ID] = true
			n := len(made.Deliveries) + len(made.Later)
			if deliveries += n; Dear(made) {
				dear += n
			}
			for i := range made.Deliveries {
				c := made.Deliveries[i].Conversation
				if other := conversations[c]; c != "" && other != "" && other != made.ID {
					t.Errorf("%s and %s have one conversation", made.ID, other)
				}
				conversations[c] = made.ID
			}
		}
		total += deliveries
		t.Logf("%-13s %3d trials, %5d deliveries, %5d of them in dear ones", d, len(all), deliveries, dear)
	}
	t.Logf("%d deliveries", total)
}

func TestATrialIsMadeAgainFromItsID(t *testing.T) {
	sampling.Long(t)
	again, seed4 := everything(3), everything(4)
	for _, d := range Names() {
		if d == Endurance {
			continue // that is much, and made as after-300 of identity is
		}
		for _, made := range sampling.Some(planned(t, everything(3), d), 6, sampling.Mistakes) {
			got, err := again.Make(made.ID)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, made) {
				t.Errorf("%s: made again by itself it differs", made.ID)
			}
			if other, err := seed4.Make(made.ID); err == nil && reflect.DeepEqual(other.Deliveries, made.Deliveries) {
				t.Errorf("%s: another seed gives the same deliveries", made.ID)
			}
		}
	}
	for _, id := range []string{"", "order", "order/", "weather/rain", "order/call-with-hold/sent/999"} {
		if _, err := everything(1).Make(id); err == nil {
			t.Errorf("a trial %q was made", id)
		}
	}
}

func TestWhatIsNotClaimedIsLeftOut(t *testing.T) {
	sampling.Long(t)
	only := New(Options{Seed: 1, Start: start, Profile: Profile{Versions: []event.Version{event.V1}, Types: []string{"channel.*"}, Aspects: trial.Phase}})
	for _, d := range Names() {
		for _, made := range planned(t, only, d) {
			for i := range made.Deliveries {
				del := &made.Deliveries[i]
				typ, err := event.ParseType(del.Type)
				if err != nil { // types that are not known, and bodies that cannot be used
					if del.Type != "" && del.Want() == trial.Accept && !(strings.HasPrefix(del.Type, "channel.") && strings.HasSuffix(del.Type, ".v1")) {
						t.Errorf("%s sends %s", made.ID, del.Type)
					}
					continue
				}
				if typ.Version != event.V1 || typ.Kind == event.PresenceChanged || del.Token == trial.Next || del.Crash.When != trial.Never {
					t.Errorf("%s sends %s, token %v", made.ID, del.Type, del.Token)
				}
			}
			if made.ID == "identity/new-ids" {
				t.Error("counts are compared though they are not told")
			}
		}
	}
	if all := planned(t, only, Crash); len(all) != 0 {
		t.Errorf("%d crashes of a consumer that cannot be started again", len(all))
	}
}

// A call of which nothing is claimed, or less in one version than in the other, makes no trial, or a smaller one.
func TestTypesMayBeClaimedByThemselves(t *testing.T) {
	sampling.Long(t)
	profiles := [][]string{{"agent.*"}, {"channel.*.v0"}, {"channel.*.v1"}, {"channel.connected.v0", "channel.ended.*"}, {"channel.held.v1"}}
	for _, types := range sampling.Some(profiles, 3, sampling.Mistakes) {
		p := New(Options{Seed: 1, Start: start, Profile: Profile{Types: types, NextSecret: true, Restart: true}})
		sent := 0
		for _, d := range Names() {
			for _, made := range planned(t, p, d) {
				for i := range made.Deliveries {
					typ, err := event.ParseType(made.Deliveries[i].Type)
					if err != nil {
						continue // types that are not known, and bodies that cannot be used
					}
					if sent++; !p.Profile.takes(typ) {
						t.Errorf("%v: %s sends %s", types, made.ID, typ)
					}
				}
			}
		}
		if sent == 0 {
			t.Errorf("%v: nothing is sent", types)
		}
	}
}

// What a trial plays is told in the right number.
func TestStoriesOfOneAndOfMany(t *testing.T) {
	sampling.Long(t)
	wrong := regexp.MustCompile(`\b1 [a-z ]*(notifications|digits|calls|stories|times)\b`)
	p := everything(7)
	for _, d := range Names() {
		for _, made := range planned(t, p, d) {
			if wrong.MatchString(made.Story) {
				t.Errorf("%s: %s", made.ID, made.Story)
			}
		}
	}
}

// A consumer that ends the channels of agents who are away is right again once they are ready: some trials end before.
func TestPresencesEndInBothWays(t *testing.T) {
	for _, phase := range []string{"connected", "held", "wrap"} {
		for end, ready := range map[string]bool{"": true, "/away": false} {
			made, err := everything(1).Make("identity/presence-in-mid-call/" + phase + end)
			if err != nil {
				t.Fatal(err)
			}
			last := &made.Deliveries[len(made.Deliveries)-1]
			if last.Type != "agent.presencechanged.v0" || strings.Contains(string(last.Body), `"type":"ready"`) != ready {
				t.Errorf("%s ends with %s: %s; want a presence, ready %t", made.ID, last.Type, last.Body, ready)
			}
		}
	}
}
