// Package render tells people and programs of an examination.
//
// The report of an examination and what is known of its settings come in; text, Markdown, JUnit, JSON, HTML and
// SARIF go out. It promises that equal reports give equal texts, that nothing is told as tested that was not, and
// that each finding comes with what reproduces it. It talks to nobody and judges nothing but waivers and baselines.
package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/show"
)

// Schema is the version of the JSON form.
const Schema = 2

// Settings are what a result tells beside the report.
type Settings struct {
	Version     string
	Seed        uint64
	Start       time.Time
	Budget      time.Duration
	State       bool                                  // it was asked for
	Claimed     []string                              // aspects of the state that the consumer claims to tell
	Interrupted bool                                  // the examination did not come to its end
	Failure     string                                // why it did not, other than by an interrupt
	Again       string                                // command that repeats the examination
	Hint        string                                // what to know about Again
	Notes       []string                              // what else is to be known
	Cures       map[string]string                     // what makes a rule tested, by why it is not
	Command     func(f *examine.Finding) string       // that plays its Replay under identifiers of their own
	Trial       func(id string) (*trial.Trial, error) // makes one again, to be drawn
}

// Result is an examination as it is told. Its JSON form is documented in docs/examine.md.
type Result struct {
	SchemaVersion int       `json:"schema_version"`
	Version       string    `json:"version"`
	Seed          uint64    `json:"seed"`
	Start         time.Time `json:"start"` // of the stories
	Began         time.Time `json:"began"` // the examination itself
	Passed        bool      `json:"passed"`
	Interrupted   bool      `json:"interrupted"`
	Cause         string    `json:"cause"` // the gravest in a line; empty if it passed
	Level         string    `json:"level"` // that is reached; empty if none is
	State         bool      `json:"state"` // the consumer was asked for its state
	Levels        []Level   `json:"levels"`
	Findings      []Finding `json:"findings"`
	Failures      []string  `json:"failures"` // other reasons not to pass, such as expired waivers
	Notes         []string  `json:"notes"`
	Rules         []Rule    `json:"rules"`
	Members       []Member  `json:"members"`
	Unreached     []Part    `json:"unreached"`
	Unknown       []string  `json:"unknown_members"`
	Sent          int       `json:"sent"`
	Seconds       float64   `json:"seconds"`
	BudgetSeconds float64   `json:"budget_seconds"`
	Bursts        int       `json:"bursts"`       // trials in which notifications were released together
	Overlap       int       `json:"overlap"`      // the most of them that were in flight together
	Kills         int       `json:"kills"`        // how often the consumer was killed
	Struck        int       `json:"struck"`       // how many of these kills came while a notification was being answered
	LateSeconds   float64   `json:"late_seconds"` // how long after the first time the latest duplicates came; 0 if none did
	Again         string    `json:"reproduce"`

	ended  string   // why it did not come to its end, other than by an interrupt
	hint   string   // about Again
	enough string   // how large a budget would do, of a slow consumer
	undone []string // what was asked for and could not be examined; they are among Failures
}

// OnlyUndone reports whether nothing is wrong but that the examination ended early, or something that was asked for could not be examined.
func (r *Result) OnlyUndone() bool {
	n := len(r.undone)
	if r.ended != "" {
		n++
	}
	return n > 0 && len(r.Causes()) == n
}

// standing is how a reason not to pass begins: what could not be examined is not wrong.
func (r *Result) standing(text string) string {
	if slices.Contains(r.undone, text) {
		return "not decided: "
	}
	return "failed: "
}

// Level says how the rules of a level stand.
type Level struct {
	Name     string `json:"level"`
	Reached  bool   `json:"reached"`
	OK       int    `json:"ok"`
	Broken   int    `json:"broken"`
	Untested int    `json:"not_tested"`
	Needs    string `json:"needs"` // the level that is to be reached before; empty if there is none

	// Missing are the rules that define the level and were not tested, and Why says what would change that.
	Missing []string `json:"missing"`
	Why     []string `json:"why"`

	follows bool // one of them is broken in consequence of what was found
}

// Finding is one thing that is wrong, with all that is to be said about it.
type Finding struct {
	Rule      string   `json:"rule"`
	Level     string   `json:"level"`
	Text      string   `json:"text"` // what the consumer does, without its subject
	Or        []string `json:"or"`
	Also      []string `json:"also"` // rules broken in consequence
	Demand    string   `json:"demand"`
	Mend      string   `json:"mend"`
	Seen      []string `json:"seen"`
	Trial     string   `json:"trial"`
	Story     string   `json:"story"`
	Trials    int      `json:"trials"`
	Reduced   bool     `json:"reduced"`
	Unsteady  bool     `json:"unsteady"`
	Replay    []string `json:"replay"`    // trials that Again plays: Trial, and those beside which alone it is named by Rule
	Otherwise bool     `json:"otherwise"` // it may be named by another rule then
	Repeat    int      `json:"repeat"`    // how often Again plays the first of them at the most; 0: it shows each time
	Hits      int      `json:"hits"`      // how many of Tries showed it when it was played again
	Tries     int      `json:"tries"`
	Timeline  []string `json:"timeline"`
	Again     string   `json:"reproduce"`
	Waived    string   `json:"waived"` // why it does not count; empty if it does
}

// Rule is a rule with its verdict.
type Rule struct {
	ID      string `json:"rule"`
	Level   string `json:"level"`
	Demand  string `json:"demand"`
	Verdict string `json:"verdict"`
	Why     string `json:"why"`

	// Trials that are about it: that were played to their end, and for which the budget was too short.
	Played    int `json:"played"`
	Unreached int `json:"unreached"`

	Seconds float64 `json:"seconds"` // that the trials took that are about it first of all
}

// Member sums up one member of the states, over all trials that told it.
type Member struct {
	Name    string  `json:"member"`
	Stories int     `json:"stories"`
	Wrong   int     `json:"wrong"`
	Off     float64 `json:"off"`
}

// Part is how many trials of a dimension were not played.
type Part struct {
	Dimension string `json:"dimension"`
	Trials    int    `json:"trials"`
}

// New puts a result together. Waivers and baselines are applied afterwards.
func New(r *examine.Report, s *Settings) *Result {
	out := &Result{SchemaVersion: Schema, Version: s.Version, Seed: s.Seed, Start: s.Start.UTC(), Began: r.Began.UTC().Truncate(time.Second), Interrupted: s.Interrupted, State: s.State,
		Findings: []Finding{}, Failures: []string{}, Notes: []string{}, Rules: []Rule{}, Members: []Member{}, Unreached: []Part{},
		Unknown: append([]string{}, r.Unknown...), Sent: r.Sent, Seconds: r.Took.Round(time.Millisecond).Seconds(),
		BudgetSeconds: cmp.Or(s.Budget, examine.DefaultBudget).Seconds(), Again: s.Again, hint: s.Hint, enough: enough(r, s)}
	for i := range r.Findings {
		out.Findings = append(out.Findings, newFinding(&r.Findings[i], s))
	}
	for _, rule := range r.Rules {
		out.Rules = append(out.Rules, Rule{string(rule.ID), rule.Level.String(), rule.Demand, string(rule.Verdict), s.why(&rule), rule.Played, rule.Unreached, rule.Took.Round(time.Millisecond).Seconds()})
	}
	for _, c := range r.Cells {
		out.Members = append(out.Members, Member{c.Member, c.Stories, c.Wrong, rounded(c.Off)})
	}
	for _, d := range dimension.Names() {
		if n := r.Unreached[d]; n > 0 {
			out.Unreached = append(out.Unreached, Part{string(d), n})
		}
	}
	for _, aspect := range s.Claimed {
		if !slices.ContainsFunc(out.Members, func(m Member) bool { return aspectOf(m.Name) == aspect }) {
			out.Notes = append(out.Notes, fmt.Sprintf("the profile claims %s, but the state never told it", aspect))
		}
	}
	if out.Bursts, out.Overlap = r.Bursts, r.Overlap; r.Bursts > 0 {
		out.Notes = append(out.Notes, together(r))
	}
	if out.Kills, out.Struck = r.Kills, r.Struck; r.Kills > 0 {
		out.Notes = append(out.Notes, killed(r))
	}
	out.LateSeconds = r.Late.Round(100 * time.Millisecond).Seconds()
	if r.Late > 0 && r.Late < aMinute && slices.ContainsFunc(r.Rules, func(r examine.Result) bool { return r.ID == rulebook.RememberLong && r.Verdict == examine.OK }) {
		text := "duplicates came again " + show.Brief(r.Late.Round(time.Second)) + " after the first time at the latest"
		out.Notes = append(out.Notes, text+s.cure(examine.NeedsLate))
	}
	out.Notes = append(out.Notes, waited(r, s)...)
	out.Notes = append(out.Notes, s.Notes...)
	if r.Hurried {
		out.Notes = append(out.Notes, "there was no time to compare all known mistakes with what was seen: causes may be named less exactly than with a larger budget")
	}
	out.stands(r, s)
	out.undone = s.undone(r.Undone)
	if r.Untold > 0 {
		out.undone = append(out.undone, fmt.Sprintf("the state could not be read of %s: %s", show.Counted(uint64(r.Untold), "trial"), r.UntoldWhy))
	}
	if out.ended = s.Failure; s.Failure != "" {
		out.Failures = append(out.Failures, s.Failure)
	}
	out.Failures = append(out.Failures, out.undone...)
	out.conclude()
	return out
}

// undone says which rules could not be tested, and why: those of the same reason in one line.
func (s *Settings) undone(rules []examine.Result) (all []string) {
	var whys []string
	by := map[string][]string{}
	for _, rule := range rules {
		why := s.why(&rule)
		if by[why] == nil {
			whys = append(whys, why)
		}
		by[why] = append(by[why], string(rule.ID))
	}
	for _, why := range whys {
		names := by[why]
		if n := len(names) - mostUndone; n > 0 {
			names = append(names[:mostUndone], fmt.Sprintf("%d more", n))
		}
		text := names[0]
		if last := len(names) - 1; last > 0 {
			text = strings.Join(names[:last], ", ") + " and " + names[last]
		}
		all = append(all, text+" could not be tested: "+why)
	}
	return all
}

// mostUndone is how many rules are named that could not be tested for the same reason.
const mostUndone = 4

// aMinute is how late duplicates are to come, where there is time for that.
const aMinute = time.Minute

// cure is what would change something, as the end of a text.
func (s *Settings) cure(why string) string {
	if s.Cures[why] == "" {
		return ""
	}
	return "; " + s.Cures[why]
}

// aspectOf is what a profile calls a member.
func aspectOf(member string) string {
	switch {
	case strings.HasPrefix(member, "seconds."):
		return trial.Seconds.String()
	case slices.Contains([]string{"phase", "notifications", "interactionId", "agentId", "role"}, member):
		return member
	}
	return trial.Figures.String()
}

// why says why a rule was not tested, and what would change that.
func (s *Settings) why(r *examine.Result) string {
	if s.Interrupted && r.Why == examine.NotClaimed { // nobody knows
		return "the examination was interrupted before"
	}
	return cmp.Or(s.Cures[r.Why], r.Why)
}

// stands counts the rules of each level.
func (r *Result) stands(report *examine.Report, s *Settings) {
	reached := report.Level()
	if r.Interrupted {
		reached = 0
	}
	for _, rule := range report.Rules {
		if rule.Why == examine.NotAskedFor { // nobody knows of the whole level
			reached = min(reached, int(rule.Level))
		}
	}
	for i, level := range rulebook.Levels() {
		l := Level{Name: level.String(), Reached: i < reached, Missing: []string{}, Why: []string{}}
		for _, rule := range report.Missing(level) {
			l.Missing = append(l.Missing, string(rule.ID))
			l.follows = l.follows || rule.Why == examine.Consequence
			if why := s.why(&rule); !slices.Contains(l.Why, why) {
				l.Why = append(l.Why, why)
			}
		}
		for _, rule := range report.Rules {
			switch {
			case rule.Level != level:
			case rule.Verdict == examine.OK:
				l.OK++
			case rule.Verdict == examine.Broken:
				l.Broken++
			default:
				l.Untested++
			}
		}
		if i > reached {
			l.Needs = rulebook.Levels()[reached].String()
		}
		if r.Levels = append(r.Levels, l); l.Reached {
			r.Level = l.Name
		}
	}
}

func newFinding(f *examine.Finding, s *Settings) Finding {
	out := Finding{Rule: string(f.Rule.ID), Level: f.Rule.Level.String(), Text: f.Text, Or: append([]string{}, f.Or...), Also: []string{},
		Demand: f.Rule.Demand, Mend: f.Rule.Mend, Seen: append([]string{}, f.Details...), Trial: f.Trial, Story: f.Story, Trials: f.Trials,
		Reduced: f.Reduced, Unsteady: f.Unsteady, Replay: f.Replay, Otherwise: f.Otherwise, Repeat: f.Repeat, Hits: f.Hits, Tries: f.Tries, Timeline: []string{}}
	for _, id := range f.Also {
		if text := string(id); id != f.Rule.ID && !slices.Contains(out.Also, text) {
			out.Also = append(out.Also, text)
		}
	}
	if f.Trial == "" {
		out.Replay = []string{}
		return out
	}
	if len(f.Replay) == 0 {
		f.Replay = []string{f.Trial}
	}
	out.Replay = f.Replay
	out.Again = s.Command(f)
	t, err := s.Trial(f.Trial)
	if err == nil && len(f.Seen) > 0 {
		out.Seen = seen(f.Seen, t)
	}
	if err == nil && (len(f.Seen) > 0 || f.Reduced || t.Loose()) {
		out.Timeline = Timeline(t)
	}
	return out
}

// conclude finds out whether the examination passed, and its gravest cause.
func (r *Result) conclude() {
	causes := r.Causes()
	r.Passed, r.Cause = len(causes) == 0, ""
	if len(causes) > 0 {
		r.Cause = causes[0]
	}
}

// Causes lists why the examination did not pass, a line each, the most basic first.
func (r *Result) Causes() (all []string) {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Waived == "" {
			all = append(all, f.cause())
		}
	}
	all = append(all, r.Failures...)
	if r.Interrupted {
		all = append(all, "the examination was interrupted before its end")
	}
	return all
}

// cause is a finding in a line.
func (f *Finding) cause() string { return fmt.Sprintf("the consumer %s (%s)", f.Text, f.Rule) }

// Headline is the outcome in a line.
func (r *Result) Headline() string {
	switch {
	case r.ended == "" && r.OnlyUndone():
		return "not decided: " + r.Cause
	case !r.Passed:
		return "failed: " + r.Cause
	case slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Waived != "" }):
		return "passed: nothing wrong was found but what is waived"
	case r.Level == "":
		return "passed: nothing wrong was found in what was examined"
	}
	return "passed: nothing wrong was found, level " + r.Level
}
