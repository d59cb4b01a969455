package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/show"
)

// Merge makes one summary of the summaries of all shards of a plan. Counts and histograms are
// added up exactly, series by time, and the gates are judged again. Shards that are missing,
// there twice, or of another plan are an error, which names them by their Source.
func Merge(all []*Summary) (*Summary, error) {
	if err := wholeSet(all); err != nil {
		return nil, err
	}
	all = slices.SortedFunc(slices.Values(all), func(a, b *Summary) int { return cmp.Compare(a.Shard.Index, b.Shard.Index) })
	first := all[0]
	m := &Summary{SchemaVersion: SchemaVersion, Version: first.Version, Seed: first.Seed, PlanHash: first.PlanHash,
		PlanStart: first.PlanStart, Scenarios: first.Scenarios, Started: first.Started, Ended: first.Ended, PlanRead: true, AllAccepted: true,
		Flags: mergedFlags(all), Waited: first.Waited, Gates: []Gate{}, Checks: []Check{}, Invalid: []string{}, Notes: []string{},
		Targets: []Target{}, scrub: Scrubber(nil)}
	for _, s := range all {
		m.takeRun(s)
	}
	m.note(all)
	if err := m.takeCounts(all); err != nil {
		return nil, err
	}
	m.Series = mergedSeries(all, m.Started)
	floors := make([]*Floor, len(all))
	for i, s := range all {
		floors[i] = s.Floor
	}
	m.Floor = mergedFloor(floors)
	if err := m.judgeAgain(all); err != nil {
		return nil, err
	}
	m.Verdict = m.mergedVerdict(all)
	return m, nil
}

// takeRun takes in what is about the run as a whole.
func (s *Summary) takeRun(o *Summary) {
	if o.Started.Before(s.Started) {
		s.Started = o.Started
	}
	if o.Ended.After(s.Ended) {
		s.Ended = o.Ended
	}
	s.Planned += o.Planned
	s.PlanRead, s.AllAccepted = s.PlanRead && o.PlanRead, s.AllAccepted && o.AllAccepted
	stops := []emitter.Stop{"", emitter.StopDrained, emitter.StopCancelled, emitter.StopFailed} // the worst is the last
	if slices.Index(stops, o.Stop) > slices.Index(stops, s.Stop) {
		s.Stop = o.Stop
	}
	for _, text := range o.Invalid {
		s.Invalid = append(s.Invalid, o.named(text))
	}
	for _, text := range o.Notes {
		s.Notes = append(s.Notes, o.named(text))
	}
	for _, c := range o.Checks {
		c.Name = o.named(c.Name)
		s.Checks = append(s.Checks, c)
	}
	if r := o.Receiver; r != nil {
		if s.Receiver == nil {
			s.Receiver = &Receiver{Violations: []string{}}
		}
		s.Receiver.add(r, o.named)
	}
}

// named says which shard a text is about.
func (s *Summary) named(text string) string { return fmt.Sprintf("shard %s: %s", s.Shard, text) }

func (r *Receiver) add(o *Receiver, named func(string) string) {
	r.Accepted += o.Accepted
	r.Duplicates += o.Duplicates
	r.Ignored += o.Ignored
	r.Refused += o.Refused
	r.Open += o.Open
	r.Violated += o.Violated
	for _, v := range o.Violations {
		r.Violations = append(r.Violations, named(v))
	}
}

// mergedFlags has each setting once, and all its values if the shards differ.
func mergedFlags(all []*Summary) map[string]string {
	values := map[string][]string{}
	for _, s := range all {
		for name, value := range s.Flags {
			if !slices.Contains(values[name], value) {
				values[name] = append(values[name], value)
			}
		}
	}
	flags := make(map[string]string, len(values))
	for name, each := range values {
		flags[name] = strings.Join(each, ", ")
	}
	return flags
}

// note says what a reader of merged figures should know of the shards.
func (s *Summary) note(all []*Summary) {
	latest := s.Started
	versions, waited := map[string]bool{}, map[string]bool{}
	for _, o := range all {
		if o.Started.After(latest) {
			latest = o.Started
		}
		versions[o.Version], waited[o.Waited] = true, true
	}
	s.Waited = strings.Join(slices.Sorted(maps.Keys(waited)), ", ")
	text := fmt.Sprintf("%d shards, merged; the last one began %s after the first", len(all), show.Duration(latest.Sub(s.Started)))
	s.Notes = append([]string{text}, s.Notes...)
	if len(versions) > 1 {
		s.Notes = append(s.Notes, "the shards are of different versions of ringback: "+strings.Join(slices.Sorted(maps.Keys(versions)), ", "))
	}
}

// judgeAgain judges the gates of all shards on the merged figures.
func (s *Summary) judgeAgain(all []*Summary) error {
	var gates []gate.Gate
	known := map[string]bool{}
	for _, o := range all {
		for _, g := range o.Gates {
			if known[g.Text] {
				continue
			}
			known[g.Text] = true
			parsed, err := gate.Parse(g.Text)
			if err != nil {
				return fmt.Errorf("%s: gate: %w", o.source(), err)
			}
			gates = append(gates, parsed)
		}
	}
	s.Judge(gates)
	return nil
}

// mergedVerdict is the worst that a shard or the gates on the whole have to say. That a gate
// failed in a shard does not count: a rate of the whole is not that of its parts.
func (s *Summary) mergedVerdict(all []*Summary) Verdict {
	verdict := Passed
	if len(s.FailedGates()) > 0 {
		verdict = Failed
	}
	worse := []Verdict{Passed, Interrupted, Failed, Invalid}
	for _, o := range all {
		v := o.Verdict
		if v == Failed && len(o.FailedGates()) > 0 && !o.failedBesides() {
			v = Passed
		}
		if slices.Index(worse, v) > slices.Index(worse, verdict) {
			verdict = v
		}
	}
	return verdict
}

// failedBesides tells whether more than a gate failed.
func (s *Summary) failedBesides() bool {
	return !s.AllAccepted || s.Stop == emitter.StopFailed || s.Receiver != nil && s.Receiver.Violated > 0 ||
		slices.ContainsFunc(s.Checks, func(c Check) bool { return !c.Passed })
}
