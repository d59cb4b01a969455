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

// Report is the result of an examination. Equal results give equal reports, but for Began and Took.
type Report struct {
	Findings  []Finding              // the most basic rule first
	Rules     []Result               // all rules, in their order
	Unreached map[dimension.Name]int // trials that the budget did not allow
	Unknown   []string               // members of the state that are none, as they are written
	Cells     []mistake.Cell         // every member of the states that was compared
	Sent      int                    // deliveries
	Bursts    int                    // trials in which notifications were released together
	Overlap   int                    // the most of them that were seen in flight together
	Kills     int                    // how often the consumer was killed
	Struck    int                    // how many of these kills came while a notification was being answered
	Began     time.Time              // when the consumer was reached for
	Late      time.Duration          // how long after the first time the latest duplicates came; 0: none came late
	Behind    int                    // trials whose state was not judged: it went on to change until the time was over
	Played    int                    // trials
	Each      time.Duration          // how long a notification took that came alone, on average
	Repeated  int                    // how often the first trial was played that Repeat is about, without going wrong
	Less      int                    // how often less was told of a conversation than a moment before, though nothing was sent
	Settled   int                    // trials whose state was wrong when it was waited for, and became right later
	Hurried   bool                   // there was no time to compare all known mistakes
	Undone    []Result               // rules that were asked for and could not be tested, or for which there was no time
	Untold    int                    // trials whose state could not be read
	UntoldWhy string                 // the first time
	Took      time.Duration
}

// Finding is one thing that is wrong with the consumer.
type Finding struct {
	Rule      rulebook.Rule
	Text      string               // what the consumer does, in a sentence without its subject
	Or        []string             // other mistakes that explain it as well
	Trial     string               // ID of the smallest trial that shows it
	Story     string               // of that trial
	Details   []string             // what was seen there
	Seen      []mistake.Difference // what was told there, and what a correct consumer tells
	Trials    int                  // how many show it
	Also      []rulebook.ID        // rules that are broken in consequence
	hides     []rulebook.ID        // rules of which nothing can be said: nobody knows what is wrong, nor what it does there
	Reduced   bool                 // the trial was reduced to the least that shows it
	Unsteady  bool                 // the same trial went well at other times
	Replay    []string             // what shows it again: Trial, and those beside which alone it is named by Rule
	Otherwise bool                 // what Replay shows may be named by another rule, since less is known then
	mistakes  []*mistake.Mistake   // that explain states
	guessed   bool                 // none does, and the rule may be another one
	Repeat    int                  // how often Trial is to be played, to miss it once in a thousand times at the most; 0: it shows each time
	Late      time.Duration        // how late duplicates have to come; 0: as they do
	Hits      int                  // how many of Tries showed it when the trial was played again
	Tries     int
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
	Verdict   Verdict
	Why       string        // of one that was not tested
	Played    int           // trials that are about it and came to their end
	Unreached int           // trials that are about it, for which there was no time
	Took      time.Duration // sending, and asking for the states of, the trials that are about it first of all
}

// Passed reports whether nothing is wrong, and what was asked for was examined.
func (r *Report) Passed() bool { return len(r.Findings) == 0 && len(r.Undone) == 0 && r.Untold == 0 }

// Level is how many levels are reached: of those before none of their rules is broken, and all that define them were tested.
func (r *Report) Level() (reached int) {
	for level := rulebook.Receives; level <= rulebook.Robust; level++ {
		broken := func(result Result) bool { return result.Level == level && result.Verdict == Broken }
		if slices.ContainsFunc(r.Rules, broken) || len(r.Missing(level)) > 0 {
			return reached
		}
		reached++
	}
	return reached
}

// Missing lists the rules that define a level and were not tested. Those about what a consumer need not have, or does not claim, do
// not define it.
func (r *Report) Missing(level rulebook.Level) (all []Result) {
	for _, result := range r.Rules {
		if result.Level == level && result.Verdict == Untested && result.Why != NotClaimed && !slices.Contains(optional, result.ID) {
			all = append(all, result)
		}
	}
	return all
}

// report judges all that was played.
func (r *run) report(ctx context.Context) *Report {
	r.unexplained = map[*trial.Played]bool{}
	out := &Report{Unreached: r.unreached, Sent: r.sent, Late: r.lateness, Settled: r.settledLate, Behind: r.stillBehind, Less: r.less, Repeated: r.repeatedWell, Played: len(r.all), Each: r.paces.single.each(), Untold: len(r.untold)}
	if out.Untold > 0 {
		out.UntoldWhy = r.untold[0].err.Error()
	}
	for _, p := range r.all {
		r.reads(p)
		if inBursts(p.Trial) && !r.cut[p] {
			out.Bursts++
		}
		out.Overlap = max(out.Overlap, p.Overlap)
		kills, struck := killed(p)
		out.Kills, out.Struck = out.Kills+kills, out.Struck+struck
	}
	out.Unknown = slices.Sorted(slices.Values(r.words.unknown))
	if r.basic != nil {
		out.Findings = []Finding{r.ofAnswers(ctx, r.basic)}
		out.Rules = r.results(out.Findings)
		return out
	}
	stop, stopped := r.ended()
	all := r.answered()
	found := r.dropped(ctx, ofAllAnswers(all))
	if stopped { // what nothing else explains has the same cause
		found = slices.DeleteFunc(found, func(f refusal) bool {
			if f.guessed {
				stop.also = append(stop.also, f.rule)
			}
			return f.guessed
		})
		found = append(found, stop)
	}
	if slow, is := r.slower(ctx, all); is {
		found = slices.DeleteFunc(found, func(f refusal) bool { // what is accepted in the end comes late in consequence
			late := f.rule == rulebook.AnswerInTime && !slices.ContainsFunc(f.refused, func(a *answered) bool { return !a.answer.Accepted() })
			if late {
				slow.also = append(slow.also, f.rule)
			}
			return late
		})
		found = append(found, slow)
	}
	for _, f := range found {
		out.Findings = append(out.Findings, r.ofAnswers(ctx, &f))
	}
	out.Findings = append(out.Findings, r.strangers()...)
	if r.asker != nil {
		r.states(ctx, out, all, found)
	}
	out.Findings = marked(joined(out.Findings))
	out.Rules = r.results(out.Findings)
	out.Undone = r.undone(out)
	return out
}

// undone lists what was asked for and could not be tested, where nothing that was found is the reason.
func (r *run) undone(out *Report) (all []Result) {
	for _, result := range out.Rules {
		asked := result.Why == NotKilled && r.killsFor(result.ID) || len(out.Findings) == 0 && (slices.Contains(r.Only, string(result.ID)) || result.Why == NeedsTime)
		if result.Verdict == Untested && result.Why != Consequence && asked {
			all = append(all, result)
		}
	}
	return all
}

// killsFor reports whether the consumer was to be killed for a rule: it, or a trial with a crash, was asked for, or everything. Trials about one
// rule may be about another one as well.
func (r *run) killsFor(id rulebook.ID) bool {
	return len(r.Only) == 0 || slices.ContainsFunc(r.Only, func(name string) bool {
		d, _, isTrial := cutDimension(name)
		return name == string(id) || isTrial && d == dimension.Crash
	})
}

// nothing is the report of an examination that could not begin.
func nothing() *Report {
	out := &Report{}
	for _, rule := range rulebook.Rules() {
		out.Rules = append(out.Rules, Result{Rule: rule, Verdict: Untested, Why: NothingJudged})
	}
	return out
}

// answered lists all deliveries that were sent, up to the moment from which on nothing was accepted.
func (r *run) answered() (all []*answered) {
	for i, p := range r.all {
		if r.stopped >= 0 && i >= r.stopped {
			break
		}
		for j := range p.Answers {
			if r.stopped >= 0 && i == r.stopped-1 && !p.Answers[j].Accepted() {
				continue
			}
			if p.Answers[j].Attempts > 0 {
				all = append(all, &answered{i, j, p, p.Delivery(j), &p.Answers[j]})
			}
		}
	}
	if r.stopped < 0 && !r.theory { // what is answered rightly beside
		for k, p := range r.contrasts {
			for j := range p.Answers {
				if p.Answers[j].Attempts > 0 && p.Answers[j].Fits(p.Delivery(j).Want()) {
					all = append(all, &answered{len(r.all) + k, j, p, p.Delivery(j), &p.Answers[j]})
				}
			}
		}
	}
	return all
}

// described says what was refused, each text once.
func described(all []*answered) (lines []string) {
	var texts []string
	times := map[string]int{}
	for _, a := range all {
		text := a.describe()
		if times[text]++; times[text] == 1 {
			texts = append(texts, text)
		}
	}
	left := len(all)
	for i, text := range texts {
		if i == maxDetails {
			return append(lines, fmt.Sprintf("and %d more", left))
		}
		if left -= times[text]; times[text] > 1 {
			text += fmt.Sprintf(" (%d times)", times[text])
		}
		lines = append(lines, text)
	}
	return lines
}

// ofAnswers is what wrong answers show. The smallest trial stands for all.
func (r *run) ofAnswers(ctx context.Context, f *refusal) Finding {
	rule := rulebook.Of(f.rule)
	rule.Mend = cmp.Or(f.mend, rule.Mend)
	out := Finding{Rule: rule, Text: cmp.Or(f.text, rule.Broken), Also: f.also}
	if len(f.refused) == 0 {
		if f.rule == rulebook.Endure && len(r.Only) == 0 { // behind thousands, and beside what does not depend on them
			out.Trial, out.Trials = inTurns, 1
			out.Replay = []string{"bytes/plain", inTurns, string(f.rule)}
		}
		return out
	}
	first := slices.MinFunc(f.refused, func(a, b *answered) int {
		return cmp.Or(cmp.Compare(len(a.played.Answers), len(b.played.Answers)), cmp.Compare(a.nth, b.nth))
	})
	out.Trial, out.Story, out.Trials = first.played.ID, first.played.Story, trials(f.refused)
	out.Details = described(f.refused)
	if slow := slices.ContainsFunc(first.played.Answers, func(a trial.Answer) bool { return a.Late > 0 }); !r.theory && r.basic == nil && !slow {
		by := []*trial.Played{first.played}
		for _, a := range f.refused {
			if !slices.Contains(by, a.played) {
				by = append(by, a.played)
			}
		}
		r.repeated(ctx, &out, by, f.state)
	}
	if p := f.drains; p != nil && len(r.Only) == 0 { // again and again, until what it takes and does not give back has run dry
		out.Trial, out.Story = p.ID, p.Story
		out.Replay, out.Repeat, out.Otherwise = []string{p.ID}, min(MostRepeats, 2+2*r.sent/len(p.Answers)), false
	} else if f.rule == rulebook.Endure && len(r.Only) == 0 {
		out.Replay, out.Otherwise = []string{string(f.rule)}, false
	}
	return out
}

// maxDetails is how many details a finding has.
const maxDetails = 3

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
		out[i].Also = append(out[i].Also, f.Also...)
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
