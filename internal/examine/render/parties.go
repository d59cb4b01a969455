package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// parties is what the story calls the party of each channel, by its identifier in lower case; of several channels of one party also which one
// it is, in the order in which they began.
func parties(t *trial.Trial) map[string]string {
	all := slices.Concat(t.Deliveries, t.Later)
	slices.SortStableFunc(all, func(a, b trial.Delivery) int { return mistake.Before(&a.Note, &b.Note) })
	channels := map[string][]string{} // of each party
	for i := range all {
		if d, id := &all[i], strings.ToLower(all[i].Channel); d.Party != "" && id != "" && !slices.Contains(channels[d.Party], id) {
			channels[d.Party] = append(channels[d.Party], id)
		}
	}
	called := map[string]string{}
	for party, ids := range channels {
		for n, id := range ids {
			if called[id] = party; len(ids) > 1 {
				called[id] = fmt.Sprintf("%s (channel %d)", party, n+1)
			}
		}
	}
	return called
}
