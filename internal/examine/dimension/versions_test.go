package dimension

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/plan"
)

// Whoever claims the types of one version is sent what somebody is sent who claims that version.
func TestTypesOfOneVersionClaimThatVersion(t *testing.T) {
	sampling.Long(t)
	count := func(profile Profile) (sent int) {
		p := New(Options{Seed: 1, Start: start, Profile: profile})
		for _, d := range []Name{Authenticity, Identity, Order} {
			for _, made := range planned(t, p, d) {
				sent += len(made.Deliveries)
			}
		}
		return sent
	}
	want := count(Profile{Versions: []event.Version{event.V1}, Types: []string{"channel.*"}})
	if got := count(Profile{Types: []string{"channel.*.v1"}}); got != want || want == 0 {
		t.Errorf("%d notifications, want %d", got, want)
	}
}

// Who hears of one event of each channel can get no phase wrong; who hears of two can.
func TestOneEventOfAChannelShowsNoPhase(t *testing.T) {
	sampling.Long(t)
	for profile, want := range map[string]bool{"channel.alerted.v0": false, "channel.connected.*": false, "channel.*.v0": true, "channel.*ected.v0": true} {
		p, found := New(Options{Seed: 1, Start: start, Profile: Profile{Types: []string{profile}}}), map[rulebook.ID]bool{}
		for _, d := range []Name{Stories, Order} {
			for _, made := range planned(t, p, d) {
				for _, id := range made.Rules {
					found[id] = found[id] || len(made.Deliveries) > 0
				}
			}
		}
		for _, id := range []rulebook.ID{rulebook.SumPhases, rulebook.OrderByTimestamp} {
			if found[id] != want {
				t.Errorf("%s: trials of %s: %t, want %t", profile, id, found[id], want)
			}
		}
		if !slices.ContainsFunc(rulebook.Rules(), func(r rulebook.Rule) bool { return found[r.ID] }) {
			t.Errorf("%s: no trial at all", profile)
		}
	}
}

// Whatever a consumer takes, how it reads and checks it is tried, and that it counts it once and stores it.
func TestOfAnyTypeAllThatIsAboutAnyIsTried(t *testing.T) {
	sampling.Long(t)
	var want []rulebook.ID
	for _, r := range rulebook.Rules() {
		if r.Level <= rulebook.Secure && !slices.Contains([]rulebook.ID{rulebook.AcceptPresence, rulebook.AcceptVersions, rulebook.IgnoreUnknownTypes,
			rulebook.AcceptExternal, rulebook.AcceptNullIDs}, r.ID) {
			want = append(want, r.ID)
		}
	}
	kinds := slices.DeleteFunc(slices.Clone(event.Types()), func(t event.Type) bool { return t.Version != event.V0 })
	for _, kind := range sampling.Some(kinds, 4, sampling.Mistakes) {
		p, found := New(Options{Seed: 1, Start: start, Profile: Profile{Types: []string{kind.String()}, NextSecret: true, Restart: true}}), map[rulebook.ID]bool{}
		for _, d := range Names() {
			for _, made := range planned(t, p, d) {
				for _, id := range made.Rules {
					found[id] = found[id] || len(made.Deliveries) > 0
				}
			}
		}
		for _, id := range append(want, rulebook.CountOnce, rulebook.RememberLong, rulebook.StoreBeforeAnswer) {
			if !found[id] {
				t.Errorf("%s: no trial of %s", kind, id)
			}
		}
	}
}

// Whatever is planned from the earliest and the latest start can be planned.
func TestStarts(t *testing.T) {
	sampling.Long(t)
	var outside *plan.StartError
	if err := CheckStart(time.Time{}); !errors.As(err, &outside) {
		t.Fatal(err)
	}
	for _, at := range []time.Time{outside.First, outside.Last} {
		if err := CheckStart(at); err != nil {
			t.Error(err)
		}
		for _, d := range []Name{Bytes, Stories} {
			planned(t, New(Options{Seed: 1, Start: at}), d)
		}
	}
	for _, at := range []time.Time{outside.First.Add(-time.Second), outside.Last.Add(time.Second)} {
		if CheckStart(at) == nil {
			t.Errorf("%s is no problem", at)
		}
	}
}
