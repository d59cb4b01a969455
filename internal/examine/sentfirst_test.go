package examine

import (
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/dimension"
)

// Whoever claims a single type is sent one of it before anything is examined.
func TestEachTypeIsSentFirst(t *testing.T) {
	t.Parallel()
	for _, of := range event.Types() {
		p := dimension.New(dimension.Options{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Profile: dimension.Profile{Types: []string{of.String()}}})
		if !slices.ContainsFunc(sentFirst, func(id string) bool {
			made, err := p.Make(id)
			return err == nil && len(made.Deliveries) > 0
		}) {
			t.Errorf("%s is not sent", of)
		}
	}
}
