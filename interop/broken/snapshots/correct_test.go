package snapshots

import (
	"testing"

	"github.com/ringback/ringback/interop/broken/internal/stories"
	"github.com/ringback/ringback/plan"
)

// The correct one is right about every story, in every order.
func TestTheCorrectConsumerTellsTheTruth(t *testing.T) {
	for _, name := range stories.Names() {
		t.Run(name, func(t *testing.T) {
			for _, o := range []plan.Options{{Seed: 7}, {Seed: 8, Versions: plan.Both}, {Seed: 9, Versions: plan.OnlyV1}, {Seed: 45}} {
				s := stories.Load(t, name, o)
				for order, bodies := range stories.Orders(s.Bodies) {
					c := stories.Direct(Rows()[0].Handler(stories.Secret()))
					c.Play(t, bodies...)
					if wrong := c.Differences(t, &s.Truth); wrong != nil {
						t.Errorf("%s: %v", order, wrong)
					}
				}
			}
		})
	}
}
