package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/emitter"
)

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
		t.Diagnoses = s.scrubbed((&emitter.TargetResult{Name: t.Name, Figures: emitter.Figures{Counts: t.Counts.Counts}}).Diagnoses())
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

// mergedSeries adds up series by time, moved by whole seconds to the first beginning. It is
// nil if one of them is, or if years lie between the beginnings.
func mergedSeries(all []*Summary, begin time.Time) *Series {
	sum := &Series{Step: 1}
	for _, s := range all {
		if s.Series == nil {
			return nil
		}
		sum.Step = max(sum.Step, s.Series.Step)
	}
	var points []Point
	for _, s := range all {
		later := int64(s.Started.Sub(begin).Round(time.Second) / time.Second)
		if later > longestRun {
			return nil
		}
		part := &Series{Step: sum.Step}
		for _, p := range s.Series.Points {
			p.At += later
			part.put(p)
		}
		points = append(points, part.Points...)
	}
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(a.At, b.At) })
	for _, p := range points {
		if n := len(sum.Points); n > 0 && sum.Points[n-1].At == p.At { // at once, so that the sum and not the maximum counts
			p.Live, p.Queued = p.Live+sum.Points[n-1].Live, p.Queued+sum.Points[n-1].Queued
		}
		sum.put(p)
	}
	return sum.coarse(mostPoints)
}
