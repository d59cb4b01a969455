package examine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/rulebook"
)

// Report is the result of an examination. Equal results give equal reports, but for Took.
type Report struct {
	Findings  []Finding              // the most basic rule first
	Rules     []Result               // all rules, in their order
	Unreached map[dimension.Name]int // trials that the budget did not allow
	Unknown   []string               // members of the state that are none, as they are written
	Cells     []mistake.Cell         // every member of the states that was compared
	Sent      int                    // deliveries
	Took      time.Duration
}

// Finding is one thing that is wrong with the consumer.
type Finding struct {
	Rule     rulebook.Rule
	Text     string               // what the consumer does, in a sentence without its subject
	Or       []string             // other mistakes that explain it as well
	Trial    string               // ID of the smallest trial that shows it
	Story    string               // of that trial
	Details  []string             // what was seen there
	Seen     []mistake.Difference // what was told there, and what a correct consumer tells
	Trials   int                  // how many show it
	Also     []rulebook.ID        // rules that are broken in consequence
	Reduced  bool                 // the trial was reduced to the least that shows it
	Unsteady bool                 // the same trial went well at other times
}

// Verdict is what is known of a rule.
type Verdict string

// The verdicts.
const (
	OK       Verdict = "ok"
	Broken   Verdict = "broken"
	Untested Verdict = "not tested"
)

// Result is the verdict on one rule.
type Result struct {
	rulebook.Rule
	Verdict Verdict
	Why     string // of one that was not tested
}

// Passed reports whether nothing is wrong.
func (r *Report) Passed() bool { return len(r.Findings) == 0 }

// Level is how many levels are reached: all of their rules that were tested hold, and at least one was.
func (r *Report) Level() (reached int) {
	for level := rulebook.Receives; level <= rulebook.Robust; level++ {
		tested := false
		for _, result := range r.Rules {
			if result.Level != level {
				continue
			}
			if result.Verdict == Broken {
				return reached
			}
			tested = tested || result.Verdict == OK
		}
		if !tested {
			return reached
		}
		reached++
	}
	return reached
}

// report judges all that was played.
func (r *run) report(ctx context.Context, aspects trial.Aspect) *Report {
	out := &Report{Unreached: r.unreached, Sent: r.sent}
	slices.Sort(r.unknown)
	out.Unknown = slices.Compact(r.unknown)
	all := r.answered()
	found := slices.Concat(forgeries(all), refusals(all), unfinished(all))
	for _, f := range found {
		out.Findings = append(out.Findings, r.ofAnswers(&f))
	}
	if r.asker != nil {
		seen := mistake.NewSeen(r.all)
		out.Cells = seen.Cells()
		for _, c := range seen.Explain() {
			out.Findings = append(out.Findings, r.ofState(ctx, &c))
		}
	}
	out.Findings = joined(out.Findings)
	out.Rules = r.results(out.Findings, aspects)
	return out
}

// answered lists all deliveries that were sent.
func (r *run) answered() (all []*answered) {
	for i, p := range r.all {
		for j := range p.Answers {
			if p.Answers[j].Attempts > 0 {
				all = append(all, &answered{i, j, p, p.Delivery(j), &p.Answers[j]})
			}
		}
	}
	return all
}

// forgeries finds which forged tokens were accepted. Who does not verify the signature accepts others in consequence,
// which are no mistakes of their own.
func forgeries(all []*answered) (found []refusal) {
	accepted := map[rulebook.ID][]*answered{}
	for _, a := range all {
		if a.Want() == trial.Refuse && a.answer.Accepted() {
			accepted[a.Token.Rule()] = append(accepted[a.Token.Rule()], a)
		}
	}
	if root := accepted[rulebook.VerifySignature]; len(root) > 0 {
		return []refusal{{rulebook.VerifySignature, "", root}}
	}
	for _, rule := range rulebook.Rules() {
		if a := accepted[rule.ID]; len(a) > 0 {
			found = append(found, refusal{rule.ID, "", a})
		}
	}
	return found
}

// unfinished finds signed bodies that cannot be used, and are asked for again.
func unfinished(all []*answered) []refusal {
	r := refusal{rule: rulebook.AnswerUnusable}
	for _, a := range all {
		if a.Want() == trial.Finish && !a.answer.Fits(trial.Finish) {
			r.refused = append(r.refused, a)
		}
	}
	if len(r.refused) == 0 {
		return nil
	}
	return []refusal{r}
}

// ofAnswers is what wrong answers show. The smallest trial stands for all.
func (r *run) ofAnswers(f *refusal) Finding {
	first := slices.MinFunc(f.refused, func(a, b *answered) int {
		return cmp.Or(cmp.Compare(len(a.played.Answers), len(b.played.Answers)), cmp.Compare(a.nth, b.nth))
	})
	rule := rulebook.Of(f.rule)
	out := Finding{Rule: rule, Text: cmp.Or(f.text, rule.Broken), Trial: first.played.ID, Story: first.played.Story, Trials: trials(f.refused)}
	for i, a := range f.refused {
		if i == maxDetails {
			out.Details = append(out.Details, fmt.Sprintf("and %d more", len(f.refused)-i))
			break
		}
		out.Details = append(out.Details, a.describe())
	}
	return out
}

// maxDetails is how many details a finding has.
const maxDetails = 3

// describe says what was sent and what the answer was.
func (a *answered) describe() string {
	what := a.Type
	if what == "" {
		what = "a signed body that cannot be used"
	}
	if a.Token != trial.Right {
		what += " with " + a.Token.Text()
	}
	got := status(a.answer.Status)
	if a.answer.Status == 0 {
		got = a.answer.Failure
	}
	if a.answer.Attempts > 1 {
		got += fmt.Sprintf(" after %d attempts", a.answer.Attempts)
	}
	return fmt.Sprintf("%s: %s", what, got)
}

// trials counts those that deliveries belong to.
func trials(all []*answered) int {
	seen := map[int]bool{}
	for _, a := range all {
		seen[a.trial] = true
	}
	return len(seen)
}

// joined puts findings about one rule together, in the order of the rules.
func joined(all []Finding) (out []Finding) {
	order := map[rulebook.ID]int{}
	for i, rule := range rulebook.Rules() {
		order[rule.ID] = i
	}
	for _, f := range all {
		i := slices.IndexFunc(out, func(o Finding) bool { return o.Rule.ID == f.Rule.ID })
		if i < 0 {
			out = append(out, f)
			continue
		}
		out[i].Trials += f.Trials
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return order[a.Rule.ID] - order[b.Rule.ID] })
	return out
}

// known reports whether there is a rule or a dimension of that name.
func known(name string) bool {
	_, trial, isTrial := cutDimension(name)
	return rulebook.Of(rulebook.ID(name)).ID != "" || isTrial && trial != ""
}

func didYouMean(name string) string {
	return nearest.DidYouMean(name, nearest.Names(rulebook.Rules(), func(r rulebook.Rule) string { return string(r.ID) }))
}
