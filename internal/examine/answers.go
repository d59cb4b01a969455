package examine

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// answered is a delivery that has had its answer.
type answered struct {
	trial  int // position among all
	nth    int // in the trial
	played *trial.Played
	*trial.Delivery
	answer *trial.Answer
}

// refusal is why notifications are refused.
type refusal struct {
	rule    rulebook.ID
	text    string // what the consumer does; "" if nothing explains it
	mend    string // what mends it; "": what the rule says
	refused []*answered
	also    []rulebook.ID
	guessed bool          // by what the trials are about
	state   bool          // the states show it as well as the answers
	drains  *trial.Played // what has to be played until nothing is accepted any more; nil: it shows at once
}

// refusals explains which valid notifications are refused: by the feature that most of them have and
// no accepted one has, then by the next one. What is left is named by the rule of its trial. Forged is how the consumer
// answers what is not authentic; 0 if that is not known.
func refusals(all []*answered, forged int) (found []refusal) {
	var left, taken []*answered
	for _, a := range all {
		switch {
		case a.Want() != trial.Accept:
		case a.answer.Accepted():
			taken = append(taken, a)
		default:
			left = append(left, a)
		}
	}
	if r := whileBusy(left, taken); len(r.refused) > 0 {
		return []refusal{r}
	}
	for len(left) > 0 {
		r := common(left, taken)
		if big := larger(left, taken); len(big.refused) > len(r.refused) {
			r = big
		}
		if of := common(left, taken, rulebook.AcceptValid); slow(r.refused) && len(of.refused) >= len(r.refused) {
			r = of // what it takes its time for is a type, whatever else all of that type have
		}
		if len(r.refused) == 0 {
			r = exhausted(left, taken)
		}
		if len(r.refused) == 0 {
			r = mostly(left, taken)
		}
		if bodies[r.rule] && forged != 0 && !slices.ContainsFunc(r.refused, func(a *answered) bool { return a.answer.Status != forged }) {
			r.rule, r.text = rulebook.HashRawBody, "hashes the body as it has encoded it anew, not the bytes that came: "+r.text
		}
		if r.rule == rulebook.AcceptValid && slow(r.refused) {
			r.rule = rulebook.AnswerInTime
			r.text = "does not answer " + strings.TrimPrefix(r.text, "refuses ") + " in time: it comes again, for up to 24 hours"
		}
		if r.rule == rulebook.AcceptValid && !slices.ContainsFunc(r.refused, func(a *answered) bool { return a.Type == "" || knownType(a.Type) }) {
			if r.rule = rulebook.IgnoreUnknownTypes; slices.ContainsFunc(found, func(f refusal) bool { return f.rule == rulebook.AcceptVersions }) && r.text == "refuses "+otherVersion {
				r.rule, r.text = rulebook.AcceptVersions, "" // one cause
			}
		}
		found = append(found, r)
		left = slices.DeleteFunc(left, func(a *answered) bool { return slices.Contains(r.refused, a) })
	}
	return merged(found)
}

// whileBusy finds out whether nothing is refused but what is released together with others.
func whileBusy(left, taken []*answered) (r refusal) {
	if len(left) < several || slices.ContainsFunc(left, func(a *answered) bool { return a.Burst == 0 || late(a.answer) }) ||
		len(taken) == 0 {
		return r
	}
	return refusal{rule: rulebook.ConcurrentNotifications, refused: left, mend: "Let it wait for its turn, or answer 503: then it comes again.",
		text: fmt.Sprintf("refuses with %s what comes while it works on others: it never comes again", left[0].got())}
}

// otherVersion is a type of a version that nobody knows, which whoever takes one version only refuses as well.
const otherVersion = "channel.alerted.v2"

// bodies are the rules about bodies that are refused as forged if they are hashed anew.
var bodies = map[rulebook.ID]bool{rulebook.HashRawBody: true, rulebook.ReadAnyJSON: true, rulebook.IgnoreUnknownMembers: true}

// slow reports whether most deliveries had no answer in time.
func slow(all []*answered) bool {
	n := 0
	for _, a := range all {
		if late(a.answer) {
			n++
		}
	}
	return 2*n > len(all)
}

// exceptions is how many refused deliveries an accepted one outweighs that has the same value.
const exceptions = 4

// common finds the value of a feature that most refused deliveries have, and hardly any accepted one. Of equal ones the first
// counts. Only those of a rule are tried if one is given.
func common(left, taken []*answered, of ...rulebook.ID) (best refusal) {
	most := 0
	for i := range features {
		f := &features[i]
		if len(of) > 0 && !slices.Contains(of, f.rule) {
			continue
		}
		by := map[string][]*answered{}
		for _, a := range left {
			if v := f.value(a); v != "" {
				by[v] = append(by[v], a)
			}
		}
		if len(by) == 0 {
			continue
		}
		accepted := map[string]int{}
		for _, a := range taken {
			accepted[f.value(a)]++
		}
		for _, value := range slices.Sorted(maps.Keys(by)) {
			refused := by[value]
			if n := accepted[value]; n > 0 && 10*n > len(refused) && (!f.chance || 2*n > len(refused)) {
				continue
			}
			if score := len(refused) - exceptions*accepted[value]; score > most {
				best, most = refusal{rule: f.rule, text: f.said(value), mend: f.mend, refused: refused}, score
			}
		}
	}
	return best
}

// larger finds out whether all bodies beyond some size are refused.
func larger(left, taken []*answered) refusal {
	most := 0
	for _, a := range taken {
		most = max(most, len(a.Body))
	}
	r := refusal{rule: rulebook.ReadLargeBodies}
	for _, a := range left {
		if len(a.Body) > max(most, 2<<10) {
			r.refused = append(r.refused, a)
		}
	}
	if len(r.refused) > 0 {
		least := len(slices.MinFunc(r.refused, func(a, b *answered) int { return len(a.Body) - len(b.Body) }).Body)
		r.text = fmt.Sprintf("refuses bodies of %d bytes and more; the largest that it accepted has %d", least, most)
	}
	return r
}

// mostly finds the value that explains most of what no feature explains exactly: some that have it may be accepted. Where none does,
// it is the rule that most of the trials are about.
func mostly(left, taken []*answered) (best refusal) {
	most := 0
	for i := range features {
		f := &features[i]
		by, accepted := map[string][]*answered{}, map[string]int{}
		for _, a := range left {
			if v := f.value(a); v != "" {
				by[v] = append(by[v], a)
			}
		}
		if len(by) == 0 {
			continue
		}
		for _, a := range taken {
			accepted[f.value(a)]++
		}
		for _, value := range slices.Sorted(maps.Keys(by)) {
			if score := len(by[value]) - 2*accepted[value]; score > most {
				most = score
				best = refusal{rule: f.rule, text: f.said(value), mend: f.mend, refused: by[value]}
			}
		}
	}
	if 2*most >= len(left) {
		return best
	}
	count := map[rulebook.ID]int{}
	out := refusal{rule: rulebook.AcceptValid, refused: slices.Clone(left), guessed: true}
	for _, a := range left {
		rule := rulebook.AcceptValid
		if len(a.played.Rules) > 0 {
			rule = a.played.Rules[0]
		}
		count[rule]++
	}
	for _, rule := range rulebook.Rules() {
		if count[rule.ID] > count[out.rule] {
			out.rule = rule.ID
		}
	}
	if rulebook.Of(out.rule).Level >= rulebook.Correct { // it says what becomes of what is accepted
		out.text = fmt.Sprintf("refuses some notifications (%s), and nothing that they have in common tells why", left[0].got())
	}
	for _, rule := range rulebook.Rules() {
		if count[rule.ID] > 0 && rule.ID != out.rule {
			out.also = append(out.also, rule.ID)
		}
	}
	return out
}

// merged puts together what is about one rule; the most usual text stands.
func merged(all []refusal) (out []refusal) {
	for _, r := range all {
		i := slices.IndexFunc(out, func(o refusal) bool { return o.rule == r.rule })
		if i < 0 {
			out = append(out, r)
			continue
		}
		if o := &out[i]; len(r.text) > 0 && 4*len(r.refused) > len(o.refused) {
			o.text = either(o.text, r.text)
		}
		out[i].refused = append(out[i].refused, r.refused...)
	}
	return exact(out)
}

// either is a text for two that differ in what stands between the same words; the first one if they have too little in common, or say so much
// already.
func either(a, b string) string {
	one, other := strings.Fields(a), strings.Fields(b)
	front, back, least := 0, 0, min(len(one), len(other))
	for front < least && one[front] == other[front] {
		front++
	}
	for back < least-front && one[len(one)-1-back] == other[len(other)-1-back] {
		back++
	}
	if front == least || front < 2 || strings.Count(a, " or ") > 1 {
		return a
	}
	return strings.Join(slices.Concat(one[:len(one)-back], []string{"or"}, other[front:]), " ")
}

// exact takes what refuses agent events for a part of what refuses other numbers of digits than three, which all of them have, if they are
// answered alike.
func exact(all []refusal) []refusal {
	of := func(id rulebook.ID) int { return slices.IndexFunc(all, func(r refusal) bool { return r.rule == id }) }
	digits, agents := of(rulebook.TimestampsOfAnyLength), of(rulebook.AcceptPresence)
	if digits < 0 || agents < 0 || slices.ContainsFunc(all[agents].refused, func(a *answered) bool {
		return fraction(a) == 3 || a.got() != all[digits].refused[0].got()
	}) {
		return all
	}
	all[digits].refused = append(all[digits].refused, all[agents].refused...)
	return slices.Delete(all, agents, agents+1)
}

// ofAllAnswers finds out what is wrong with the answers. What follows from something else is named with it.
func ofAllAnswers(all []*answered) (found []refusal) {
	forged := refusing(all)
	if forged == http.StatusBadRequest { // it may mean the body, too
		forged = 0
	}
	refused := refusals(all, forged)
	for i := range refused { // what is only guessed, and seldom, follows from what is often refused, or from pieces that a busy machine makes
		for j := len(refused) - 1; j >= 0; j-- {
			if i == j || refused[i].guessed || len(refused[j].refused) == 0 || len(refused[i].refused) == 0 {
				continue
			}
			torn := refused[i].rule == rulebook.ReadWholeBody && alike(&refused[i], &refused[j])
			if refused[j].guessed && (torn || 5*len(refused[j].refused) < len(refused[i].refused)) || torn && forged != 0 && refused[j].refused[0].answer.Status == forged {
				refused[i].also = append(refused[i].also, refused[j].rule)
				refused[j].refused = nil
			}
		}
	}
	refused = slices.DeleteFunc(refused, func(r refusal) bool { return len(r.refused) == 0 })
	refused = pieces(append(refused, tardy(all, refused)...))
	found = slices.Concat(forgeries(all), refused)
	rest := unfinished(all)
	hash := slices.IndexFunc(found, func(r refusal) bool { return r.rule == rulebook.HashRawBody || r.rule == rulebook.ReadWholeBody })
	if len(rest) > 0 && hash >= 0 && !slices.ContainsFunc(rest[0].refused, func(a *answered) bool { return a.answer.Status != forged }) {
		found[hash].also = append(found[hash].also, rulebook.AnswerUnusable)
		return found
	}
	for i := range found { // what has no channel, or no type, is no notification about one either
		f := &found[i]
		if len(rest) == 0 || f.rule != rulebook.AcceptPresence && f.rule != rulebook.IgnoreUnknownTypes {
			continue
		}
		if same := f.refused[0].got(); !slices.ContainsFunc(rest[0].refused, func(a *answered) bool { return a.got() != same }) {
			f.also = append(f.also, rulebook.AnswerUnusable)
			return found
		}
	}
	return append(found, rest...)
}

// alike reports whether all of one refusal have the answer of another one, and came in pieces or slowly without being sent so: in
// bursts, whose last bytes are held back, or now and then.
func alike(of, r *refusal) bool {
	got, single := of.refused[0].got(), 0
	for _, a := range r.refused {
		if a.got() != got {
			return false
		}
		if a.Burst == 0 {
			single++
		}
	}
	return single <= few
}

// few is how many notifications may come so now and then, and several are no accident.
const (
	few     = 20
	several = 3
)

// got says what was answered.
func (a *answered) got() string {
	if a.answer.Status == 0 {
		return a.answer.Failure
	}
	return status(a.answer.Status)
}

// describe says what was sent and what the answer was.
func (a *answered) describe() string {
	what := a.Type
	if what == "" {
		what = "a signed body that cannot be used"
	}
	if a.Token != trial.Right {
		what += " with " + a.Token.Text()
	}
	got := a.got()
	if repeated(a) != "" && a.answer.Status >= 400 && a.answer.Status < 500 && a.Want() == trial.Accept {
		return fmt.Sprintf("%s: second delivery answered %s: answer 204, or it returns for 24 h", what, got)
	}
	if a.answer.Attempts > 1 {
		got += fmt.Sprintf(" after %d attempts", a.answer.Attempts)
	}
	if a.answer.Late > 0 && a.answer.Status != 0 {
		got += fmt.Sprintf(", %d of them without a response in time", a.answer.Late)
	}
	return what + ": " + got
}

// ascii reports whether a body has only characters of ASCII.
func ascii(body []byte) bool { return !bytes.ContainsFunc(body, func(r rune) bool { return r > 0x7e }) }
