package examine

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// needs are the aspects of which the state must tell at least one, or a rule is not tested. Rules that are
// not here show in the answers.
var needs = map[rulebook.ID]trial.Aspect{
	rulebook.RefuseWithoutStoring: trial.Phase | trial.Seconds | trial.Notifications,

	rulebook.CountOnce: trial.Notifications, rulebook.KeyIsSourceAndID: trial.Notifications, rulebook.IDsAreCaseSensitive: trial.Notifications,
	rulebook.NewIDIsNew: trial.Notifications, rulebook.RememberLong: trial.Notifications, rulebook.RememberAcrossRestart: trial.Notifications,
	rulebook.ConcurrentDuplicates: trial.Notifications,

	rulebook.InteractionFromData: trial.InteractionID, rulebook.AgentIDIsText: trial.AgentID, rulebook.RolesApart: trial.Role, rulebook.FiguresAgree: trial.Figures,

	rulebook.ChannelsApart: events, rulebook.ConversationsApart: events, rulebook.OrderByTimestamp: times, rulebook.OrderNotByTime: times,
	rulebook.OrderSameInstant: times, rulebook.CompareInstants: times, rulebook.StoreBeforeAlerted: events, rulebook.NeverReopen: events,
	rulebook.PhasesApart: times, rulebook.SumPhases: trial.Seconds, rulebook.KeepFractions: trial.Seconds, rulebook.DurationsFromTimestamps: trial.Seconds,
	rulebook.AcrossMidnight: trial.Seconds, rulebook.ZeroLengthPhases: times, rulebook.FailedOffers: times, rulebook.CloseEveryPhase: times,
	rulebook.PresenceApart: events,

	rulebook.ConcurrentConversations: events, rulebook.ConcurrentNotifications: events, rulebook.RetryIsNoDuplicate: events,
	rulebook.StoreBeforeAnswer: events, rulebook.WholeOrNothing: events, rulebook.Endure: 0,
}

const (
	times  = trial.Phase | trial.Seconds
	events = times | trial.Notifications
)

// Why a rule was not tested, where settings would change that.
const (
	NeedsState      = "nobody asked for the state"
	NeedsRestart    = "nobody said how the consumer is killed and started again"
	NeedsNextSecret = "nobody said what the next secret is"
	NeedsTime       = "the budget was over"
	NotAskedFor     = "not asked for"
	NotClaimed      = "the profile does not claim it"
)

// shownBy are rules that have no trials of their own, with those whose trials show them.
var shownBy = map[rulebook.ID]rulebook.ID{
	rulebook.DecodeSecret: rulebook.AcceptValid, rulebook.TokenWithoutPrefix: rulebook.AcceptValid,
	rulebook.StoreBeforeAlerted: rulebook.OrderByTimestamp, rulebook.DurationsFromTimestamps: rulebook.AcceptValid,
}

// results are the verdicts on all rules.
func (r *run) results(found []Finding, aspects trial.Aspect) (all []Result) {
	played, asked := map[rulebook.ID]bool{}, map[rulebook.ID]bool{}
	for _, p := range r.all {
		for _, id := range append([]rulebook.ID{rulebook.AnswerInTime, rulebook.AcceptValid}, p.Rules...) {
			played[id] = true
			asked[id] = asked[id] || !p.Asked.IsZero()
		}
	}
	for id, other := range shownBy {
		played[id], asked[id] = played[id] || played[other], asked[id] || asked[other]
	}
	for _, rule := range rulebook.Rules() {
		result := Result{Rule: rule, Verdict: OK}
		need := needs[rule.ID]
		switch broken := func(f Finding) bool { return f.Rule.ID == rule.ID }; {
		case slices.ContainsFunc(found, broken):
			result.Verdict = Broken
		case r.basic != nil:
			result.Verdict, result.Why = Untested, "nothing is accepted"
		case slices.ContainsFunc(found, func(f Finding) bool { return slices.Contains(f.Also, rule.ID) }):
			result.Verdict, result.Why = Untested, "broken in consequence of what was found"
		case len(r.Only) > 0 && !played[rule.ID] && !slices.Contains(r.Only, string(rule.ID)):
			result.Verdict, result.Why = Untested, NotAskedFor
		case rule.ID == rulebook.AcceptNextSecret && len(r.Sending.Target.NextSecret) == 0:
			result.Verdict, result.Why = Untested, NeedsNextSecret
		case need != 0 && r.asker == nil:
			result.Verdict, result.Why = Untested, NeedsState
		case need != 0 && need&aspects == 0:
			result.Verdict, result.Why = Untested, "the state does not tell "+need.String()
		case !played[rule.ID] || need != 0 && !asked[rule.ID]:
			result.Verdict, result.Why = Untested, r.whyNot(rule.ID)
		}
		all = append(all, result)
	}
	return all
}

// whyNot says why no trial of a rule was played.
func (r *run) whyNot(id rulebook.ID) string {
	switch {
	case r.Sending.Kill == nil && slices.Contains([]rulebook.ID{rulebook.RememberAcrossRestart, rulebook.StoreBeforeAnswer, rulebook.WholeOrNothing}, id):
		return NeedsRestart
	case len(r.unreached) > 0:
		return NeedsTime
	}
	return NotClaimed
}

// cutDimension cuts the dimension off the ID of a trial.
func cutDimension(id string) (d dimension.Name, rest string, ok bool) {
	name, rest, ok := strings.Cut(id, "/")
	return dimension.Name(name), rest, ok && slices.Contains(dimension.Names(), dimension.Name(name))
}
