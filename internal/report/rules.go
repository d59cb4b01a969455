package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/fault"
)

// Rule is what ringback demands of a run unasked, and what came of it.
type Rule struct {
	Name   string   `json:"rule"` // what is demanded, such as "all valid notifications accepted"
	Passed bool     `json:"passed"`
	Why    string   `json:"why"`       // what is wrong; empty if it passed
	Gates  []string `json:"gates"`     // which speak of it, and decide about what they speak of
	Whole  bool     `json:"replaced"`  // they decide alone: the rule itself demands nothing
	Run    bool     `json:"about_run"` // it is about the run, not the consumer: it goes without saying where it passed
}

// The names of rules about the consumer.
const (
	loadRule     = "the offered load taken in time"
	lossRule     = "all valid notifications accepted"
	forgeryRule  = "all forgeries refused"
	bodyRule     = "all bad bodies answered correctly"
	receiverRule = "no violation at the built-in receiver"
	checkRule    = "all checks of the stored state passed"
)

// losses are the ways in which a valid notification is not accepted, and the figures of gates
// that speak of them.
var losses = []struct {
	count func(*Summary) uint64
	by    []gate.Figure
}{
	{(*Summary).lostPlain, []gate.Figure{gate.Accepted, gate.Refused, gate.GivenUp}},
	{(*Summary).lostDuplicates, []gate.Figure{gate.Accepted, gate.Refused, gate.GivenUp, gate.FaultsWrong, gate.DuplicatesWrong}},
	{(*Summary).lostFaults, []gate.Figure{gate.Accepted, gate.Refused, gate.GivenUp, gate.FaultsWrong}},
	{func(s *Summary) uint64 { return s.Total.NotSent }, []gate.Figure{gate.Accepted, gate.NotSent}},
}

func isDuplicate(k fault.Kind) bool { return k == fault.Duplicate }
func isForgery(k fault.Kind) bool   { return k.Row().Class == fault.Forgery }
func isBadBody(k fault.Kind) bool   { return k.Row().Want == fault.Finish }
func isUnwanted(k fault.Kind) bool  { return k.Row().Want != fault.Accept } // refused, or never sent
func isOther(k fault.Kind) bool     { return !isUnwanted(k) && !isDuplicate(k) }

func (s *Summary) lostDuplicates() uint64 { return s.faults(isDuplicate).Wrong }
func (s *Summary) lostFaults() uint64     { return s.faults(isOther).Wrong }

// lostPlain counts given-up notifications that were no duplicates and had no fault.
func (s *Summary) lostPlain() uint64 {
	unwanted := s.faults(isUnwanted)
	return less(s.Total.GivenUp, s.lostDuplicates(), s.lostFaults(), less(unwanted.Wrong, unwanted.WronglyAccepted))
}

// less takes away, down to 0.
func less(n uint64, all ...uint64) uint64 {
	for _, by := range all {
		n -= min(n, by)
	}
	return n
}

// judgeRules applies what is demanded unasked, but for what gates speak of.
func (s *Summary) judgeRules(gates []gate.Gate) {
	speaking := func(of ...gate.Figure) (texts []string) {
		for _, g := range gates {
			if slices.Contains(of, g.Figure) {
				texts = append(texts, g.String())
			}
		}
		return texts
	}
	own := func(name, why string, by ...gate.Figure) Rule {
		r := Rule{Name: name, Gates: speaking(by...)}
		if r.Whole = len(r.Gates) > 0; !r.Whole {
			r.Why = why
		}
		return r
	}
	s.Rules = []Rule{}
	add := func(r Rule) {
		r.Passed, r.Gates = r.Why == "", append([]string{}, r.Gates...)
		s.Rules = append(s.Rules, r)
	}
	invalid := ""
	if len(s.Invalid) > 0 {
		invalid = "the run is invalid: " + s.Invalid[0]
	}
	offered, played := Rule{Name: "load offered as planned", Why: invalid, Run: true}, Rule{Name: "the whole plan played", Why: s.unfinished(), Run: true}
	if s.interrupted() { // which explains the rest
		offered, played = played, offered
	}
	add(offered)
	add(played)
	matched := own("notifications for each target", s.unmatched(), gate.Notifications)
	matched.Run = !matched.Whole
	add(matched)
	if forgeries := s.faults(isForgery); final(forgeries) > 0 {
		add(own(forgeryRule, wrongOf(forgeries, "forgery", "forgeries", "not refused"),
			gate.ForgeriesAccepted, gate.ForgeriesRefused, gate.WronglyAccepted))
	}
	if len(s.Overloaded) > 0 { // before what was lost by it
		add(own(loadRule, s.overloaded(), gate.NotSent, gate.Lateness))
	}
	add(s.judgeLosses(speaking))
	if bodies := s.faults(isBadBody); final(bodies) > 0 {
		add(own(bodyRule, wrongOf(bodies, "bad body", "bad bodies", "answered wrongly"),
			gate.BadBodiesAccepted, gate.BadBodiesRefused))
	}
	if r := s.Receiver; r != nil && !r.Partial {
		add(own(receiverRule, r.why(), gate.Violations))
	}
	if len(s.Checks) > 0 {
		add(own(checkRule, s.whyChecks(), gate.ChecksFailed))
	}
}

// judgeLosses demands that every valid notification is accepted, but for the losses that gates
// speak of.
func (s *Summary) judgeLosses(speaking func(...gate.Figure) []string) Rule {
	r := Rule{Name: lossRule, Whole: true}
	lost := uint64(0)
	for _, l := range losses {
		texts := speaking(l.by...)
		for _, text := range texts {
			if !slices.Contains(r.Gates, text) {
				r.Gates = append(r.Gates, text)
			}
		}
		if texts == nil {
			r.Whole = false
			lost += l.count(s)
		}
	}
	if lost > 0 {
		all := less(s.Total.Matched, final(s.faults(isUnwanted)))
		r.Why = fmt.Sprintf("%s of %s not accepted", show.Grouped(lost), show.Counted(all, "valid notification"))
		if len(r.Gates) > 0 {
			r.Why += ", besides those that gates speak of"
		}
		if reason := s.mostLost(); reason != "" {
			r.Why += ": " + reason
		}
	}
	return r
}

// mostLost is why the target that lost most did.
func (s *Summary) mostLost() (reason string) {
	most := uint64(0)
	for i := range s.Targets {
		if t := &s.Targets[i]; t.GivenUp > most && len(t.Diagnoses) > 0 {
			most, reason = t.GivenUp, t.Diagnoses[0]
		}
	}
	return reason
}

// unfinished says why a part of the plan is missing, or nothing.
func (s *Summary) unfinished() string {
	switch {
	case s.Stopped != nil:
		return s.Stopped.String()
	case s.interrupted():
		return "the run was interrupted before its end"
	case s.Stop != "":
		return "the run failed before its end"
	case !s.PlanRead:
		return fmt.Sprintf("stopped early: only the first %s of the plan were started", show.Counted(s.Planned, "notification"))
	case s.Total.Undelivered > 0 && s.CutOff && s.figures()[gate.Failures].n > 0: // what waited for a retry was not accepted
		return show.Counted(s.Total.Undelivered, "notification") + " left undelivered at the end of the traffic, and attempts had failed"
	case s.Total.Undelivered > 0 && !s.CutOff:
		return show.Counted(s.Total.Undelivered, "notification") + " left undelivered"
	}
	return ""
}

// unmatched names the targets for which a whole plan had nothing.
func (s *Summary) unmatched() string {
	var names []string
	for i := range s.Targets {
		if s.PlanRead && s.Targets[i].Matched == 0 {
			names = append(names, s.Targets[i].Name)
		}
	}
	if names == nil {
		return ""
	}
	return "no notification of this plan matches the types of " + strings.Join(names, ", ")
}

// wrongOf says how many faults were accepted or otherwise answered wrongly, or nothing.
func wrongOf(f emitter.FaultsOfKind, one, many, otherwise string) string {
	if f.Wrong == 0 {
		return ""
	}
	text := fmt.Sprintf("%s of %s ", show.Grouped(f.Wrong), show.Grouped(f.Right+f.Wrong))
	if f.Right+f.Wrong == 1 {
		text += one
	} else {
		text += many
	}
	switch f.WronglyAccepted {
	case f.Wrong:
		text += " accepted"
	case 0:
		text += " " + otherwise
	default:
		text += fmt.Sprintf(" %s, %s of them accepted", otherwise, show.Grouped(f.WronglyAccepted))
	}
	if f.Example != "" {
		text += ": " + f.Example
	}
	return text
}

// overloaded names the first target that was, and counts the others.
func (s *Summary) overloaded() string {
	text := s.Overloaded[0]
	if n := len(s.Overloaded); n > 1 {
		text += fmt.Sprintf(" (and %s more)", show.Grouped(uint64(n-1)))
	}
	return text
}

func (r *Receiver) why() string {
	if r.Violated == 0 {
		return ""
	}
	text := show.Counted(uint64(r.Violated), "violation") + " at the built-in receiver"
	if len(r.Violations) > 0 {
		text += ": " + r.Violations[0]
	}
	return text
}

// whyChecks names the first failed check, and counts the others.
func (s *Summary) whyChecks() string {
	failed := s.failedChecks()
	for _, c := range s.Checks {
		if !c.Passed {
			text := fmt.Sprintf("check failed: %s: %s", c.Name, c.Detail)
			if failed > 1 {
				text += fmt.Sprintf(" (and %s more)", show.Grouped(failed-1))
			}
			return text
		}
	}
	return ""
}
