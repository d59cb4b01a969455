package examine

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// mostCompared is of how many trials of a cause the differences are looked at.
const mostCompared = 40

// ofNoLength reports whether phases of no length may be the reason for what is wrong. Each call has some, so that all that is wrong has them: if
// nothing but times is wrong, these must be those of such phases, or of those that follow; wrong figures alone are sums that are wrong.
func (r *run) ofNoLength(c *mistake.Cause) bool {
	if len(wrongMembers(c)) == 0 {
		return true
	}
	if !slices.ContainsFunc(c.Differences, func(d mistake.Difference) bool { return strings.HasPrefix(d.Member, "seconds.") }) {
		return false
	}
	may, cannot := 0, 0
	for n := 0; n < len(c.Trials); n += 1 + len(c.Trials)/mostCompared {
		p := r.all[c.Trials[n]]
		seen := mistake.NewSeen([]*trial.Played{p})
		seen.Habit = r.habit
		for _, d := range seen.Differences(0) {
			if phase, isTime := strings.CutPrefix(d.Member, "seconds."); !isTime {
				continue
			} else if mistake.AtOnce(p.Trial, d.Channel)[phase] {
				may++
			} else {
				cannot++
			}
		}
	}
	return may > 9*cannot
}
