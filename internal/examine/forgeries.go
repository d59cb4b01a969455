package examine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// forgeries finds which forged tokens are accepted. Who does not verify the signature accepts others in consequence,
// which are no mistakes of their own; who does not look at exp does not miss it either.
func forgeries(all []*answered) (found []refusal) {
	accepted, wrongly := map[rulebook.ID][]*answered{}, map[rulebook.ID][]*answered{}
	fails := fails(all)
	refused := map[trial.Token]bool{}
	anyway := anyway(all)
	formless, large := formless(all)
	for _, a := range all {
		refused[a.Token] = refused[a.Token] || a.Want() == trial.Refuse && a.answer.Fits(trial.Refuse)
	}
	marks := refusal{rule: rulebook.RefuseWithoutStoring, text: forgeriesKnown}
	for _, a := range all {
		switch rule := a.Token.Rule(); {
		case a.Want() != trial.Refuse || a.answer.Fits(trial.Refuse) || fails(a):
		case a.answer.Accepted() && refused[a.Token] && cameBefore(a): // such tokens are refused where the id is new
			marks.refused = append(marks.refused, a)
		case a.answer.Accepted():
			accepted[rule] = append(accepted[rule], a)
		case anyway[way{a.Wire.Way, a.answer.Status}] || ofForm(a) && (formless[a.answer.Status] || len(a.Body) >= large):
		default:
			wrongly[rule] = append(wrongly[rule], a)
		}
	}
	if len(marks.refused) > 0 { // so is what it knows with a token that has expired
		accepted[rulebook.RefuseExpired] = slices.DeleteFunc(accepted[rulebook.RefuseExpired], func(a *answered) bool { return a.Token == trial.Spent })
	}
	found = byRule(accepted, "")
	for i := range found {
		var tokens []trial.Token
		for _, a := range found[i].refused {
			tokens = append(tokens, a.Token)
		}
		slices.Sort(tokens)
		if found[i].text = trial.Broken(tokens); found[i].text == "" {
			found[i].text = partly(&found[i], all)
		}
	}
	found = rooted(found)
	if len(marks.refused) > 0 {
		if !slices.ContainsFunc(marks.refused, func(a *answered) bool { return !behindTrue(a) }) {
			marks.text = knownAnswered
		}
		found = append(found, marks)
	}
	if len(found) > 0 {
		return found
	}
	found = byRule(wrongly, "answers what is not authentic with %s, and not with 401 or 403")
	for i := 1; i < len(found); i++ {
		found[0].also = append(found[0].also, found[i].rule)
	}
	return found[:min(1, len(found))]
}

// dropped makes one finding of the forgeries that are accepted where the states show that nothing of them is stored: the consumer knows a forgery,
// and does not say so.
func (r *run) dropped(ctx context.Context, found []refusal) []refusal {
	accepts := func(f *refusal) bool {
		return len(f.refused) > 0 && f.refused[0].Want() == trial.Refuse && f.refused[0].answer.Accepted()
	}
	r.drops = false
	if r.asker == nil {
		for i := range found { // nobody knows what is stored
			if f := &found[i]; accepts(f) {
				f.mend = cmp.Or(f.mend, rulebook.Of(f.rule).Mend) + " If you do, and store nothing of it, answer 401: after a 2xx nothing comes again."
			}
		}
		return found
	}
	for i := range found {
		if f := &found[i]; accepts(f) && f.text == trial.Broken([]trial.Token{trial.Earlier}) { // a duplicate to it, of which there is nothing to store
			return found
		}
	}
	shown := mistake.Dropped(r.all)
	if r.drops = len(shown) > 0 && (r.theory || r.stillDrops(ctx, shown)); !r.drops {
		return found
	}
	var out []refusal
	first := -1
	for _, f := range found {
		switch {
		case !accepts(&f):
			out = append(out, f)
		case first >= 0:
			out[first].also = append(append(out[first].also, f.rule), f.also...)
		default:
			f.refused = slices.DeleteFunc(slices.Clone(f.refused), func(a *answered) bool { return !slices.Contains(shown, a.trial) })
			if len(f.refused) == 0 { // others show it
				out = append(out, f)
				continue
			}
			f.text = fmt.Sprintf("answers what is not authentic with %s, and stores nothing of it: after an error in its key or clock everything would be lost, and nothing would come again",
				f.refused[0].got())
			f.mend, f.state = "Answer 401 where the token is not right: then the notification comes again, with a fresh token, for 24 hours.", true
			first, out = len(out), append(out, f)
		}
	}
	return out
}

// askedAgain is of how many trials the states are asked for once more.
const askedAgain = 10

// stillDrops reports whether nothing is stored of the forgeries of some trials a while later, too: who stores behind the answer has what is
// right at first.
func (r *run) stillDrops(ctx context.Context, shown []int) bool {
	var some []*trial.Played
	var conversations []string
	for _, i := range shown[:min(len(shown), askedAgain)] {
		some, conversations = append(some, r.all[i]), append(conversations, r.all[i].Conversations()...)
	}
	bound := r.bound(ctx, nil)
	select {
	case <-time.After(r.asker.Within()):
	case <-bound.Done():
	}
	told, err := r.asker.All(bound, conversations, nil)
	if err != nil || len(told.Errors) > 0 {
		return true // nobody knows more than before
	}
	for i, p := range some {
		later := *p
		later.Told = told.States
		some[i] = &later
	}
	return len(mistake.Dropped(some)) > 0
}

// rooted makes of what is accepted in consequence of something else a part of that.
func rooted(found []refusal) []refusal {
	for _, root := range []rulebook.ID{rulebook.VerifySignature, rulebook.RefuseExpired} {
		i := slices.IndexFunc(found, func(r refusal) bool { return r.rule == root })
		if i < 0 {
			continue
		}
		var rest []refusal
		for _, r := range found {
			if r.rule != root && (root == rulebook.VerifySignature || r.rule == rulebook.RequireExp) {
				found[i].also = append(found[i].also, r.rule)
			} else if r.rule != root {
				rest = append(rest, r)
			}
		}
		found = append([]refusal{found[i]}, rest...)
	}
	of := func(t trial.Token) int {
		return slices.IndexFunc(found, func(r refusal) bool { return r.rule == t.Rule() && r.text == trial.Broken([]trial.Token{t}) })
	}
	if any, spent := of(trial.Earlier), of(trial.Spent); any >= 0 && spent >= 0 { // tokens that were right once are kept
		found[any].also = append(found[any].also, found[spent].rule)
		found = slices.Delete(found, spent, spent+1)
	}
	return found
}

// way is how something came, and how it was answered.
type way struct {
	of     trial.Way
	status int
}

// anyway are the answers to valid notifications that come in a way that the consumer does not take.
func anyway(all []*answered) map[way]bool {
	found := map[way]bool{}
	for _, a := range all {
		if a.Want() == trial.Accept && a.Wire.Way != trial.Whole && !a.answer.Accepted() {
			found[way{a.Wire.Way, a.answer.Status}] = true
		}
	}
	return found
}

// ofForm reports whether a forgery comes in a form of its own.
func ofForm(a *answered) bool { return strings.Contains(a.played.ID, "/all-forms/") }

// formless are the answers to valid notifications in forms that the consumer does not take, whoever signed them; large is the size
// of bodies from which on it takes none.
func formless(all []*answered) (answers map[int]bool, large int) {
	answers, large = map[int]bool{}, math.MaxInt
	for _, a := range all {
		if a.Want() != trial.Accept || a.answer.Accepted() {
			continue
		}
		if !slices.Contains([]int{0, 401, 403}, a.answer.Status) {
			answers[a.answer.Status] = true
		}
		if len(a.Body) > usualSize {
			large = min(large, len(a.Body))
		}
	}
	return answers, large
}

// usualSize is that of bodies at the most.
const usualSize = 2 << 10

// forgeriesKnown is what a consumer does that accepts forgeries of an id that has come before, and no others.
const forgeriesKnown = "looks for duplicates before it verifies: what comes again behind a forgery is taken for a duplicate"

// knownAnswered is the same of a consumer that was seen to do so behind what it had rightly stored.
const knownAnswered = "looks for duplicates before it verifies: it accepts forgeries of what it knows"

// behindTrue reports whether its trial has sent the same notification before, rightly signed.
func behindTrue(a *answered) bool {
	return a.earlier(func(d *trial.Delivery) bool { return d.ID == a.ID && d.Source == a.Source && d.Token.Authentic() })
}

// kindsOf are what some consumers verify nothing of, though they verify the rest.
var kindsOf = []struct {
	text string
	is   func(*answered) bool
}{
	{"presence changes", func(a *answered) bool { return strings.HasPrefix(a.Type, "agent.") && knownType(a.Type) }},
	{"types that it does not know", func(a *answered) bool { return !knownType(a.Type) }},
	{"version v1", func(a *answered) bool { return strings.HasSuffix(a.Type, ".v1") }},
	{"version v0", func(a *answered) bool { return strings.HasSuffix(a.Type, ".v0") }},
	{"what has parameters in its Content-Type", func(a *answered) bool { return a.Media != "" }},
	{"what comes in chunks", func(a *answered) bool { return a.Wire.Way == trial.Chunked }},
}

// partly says of which notifications alone a consumer accepts forgeries, if such tokens are refused with others, and never with these; "": of
// none in particular.
func partly(r *refusal, all []*answered) string {
	does := "does not verify the signature of %s: anybody can send it those"
	if r.rule == rulebook.CompareHash {
		does = "does not compare the hash of %s: one token works for any such body"
	}
	for _, kind := range kindsOf {
		refused := func(ofKind bool) bool {
			return slices.ContainsFunc(all, func(a *answered) bool {
				return kind.is(a) == ofKind && a.Token == r.refused[0].Token && a.Want() == trial.Refuse && a.answer.Fits(trial.Refuse)
			})
		}
		if !slices.ContainsFunc(r.refused, func(a *answered) bool { return !kind.is(a) }) && refused(false) && !refused(true) {
			return fmt.Sprintf(does, kind.text)
		}
	}
	return ""
}

// marked takes that for a part of what is wrong with whoever marks notifications as seen while they are being read.
func marked(found []Finding) []Finding {
	of := func(id rulebook.ID) int {
		return slices.IndexFunc(found, func(f Finding) bool { return f.Rule.ID == id })
	}
	for _, part := range []struct {
		rule rulebook.ID
		text string
	}{
		{rulebook.RefuseWithoutStoring, forgeriesKnown},
		{rulebook.CompareHash, trial.Broken([]trial.Token{trial.Earlier})}, // it is what marks them
	} {
		read, known := of(rulebook.RecoverFromCutOff), of(part.rule)
		if read < 0 || known < 0 || found[known].Text != part.text {
			continue
		}
		found[read].Also = append(found[read].Also, part.rule)
		found = slices.Delete(found, known, known+1)
	}
	return found
}

// cameBefore reports whether its trial has sent the same notification before, however it was signed.
func cameBefore(a *answered) bool {
	return a.earlier(func(d *trial.Delivery) bool { return d.ID == a.ID && d.Source == a.Source })
}

// byRule lists what was found for each rule, in their order. A text gets the status.
func byRule(all map[rulebook.ID][]*answered, text string) (found []refusal) {
	for _, rule := range rulebook.Rules() {
		if a := all[rule.ID]; len(a) > 0 {
			r := refusal{rule: rule.ID, refused: a}
			if text != "" {
				r.text = fmt.Sprintf(text, a[0].got())
			}
			found = append(found, r)
		}
	}
	return found
}

// unfinished finds signed bodies that cannot be used, and are asked for again.
func unfinished(all []*answered) []refusal {
	r, fails := refusal{rule: rulebook.AnswerUnusable}, fails(all)
	for _, a := range all {
		if a.Want() == trial.Finish && !a.answer.Fits(trial.Finish) && !fails(a) {
			r.refused = append(r.refused, a)
		}
	}
	if len(r.refused) == 0 {
		return nil
	}
	return []refusal{r}
}

// refusing is the status with which most forgeries are refused; 0 if there is none.
func refusing(all []*answered) (status int) {
	count := map[int]int{}
	for _, a := range all {
		if a.Want() == trial.Refuse && a.answer.Fits(trial.Refuse) {
			if count[a.answer.Status]++; count[a.answer.Status] > count[status] {
				status = a.answer.Status
			}
		}
	}
	return status
}
