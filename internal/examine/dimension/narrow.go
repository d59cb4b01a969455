package dimension

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// ofCourses are rules that nobody can break who hears of no channel more than one thing: there is nothing to put in order, and no phase that
// ends.
var ofCourses = []rulebook.ID{
	rulebook.OrderByTimestamp, rulebook.OrderNotByTime, rulebook.OrderSameInstant, rulebook.CompareInstants, rulebook.StoreBeforeAlerted, rulebook.NeverReopen,
	rulebook.PhasesApart, rulebook.SumPhases, rulebook.KeepFractions, rulebook.DurationsFromTimestamps, rulebook.AcrossMidnight, rulebook.ZeroLengthPhases,
	rulebook.CloseEveryPhase, rulebook.FailedOffers,
}

// shown are the rules of a trial that what a profile leaves of it can show.
func shown(t *trial.Trial) []rulebook.ID {
	if len(t.Deliveries) == 0 || hasCourse(t) {
		return t.Rules
	}
	return slices.DeleteFunc(slices.Clone(t.Rules), func(id rulebook.ID) bool { return slices.Contains(ofCourses, id) })
}

// hasCourse reports whether a channel has two events: of two kinds, or at two instants.
func hasCourse(t *trial.Trial) bool {
	type event struct{ kind, at string }
	first := map[string]event{}
	for _, d := range slices.Concat(t.Deliveries, t.Later) {
		if d.Channel == "" || !d.Token.Authentic() {
			continue
		}
		e := event{d.Type[:max(0, strings.LastIndexByte(d.Type, '.'))], d.Timestamp}
		if known, is := first[d.Channel]; is && known != e {
			return true
		}
		first[d.Channel] = e
	}
	return false
}
