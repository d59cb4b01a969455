package report

import (
	"errors"
	"fmt"
	"strings"
)

// wholeSet makes sure that there is each shard of one plan, once.
func wholeSet(all []*Summary) error {
	if len(all) == 0 {
		return errors.New("there is nothing to merge")
	}
	for _, s := range all {
		if s.Shard == nil {
			return fmt.Errorf("%s is of a whole plan, not of a shard", s.source())
		}
	}
	first := all[0]
	seen := map[uint64]string{}
	var errs []error
	for _, s := range all {
		if s.Shard.Of != first.Shard.Of {
			return fmt.Errorf("%s is shard %s, and %s is shard %s: they do not belong together", first.source(), first.Shard, s.source(), s.Shard)
		}
		if s.PlanHash != first.PlanHash || s.Seed != first.Seed || !s.PlanStart.Equal(first.PlanStart) {
			return fmt.Errorf("%s and %s are of different plans%s; give all shards the same scenarios, --seed and --start",
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
	n := of - uint64(len(seen))
	if n == 1 {
		return fmt.Errorf("shard %s is missing", names[0])
	}
	text := strings.Join(names, ", ")
	if n > uint64(len(names)) {
		text += fmt.Sprintf(" and %d more", n-uint64(len(names)))
	}
	return fmt.Errorf("shards %s are missing", text)
}
