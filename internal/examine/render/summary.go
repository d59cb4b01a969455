package render

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/show"
)

// untested groups the rules that were not tested by why, the most frequent reason first.
func (r *Result) untested() (all []string) {
	by := map[string][]string{}
	for _, rule := range r.Rules {
		if rule.Verdict == string(examine.Untested) {
			by[rule.Why] = append(by[rule.Why], rule.ID)
		}
	}
	whys := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		return cmp.Or(len(by[b])-len(by[a]), strings.Compare(a, b))
	})
	for _, why := range whys {
		text := strings.Join(by[why], ", ")
		if n := len(by[why]); why == examine.NotAskedFor && n > 3 || n > 30 {
			text = fmt.Sprintf("%d rules", n)
		}
		all = append(all, why+": "+text)
	}
	return all
}

// off lists the members that were told wrongly, as in "hold: 3 of 22 stories wrong, −41 s in all".
func (r *Result) off() (all []string) {
	for _, m := range r.Members {
		if m.Wrong == 0 {
			continue
		}
		text := fmt.Sprintf("%s: %d of %s wrong", memberName(m.Name), m.Wrong, stories(m.Stories))
		if m.Stories == 1 {
			text = memberName(m.Name) + ": wrong in the only story"
		}
		switch {
		case m.Off != 0 && m.Wrong == 1:
			text += ", " + signed(m.Off, unitOf(m.Name))
		case m.Off != 0:
			text += fmt.Sprintf(", %s in all", signed(m.Off, unitOf(m.Name)))
		}
		all = append(all, text)
	}
	return all
}

func stories(n int) string {
	if n == 1 {
		return "1 story"
	}
	return show.Grouped(uint64(n)) + " stories"
}

// aSlowAnswer is from when on a consumer is told that it is its answers that take the time.
const aSlowAnswer = 20 * time.Millisecond

// enough says how large a budget would do where answers take long, by how many trials there was time for.
func enough(r *examine.Report, s *Settings) string {
	left := 0
	for _, n := range r.Unreached {
		left += n
	}
	if r.Each < aSlowAnswer || r.Played == 0 || left == 0 {
		return ""
	}
	whole := cmp.Or(s.Budget, examine.DefaultBudget).Seconds() * float64(r.Played+left) / float64(r.Played)
	return fmt.Sprintf(" (a notification takes %s: %d min would be enough)", show.Duration(r.Each), int(math.Ceil(whole/60)))
}

// short says what the budget did not reach.
func (r *Result) short() string {
	if len(r.Unreached) == 0 {
		return ""
	}
	var parts []string
	for _, p := range r.Unreached {
		parts = append(parts, fmt.Sprintf("%s (%s)", p.Dimension, show.Counted(uint64(p.Trials), "trial")))
	}
	text := fmt.Sprintf("not reached within %s: %s", show.Brief(seconds(r.BudgetSeconds)), strings.Join(parts, ", "))
	if slices.ContainsFunc(r.Rules, func(rule Rule) bool { return rule.Why == examine.NothingAccepted }) {
		text = "not sent any more: " + strings.Join(parts, ", ")
	}
	text += r.enough
	parts = nil
	for _, rule := range r.Rules {
		if 10*rule.Unreached > rule.Played && rule.Verdict == string(examine.OK) {
			parts = append(parts, fmt.Sprintf("%s (%d of %d trials)", rule.ID, rule.Played, rule.Played+rule.Unreached))
		}
	}
	if len(parts) > 0 {
		text += "; so in part only: " + strings.Join(parts, ", ")
	}
	return text
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// origin is what the same examination needs again.
func (r *Result) origin() string {
	return fmt.Sprintf("seed %d, start %s, ringback %s; %s in %s", r.Seed, r.Start.Format(time.RFC3339Nano), r.Version,
		show.Counted(uint64(r.Sent), "notification"), show.Duration(seconds(r.Seconds)))
}
