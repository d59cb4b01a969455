package examine

import (
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// seldom is how often attempts without an answer in time are by the way: machines stand still now and then. What was sent again within oneStall had
// none for the same reason.
const (
	seldom   = 2
	oneStall = 10 * time.Second
)

// stalls counts how often there was no answer in time.
func stalls(late []*answered) (n int) {
	var until time.Time
	for _, a := range slices.SortedFunc(slices.Values(late), func(a, b *answered) int { return a.answer.Sent.Compare(b.answer.Sent) }) {
		if a.answer.Sent.After(until) {
			n, until = n+1, a.answer.Sent.Add(oneStall)
		}
	}
	return n
}

// tardy finds notifications that were accepted in the end, but not in time at first: the real sender counts that as a failure, and sends
// them again.
func tardy(all []*answered, refused []refusal) []refusal {
	if slices.ContainsFunc(refused, func(r refusal) bool { return r.rule == rulebook.AnswerInTime || r.rule == rulebook.KeepAnswering }) {
		return nil
	}
	var late, taken []*answered
	for _, a := range all {
		switch {
		case a.Want() != trial.Accept || !a.answer.Accepted():
		case a.answer.Late > 0:
			late = append(late, a)
		default:
			taken = append(taken, a)
		}
	}
	if len(late) <= seldom {
		return nil
	}
	r := common(late, taken)
	if text, is := strings.CutPrefix(r.text, "refuses "); is && 2*len(r.refused) > len(late) {
		return []refusal{{rule: rulebook.AnswerInTime, refused: late, text: "does not answer " + text + " in time: it comes again, for up to 24 hours"}}
	}
	if stalls(late) <= seldom {
		return nil
	}
	return []refusal{{rule: rulebook.AnswerInTime, refused: late}}
}

// pieces takes large bodies for a part of what is wrong with whoever reads the first piece only: they come in several.
func pieces(found []refusal) []refusal {
	of := func(id rulebook.ID) int { return slices.IndexFunc(found, func(r refusal) bool { return r.rule == id }) }
	whole, large := of(rulebook.ReadWholeBody), of(rulebook.ReadLargeBodies)
	if whole < 0 || large < 0 {
		return found
	}
	found[whole].also = append(found[whole].also, rulebook.ReadLargeBodies)
	return slices.Delete(found, large, large+1)
}

// exhausted finds valid notifications that fail for good behind what is refused, cannot be used or was cut off, or that have had no answer in
// time from some moment on.
func exhausted(left, taken []*answered) refusal {
	r := refusal{rule: rulebook.KeepAnswering}
	for _, a := range left {
		if retried(a.answer) && slices.ContainsFunc(a.played.Deliveries[:min(a.nth, len(a.played.Deliveries))], garbage) {
			r.refused = append(r.refused, a)
		}
	}
	if 2*len(r.refused) > len(left) {
		return r
	}
	if slices.ContainsFunc(left, func(a *answered) bool { return !hangs(a.answer) }) || slices.ContainsFunc(taken, func(a *answered) bool { return a.answer.Sent.After(left[0].answer.Sent) }) {
		return refusal{}
	}
	return refusal{rule: rulebook.Endure, text: stops(len(taken)), refused: slices.Clone(left)}
}

// garbage reports whether a delivery is none that a consumer stores.
func garbage(d trial.Delivery) bool {
	return d.Want() == trial.Refuse || d.Want() == trial.Finish || d.Wire.Way == trial.CutOff
}

// fails are the statuses with which the valid notifications of a trial failed for good: whatever else fails alike there
// says nothing about itself.
func fails(all []*answered) func(a *answered) bool {
	type failure struct{ trial, status int }
	failed := map[failure]bool{}
	for _, a := range all {
		if a.Want() == trial.Accept && retried(a.answer) {
			failed[failure{a.trial, a.answer.Status}] = true
		}
	}
	return func(a *answered) bool { return failed[failure{a.trial, a.answer.Status}] }
}
