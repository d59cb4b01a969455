package dimension

import (
	"testing"

	"github.com/ringback/ringback/event"
)

// Whoever claims the types of one version is sent what somebody is sent who claims that version.
func TestTypesOfOneVersionClaimThatVersion(t *testing.T) {
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
