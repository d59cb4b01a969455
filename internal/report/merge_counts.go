package report

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ringback/ringback/emitter"
)

// takeCounts adds up the counts and the distributions of shards, target by target.
func (s *Summary) takeCounts(all []*Summary) error {
	byName := map[string][]*Target{}
	var names []string
	var pacing []*Distribution
	for _, o := range all {
		pacing = append(pacing, o.Pacing)
		for i := range o.Targets {
			t := &o.Targets[i]
			if byName[t.Name] == nil {
				names = append(names, t.Name)
			}
			byName[t.Name] = append(byName[t.Name], t)
		}
	}
	var err error
	if s.Pacing, err = merged(pacing); err != nil {
		return fmt.Errorf("own lateness: %w", err)
	}
	var totals []*Counts
	for _, name := range names {
		var parts []*Counts
		for _, t := range byName[name] {
			parts = append(parts, &t.Counts)
		}
		t := Target{Name: name, URL: byName[name][0].URL}
		if t.Counts, err = added(parts); err != nil {
			return fmt.Errorf("target %s: %w", name, err)
		}
		t.Silent = t.Attempts > 0 && len(t.Statuses) == 0 // one shard may have been unlucky
		t.Diagnoses = s.scrubbed((&emitter.TargetResult{Name: t.Name, Figures: emitter.Figures{Counts: t.Counts.Counts}}).Diagnoses())
		s.Targets = append(s.Targets, t)
	}
	for i := range s.Targets {
		totals = append(totals, &s.Targets[i].Counts)
	}
	s.Total, err = added(totals)
	return err
}

// added adds up counts.
func added(parts []*Counts) (sum Counts, err error) {
	var latency, lateness []*Distribution
	for _, c := range parts {
		sum.Add(&c.Counts)
		latency, lateness = append(latency, c.Latency), append(lateness, c.Lateness)
	}
	if sum.Latency, err = merged(latency); err != nil {
		return sum, fmt.Errorf("latency: %w", err)
	}
	if sum.Lateness, err = merged(lateness); err != nil {
		return sum, fmt.Errorf("lateness: %w", err)
	}
	return sum, nil
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
	points := map[int64]*Point{}
	for _, s := range all {
		part := &Series{Step: sum.Step}
		later := int64(s.Started.Sub(begin).Round(time.Second) / time.Second)
		if later > longestRun {
			return nil
		}
		for _, p := range s.Series.Points {
			p.At += later
			part.put(p)
		}
		for i := range part.Points {
			p := &part.Points[i]
			at := points[p.At]
			if at == nil {
				points[p.At] = p
				continue
			}
			at.count(p)
			at.Live, at.Queued = at.Live+p.Live, at.Queued+p.Queued
		}
	}
	for _, at := range slices.Sorted(maps.Keys(points)) {
		sum.Points = append(sum.Points, *points[at])
	}
	return sum.coarse(mostPoints)
}
