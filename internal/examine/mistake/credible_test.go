package mistake

import (
	"fmt"
	"testing"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// A count that is wrong everywhere has no known mistake as its cause, although some trials fit one.
func TestWhatFitsByAccidentIsNotNamed(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	all := answered(examined(t, 1, dimension.Bytes, dimension.Identity))
	for _, by := range sampling.Some([]int{1, -1}, 2, sampling.Mistakes) {
		t.Run(fmt.Sprintf("%+d", by), func(t *testing.T) {
			causes := retold(all, func(_ *trial.Played, channel *trial.Channel) {
				if channel.Notifications != nil {
					channel.Notifications = new(*channel.Notifications + by)
				}
			}).Explain()
			if len(causes) != 1 || len(causes[0].Mistakes) > 0 || causes[0].Rule != rulebook.CountOnce {
				for _, cause := range causes {
					t.Errorf("%s: %d mistakes, %d trials", cause.Rule, len(cause.Mistakes), len(cause.Trials))
				}
			}
		})
	}
}
