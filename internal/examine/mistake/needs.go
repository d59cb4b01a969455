package mistake

import (
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// Any of these tells what was stored.
const (
	course = trial.Phase | trial.Seconds
	stored = trial.Seconds | trial.Notifications // the phase alone does not show that something in the middle is missing
)

// needs are the aspects of the state without which a rule is not tested: at least one of each group. A mistake that breaks the rule
// shows in them, whichever they are. Rules that are not here show in the answers.
var needs = map[rulebook.ID][]trial.Aspect{
	rulebook.RefuseWithoutStoring: {stored},

	rulebook.CountOnce: {trial.Notifications}, rulebook.KeyIsSourceAndID: {trial.Notifications}, rulebook.IDsAreCaseSensitive: {trial.Notifications},
	rulebook.NewIDIsNew: {trial.Notifications}, rulebook.RememberLong: {trial.Notifications},
	rulebook.InteractionFromData: {trial.InteractionID}, rulebook.AgentIDIsText: {trial.AgentID},
	rulebook.ChannelsApart: {course}, rulebook.ConversationsApart: {course | trial.Notifications},

	rulebook.OrderByTimestamp: {trial.Phase, trial.Seconds}, rulebook.OrderNotByTime: {trial.Phase}, rulebook.OrderSameInstant: {trial.Seconds},
	rulebook.CompareInstants: {trial.Seconds}, rulebook.StoreBeforeAlerted: {course}, rulebook.NeverReopen: {trial.Phase, trial.Seconds},

	rulebook.PhasesApart: {trial.Seconds}, rulebook.SumPhases: {trial.Seconds}, rulebook.KeepFractions: {trial.Seconds},
	rulebook.DurationsFromTimestamps: {trial.Seconds}, rulebook.AcrossMidnight: {trial.Seconds}, rulebook.ZeroLengthPhases: {trial.Seconds},
	rulebook.FailedOffers: {course}, rulebook.CloseEveryPhase: {trial.Seconds}, rulebook.RolesApart: {trial.Role}, rulebook.PresenceApart: {course},
	rulebook.FiguresAgree: {trial.Figures},

	rulebook.ConcurrentConversations: {stored}, rulebook.ConcurrentNotifications: {stored}, rulebook.ConcurrentDuplicates: {trial.Notifications},
	rulebook.RetryIsNoDuplicate: {stored}, rulebook.StoreBeforeAnswer: {stored}, rulebook.WholeOrNothing: {stored},
	rulebook.RememberAcrossRestart: {trial.Notifications},
}

// Needs are the aspects of the state that show whether a rule is kept: at least one of each group. Nil: the answers alone show it.
func Needs(id rulebook.ID) []trial.Aspect { return needs[id] }
