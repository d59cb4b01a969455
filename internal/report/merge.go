package report

import (
	"cmp"
	"errors"
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
		Flags: mergedFlags(all), Params: first.Params, Waited: first.Waited, Gates: []Gate{}, Checks: []Check{}, Invalid: []string{}, Overloaded: []string{}, Notes: []string{},
		Targets: []Target{}}
	for _, s := range all {
		m.takeRun(s)
	}
	m.note(all)
	if err := m.takeCounts(all); err != nil {
		return nil, err
	}
	m.Series = mergedSeries(all, m.Started)
	m.Activity = mergedActivity(all)
	if err := m.judgeAgain(all); err != nil {
		return nil, err
	}
	m.Verdict = m.mergedVerdict(all)
	m.Cause = firstOf(m.Causes())
	return m, nil
}

// takeRun adds what is about the run as a whole.
func (s *Summary) takeRun(o *Summary) {
	if o.Started.Before(s.Started) {
		s.Started = o.Started
	}
	s.Ended = latest(s.Ended, o.Ended)
	s.Planned += o.Planned
	s.CutOff = s.CutOff || o.CutOff
	s.PlanRead, s.AllAccepted = s.PlanRead && o.PlanRead, s.AllAccepted && o.AllAccepted
	s.Stop = worse([]emitter.Stop{"", emitter.StopDrained, emitter.StopCancelled, emitter.StopFailed}, s.Stop, o.Stop)
	if s.Stopped == nil && o.Stopped != nil {
		s.Stopped = &Stopped{When: o.Stopped.When, Was: o.named(o.Stopped.Was)[0], After: o.Stopped.After}
	}
	s.Invalid, s.Notes = append(s.Invalid, o.named(o.Invalid...)...), append(s.Notes, o.named(o.Notes...)...)
	s.Overloaded = append(s.Overloaded, o.named(o.Overloaded...)...)
	for _, c := range o.Checks {
		c.Name = o.named(c.Name)[0]
		s.Checks = append(s.Checks, c)
	}
	if r := o.Receiver; r != nil {
		if s.Receiver == nil {
			s.Receiver = &Receiver{Violations: []string{}, Remarks: []string{}}
		}
		s.Receiver.Accepted += r.Accepted
		s.Receiver.Duplicates += r.Duplicates
		s.Receiver.Ignored += r.Ignored
		s.Receiver.Refused += r.Refused
		s.Receiver.Open += r.Open
		s.Receiver.Forgotten += r.Forgotten
		s.Receiver.ForgottenIDs += r.ForgottenIDs
		s.Receiver.Violated += r.Violated
		s.Receiver.Partial = s.Receiver.Partial || r.Partial
		s.Receiver.Violations = append(s.Receiver.Violations, o.named(r.Violations...)...)
		s.Receiver.Remarks = append(s.Receiver.Remarks, o.named(r.Remarks...)...)
	}
}

// worse is the one of two that stands further behind. The first of them is in the list.
func worse[T comparable](all []T, a, b T) T {
	return all[max(slices.Index(all, a), slices.Index(all, b))]
}

// named says of each text which shard it is about.
func (s *Summary) named(texts ...string) (all []string) {
	for _, text := range texts {
		all = append(all, fmt.Sprintf("shard %s: %s", s.Shard, text))
	}
	return all
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

// note adds what a reader of merged figures should know about the shards.
func (s *Summary) note(all []*Summary) {
	end := s.Started
	versions, waited := map[string]bool{}, map[string]bool{}
	for _, o := range all {
		end = latest(end, o.Started)
		versions[o.Version], waited[o.Waited] = true, true
	}
	s.Waited = strings.Join(slices.Sorted(maps.Keys(waited)), ", ")
	text := fmt.Sprintf("%d shards, merged; the last one began %s after the first", len(all), show.Duration(end.Sub(s.Started)))
	s.Notes = append([]string{text}, s.Notes...)
	if len(versions) > 1 {
		s.Notes = append(s.Notes, "the shards are of different versions of ringback: "+strings.Join(slices.Sorted(maps.Keys(versions)), ", "))
	}
}

// takeCounts adds up the counts and the distributions of shards, target by target.
func (s *Summary) takeCounts(all []*Summary) (err error) {
	for _, o := range all {
		if s.Pacing, err = merged(s.Pacing, o.Pacing); err != nil {
			return fmt.Errorf("own lateness: %w", err)
		}
		for i := range o.Targets {
			t := &o.Targets[i]
			at := slices.IndexFunc(s.Targets, func(known Target) bool { return known.Name == t.Name })
			if at < 0 {
				at = len(s.Targets)
				s.Targets = append(s.Targets, Target{Name: t.Name, URL: t.URL})
			}
			if err := s.Targets[at].take(&t.Counts); err != nil {
				return fmt.Errorf("target %s: %w", t.Name, err)
			}
		}
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		t.Silent = t.Attempts > 0 && len(t.Statuses) == 0 // one shard may have been unlucky
		t.Diagnoses = append([]string{}, (&emitter.TargetResult{Name: t.Name, Figures: emitter.Figures{Counts: t.Counts.Counts}}).Diagnoses()...)
		if err := s.Total.take(&t.Counts); err != nil {
			return err
		}
	}
	return nil
}

// take adds what others counted.
func (c *Counts) take(o *Counts) (err error) {
	c.Add(&o.Counts)
	if c.Latency, err = merged(c.Latency, o.Latency); err != nil {
		return fmt.Errorf("latency: %w", err)
	}
	if c.Lateness, err = merged(c.Lateness, o.Lateness); err != nil {
		return fmt.Errorf("lateness: %w", err)
	}
	return nil
}

// JudgeAlso judges gates besides those that the summary has, which is complete: one that was read, or merged. Its error says which
// of its own gates cannot be read.
func (s *Summary) JudgeAlso(gates []gate.Gate) error {
	before := *s
	s.Gates = []Gate{}
	if err := s.judgeAgain([]*Summary{&before}, gates...); err != nil {
		return err
	}
	s.Verdict = s.mergedVerdict([]*Summary{&before})
	s.Cause = firstOf(s.Causes())
	return nil
}

// judgeAgain judges the gates of all shards on the merged figures, and then others.
func (s *Summary) judgeAgain(all []*Summary, more ...gate.Gate) error {
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
	more = slices.DeleteFunc(more, func(g gate.Gate) bool { return known[g.String()] })
	s.Judge(append(gates, more...))
	return nil
}

// mergedVerdict is the verdict on the whole, and the worst of the shards where nothing in them
// explains it. What failed a shard is judged again: a rate of the whole is not that of its parts.
func (s *Summary) mergedVerdict(all []*Summary) Verdict {
	verdict := s.Verdict
	for _, o := range all {
		v := o.Verdict
		explained := !o.AllAccepted || o.Stop != "" || o.failedChecks() > 0 || len(o.FailedGates()) > 0 || o.Receiver != nil && o.Receiver.Violated > 0 ||
			slices.ContainsFunc(o.Rules, func(r Rule) bool { return !r.Passed })
		if v == Failed && explained {
			v = Passed
		}
		verdict = worse([]Verdict{Passed, Interrupted, Failed, Invalid}, verdict, v)
	}
	return verdict
}

// wholeSet checks that each shard of one plan is there, once.
func wholeSet(all []*Summary) error {
	if len(all) == 0 {
		return errors.New("there is nothing to merge")
	}
	first := all[0]
	seen := map[uint64]string{}
	var errs []error
	for _, s := range all {
		if s.Shard == nil {
			return fmt.Errorf("%s is of a whole plan, not of a shard", s.source())
		}
		if s.Shard.Of != first.Shard.Of {
			return fmt.Errorf("%s is shard %s, and %s is shard %s: they do not belong together", first.source(), first.Shard, s.source(), s.Shard)
		}
		if s.PlanHash != first.PlanHash || s.Seed != first.Seed || !s.PlanStart.Equal(first.PlanStart) {
			return fmt.Errorf("%s and %s are of different plans%s; all shards need the same scenarios, seed and start",
				first.source(), s.source(), first.otherPlan(s))
		}
		if other, twice := seen[s.Shard.Index]; twice {
			errs = append(errs, fmt.Errorf("shard %s is there twice: %s and %s", s.Shard, other, s.source()))
		}
		seen[s.Shard.Index] = s.source()
	}
	if uint64(len(seen)) < first.Shard.Of {
		errs = append(errs, missing(first.Shard.Of, seen))
	}
	return errors.Join(errs...)
}

// otherPlan says what differs between the plans of two runs, if it is simple.
func (s *Summary) otherPlan(o *Summary) string {
	switch {
	case s.Seed != o.Seed:
		return fmt.Sprintf(" (seeds %d and %d)", s.Seed, o.Seed)
	case !s.PlanStart.Equal(o.PlanStart):
		return fmt.Sprintf(" (starts %s and %s)", s.PlanStart.Format(moment), o.PlanStart.Format(moment))
	case !slices.Equal(s.Params, o.Params):
		return fmt.Sprintf(" (parameters: %s and %s)", show.Listed(s.Params), show.Listed(o.Params))
	}
	return ""
}

// moment is how the start of a plan is written.
const moment = "2006-01-02T15:04:05.999Z"

// missing names shards that are not there; of many, the first.
func missing(of uint64, seen map[uint64]string) error {
	const most = 8
	var names []string
	for i := uint64(0); i < of && len(names) < most; i++ {
		if _, there := seen[i]; !there {
			names = append(names, Shard{i, of}.String())
		}
	}
	text := strings.Join(names, ", ")
	switch n := of - uint64(len(seen)); {
	case n == 1:
		return fmt.Errorf("shard %s is missing", text)
	case n > most:
		text += fmt.Sprintf(" and %d more", n-most)
	}
	return fmt.Errorf("shards %s are missing", text)
}
