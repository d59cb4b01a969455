package examine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// Why a rule was not tested, where settings would change that.
const (
	NeedsState      = "nobody asked for the state"
	NeedsRestart    = "nobody said how the consumer is killed and started again"
	NeedsNextSecret = "nobody said what the next secret is"
	NeedsTime       = "the budget ran out"
	NeedsLate       = "nobody waited for late duplicates" // longer than the rest took
	NeedsSettle     = "nobody waited for the state"       // until it was right
	NothingAccepted = "nothing was accepted any more"
	NotAskedFor     = "not asked for"
	NotClaimed      = "the profile does not claim it"
	NotShown        = "no trial of the types that the profile claims shows it"
	NotKilled       = "the consumer was never seen to end when it was to be killed: another process was"
	NotInTime       = "what shows it is not answered in time"
	StateUnread     = "the state could not be read"
	EndedEarly      = "the examination ended early"
	NothingJudged   = "nothing was examined"
	Hidden          = "what else is wrong in its trials hides it"
	Consequence     = "broken in consequence of what was found"
)

// optional are rules about what a consumer need not have: a second secret, and members that its state may leave out. They do not
// define a level.
var optional = []rulebook.ID{rulebook.AcceptNextSecret, rulebook.InteractionFromData, rulebook.AgentIDIsText, rulebook.RolesApart, rulebook.FiguresAgree}

// shownWith are rules that nobody can see kept unless each of some others is: whoever verifies nothing decodes no secret, who knows no
// duplicates forgets none, and who takes events as they come has no order for those of an instant.
var shownWith = map[rulebook.ID][]rulebook.ID{
	rulebook.DecodeSecret: {rulebook.VerifySignature}, rulebook.TokenWithoutPrefix: {rulebook.VerifySignature}, rulebook.AcceptNextSecret: {rulebook.VerifySignature},
	rulebook.TolerateEarlyIat: {rulebook.VerifySignature}, rulebook.HashRawBody: {rulebook.CompareHash},
	rulebook.RememberAcrossRestart: {rulebook.StoreBeforeAnswer, rulebook.CountOnce}, rulebook.RememberLong: {rulebook.CountOnce},
	rulebook.ConcurrentDuplicates: {rulebook.CountOnce}, rulebook.KeyIsSourceAndID: {rulebook.CountOnce}, rulebook.IDsAreCaseSensitive: {rulebook.CountOnce},
	rulebook.OrderSameInstant: {rulebook.OrderByTimestamp}, rulebook.CompareInstants: {rulebook.OrderByTimestamp}, rulebook.OrderNotByTime: {rulebook.OrderByTimestamp},
}

// hides reports whether a rule that is not ok hides others. Of those about duplicates and order, only what states show does: duplicates that
// are refused, and not counted, hide none.
func hides(id rulebook.ID, found []Finding) bool {
	if id != rulebook.CountOnce && id != rulebook.OrderByTimestamp {
		return true
	}
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Rule.ID == id && len(f.mistakes) > 0 })
}

// crashRules are those that only a crash shows.
var crashRules = []rulebook.ID{rulebook.RememberAcrossRestart, rulebook.StoreBeforeAnswer, rulebook.WholeOrNothing}

// tested is what is known of the trials of a rule.
type tested struct {
	played, asked int          // trials that came to their end; those of which the state was told as well
	unexplained   int          // those whose state is wrong, and hides whether the rule is kept
	told          trial.Aspect // in them
}

// shownBy is what must have come to show that a rule is kept: where a profile leaves it out, trials that are about the rule are made of something
// else.
var shownBy = map[rulebook.ID]func(trial.Delivery) bool{
	rulebook.AcceptPresence: ofAgents, rulebook.PresenceApart: ofAgents,
	rulebook.IgnoreUnknownTypes: func(d trial.Delivery) bool { return d.Type != "" && !knownType(d.Type) },
	rulebook.AcceptExternal:     func(d trial.Delivery) bool { return d.Role == "external" },
	rulebook.AcceptNullIDs:      func(d trial.Delivery) bool { return d.NullAgentID },
}

func ofAgents(d trial.Delivery) bool { return strings.HasPrefix(d.Type, "agent.") }

// tests says of each rule how its trials went. What was broken off, or came after the consumer had stopped, shows nothing.
func (r *run) tests() map[rulebook.ID]*tested {
	all := map[rulebook.ID]*tested{}
	for i, p := range r.clear() {
		whole := r.stopped < 0 || i < r.stopped
		for j := range p.Answers {
			whole = whole && p.Answers[j].Attempts > 0
		}
		if !whole || r.cut[r.all[i]] {
			continue
		}
		for _, id := range append([]rulebook.ID{rulebook.AnswerInTime, rulebook.AcceptValid}, p.Rules...) {
			if shows := shownBy[id]; shows != nil && !slices.ContainsFunc(p.Deliveries, shows) {
				continue
			}
			if all[id] == nil {
				all[id] = &tested{}
			}
			if all[id].played++; p.Asked.IsZero() {
				continue
			}
			if r.unexplained[r.all[i]] {
				all[id].unexplained++
			}
			all[id].asked++
			for _, s := range p.Told {
				if s != nil {
					all[id].told |= s.Aspects()
				}
			}
		}
	}
	if of := func(version string) bool {
		return slices.ContainsFunc(r.all, func(p *trial.Played) bool {
			return slices.ContainsFunc(p.Deliveries, func(d trial.Delivery) bool { return strings.HasSuffix(d.Type, version) })
		})
	}; !of(".v0") || !of(".v1") { // one of them is not claimed
		delete(all, rulebook.AcceptVersions)
	}
	return all
}

// results are the verdicts on all rules.
func (r *run) results(found []Finding) (all []Result) {
	tests := r.tests()
	verdicts := map[rulebook.ID]Verdict{}
	for _, rule := range rulebook.Rules() {
		result := Result{Rule: rule, Verdict: OK, Took: r.times[rule.ID], Unreached: r.missed[rule.ID]}
		if t := tests[rule.ID]; t != nil {
			result.Played = t.played
		}
		switch broken := func(f Finding) bool { return f.Rule.ID == rule.ID }; {
		case slices.ContainsFunc(found, broken):
			result.Verdict = Broken
		case r.basic != nil:
			result.Verdict, result.Why = Untested, "nothing is accepted"
		case slices.ContainsFunc(found, func(f Finding) bool { return slices.Contains(f.Also, rule.ID) }):
			result.Verdict, result.Why = Untested, Consequence
		case slices.ContainsFunc(found, func(f Finding) bool { return slices.Contains(f.hides, rule.ID) }):
			result.Verdict, result.Why = Untested, Hidden
		default:
			if result.Why = r.whyNot(rule.ID, tests[rule.ID]); result.Why == "" && len(mistake.Needs(rule.ID)) > 0 && 2*tests[rule.ID].unexplained > tests[rule.ID].played {
				result.Why = Hidden
			}
			if result.Why != "" {
				result.Verdict = Untested
			}
		}
		verdicts[rule.ID] = result.Verdict
		all = append(all, result)
	}
	for i := range all {
		for _, other := range shownWith[all[i].ID] {
			if all[i].Verdict == OK && verdicts[other] != OK && len(r.Only) == 0 && hides(other, found) {
				all[i].Verdict, all[i].Why = Untested, "nobody can see it unless "+string(other)+" is kept"
			}
		}
		if other := rulebook.RememberAcrossRestart; all[i].ID == rulebook.RememberLong && all[i].Verdict == OK && verdicts[other] == Broken { // the latest duplicates came behind a crash
			all[i].Verdict, all[i].Why = Untested, "nobody can see it unless "+string(other)+" is kept"
		}
	}
	return all
}

// ofAnyType reports whether a rule is about whatever may come, so that no profile does without it: how it is signed, written and stored.
func ofAnyType(id rulebook.ID) bool {
	switch id {
	case rulebook.AcceptPresence, rulebook.AcceptVersions, rulebook.IgnoreUnknownTypes, rulebook.AcceptExternal, rulebook.AcceptNullIDs, rulebook.AcceptNextSecret:
		return false
	case rulebook.CountOnce, rulebook.RetryIsNoDuplicate, rulebook.InteractionFromData, rulebook.AgentIDIsText, rulebook.StoreBeforeAnswer, rulebook.WholeOrNothing, rulebook.RememberAcrossRestart:
		return true
	}
	return rulebook.Of(id).Level <= rulebook.Secure
}

// whyNot says why a rule was not tested, or nothing if it was: a trial that could show it has come to its end, and the state told
// what would show it.
func (r *run) whyNot(id rulebook.ID, t *tested) string {
	claimed := cmp.Or(r.Profile.Aspects, ^trial.Aspect(0))
	var missing []string
	var untold trial.Aspect
	need, claims, told := mistake.Needs(id), false, r.aspects
	if t != nil {
		told = t.told
	}
	for _, group := range need {
		if group &= claimed; group != 0 {
			claims = true
			if group&told&^r.words.vague() == 0 {
				missing, untold = append(missing, group.String()), untold|group
			}
		}
	}
	lacking := "the state does not tell " + strings.Join(missing, ", nor ") + r.words.instead(untold)
	switch {
	case len(r.Only) > 0 && t == nil && !slices.Contains(r.Only, string(id)):
		return NotAskedFor
	case id == rulebook.AcceptNextSecret && len(r.Sending.Target.NextSecret) == 0:
		return NeedsNextSecret
	case id == rulebook.TokenWithoutPrefix && r.Sending.Prefix != "":
		return "tokens are sent behind " + r.Sending.Prefix
	case rulebook.Of(id).Level == rulebook.Secure && len(r.Sending.Target.Secret) == 0:
		return "nothing is signed"
	case len(need) > 0 && !claims:
		return NotClaimed
	case len(need) > 0 && r.asker == nil:
		return NeedsState
	case r.Sending.Kill == nil && slices.Contains(crashRules, id):
		return NeedsRestart
	case slices.Contains(crashRules, id) && t != nil && r.unkilled:
		return NotKilled
	case r.stopped >= 0 && (t == nil || t.played < r.missed[id]):
		return NothingAccepted
	case t == nil && r.failure != nil:
		return EndedEarly
	case len(need) > 0 && len(r.untold) > 0 && (t == nil || t.asked == 0 || t.asked < r.missed[id]):
		return StateUnread
	case id == rulebook.RememberLong && r.lateUnknown:
		return NeedsTime
	case t == nil && r.missed[id] > 0 && r.spared[id] == r.missed[id]:
		return NotInTime
	case t == nil && r.missed[id] > 0, t != nil && t.played < r.missed[id]: // most of its trials
		return NeedsTime
	case t == nil && len(missing) > 0:
		return lacking
	case t == nil && ofAnyType(id):
		return NotShown
	case t == nil:
		return NotClaimed
	case len(need) > 0 && t.asked == 0:
		return "no state was told of the trials that show it"
	case len(missing) > 0:
		return lacking
	}
	return ""
}

// cutDimension cuts the dimension off the ID of a trial.
func cutDimension(id string) (d dimension.Name, rest string, ok bool) {
	name, rest, ok := strings.Cut(id, "/")
	return dimension.Name(name), rest, ok && slices.Contains(dimension.Names(), dimension.Name(name))
}
