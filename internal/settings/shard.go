package settings

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// ParseShard reads K/N, where K counts from 0, or auto, which is the shard that a scheduler such as Kubernetes or Slurm has
// given this process by its variables, which lookup finds. An empty text is the whole plan.
func ParseShard(text string, lookup func(string) (string, bool)) (plan.Shard, error) {
	switch text {
	case "":
		return plan.Shard{}, nil
	case "auto":
		return environment(lookup).shardOfProcess()
	}
	k, n, _ := strings.Cut(text, "/")
	index, err1 := strconv.ParseUint(k, 10, 32)
	of, err2 := strconv.ParseUint(n, 10, 32)
	switch {
	case err1 != nil || err2 != nil || of == 0:
		return plan.Shard{}, problem(Shard, "want K/N such as 0/4, or auto, got %q%s", text, nearest.DidYouMean(text, []string{"auto"}))
	case index >= of:
		return plan.Shard{}, problem(Shard, "%d shards are numbered from 0 to %d, got %q", of, of-1, text)
	}
	return plan.Shard{Index: index, Of: of}, nil
}

// CheckShard refuses what each shard would decide otherwise: shards without a common seed
// and start play parts of different plans.
func (t *Text) CheckShard(o *plan.Options) error {
	if o.Shard.Of == 0 {
		return nil
	}
	var errs []error
	for _, missing := range fieldsOf(given{Seed, t.Seed == ""}, given{Start, t.Start == "" && o.Start.IsZero()}) {
		errs = append(errs, &Problem{Field: Shard, Reason: fmt.Sprintf("shards without a common %s play different plans", missing),
			Cure: "give all of them the same %s", With: []Field{missing}})
	}
	return errors.Join(errs...)
}

// Part is what one shard plays of a plan, or all of it if there are no shards. Its conversations are
// counted through, so that who asks for all of them meets its own alone.
type Part struct {
	*plan.Plan
	shard plan.Shard
}

// PartOf is the part of a plan that a shard plays. A part with nothing in it is a problem; to
// find out, no conversations are counted, because a plan may have to be walked to its end
// for that.
func PartOf(p *plan.Plan, s plan.Shard) (*Part, error) {
	part := &Part{p, s}
	if s.Of == 0 {
		return part, nil
	}
	w := p.Walk()
	for range w.Notifications() {
		return part, nil
	}
	if err := w.Err(); err != nil {
		return nil, err
	}
	return nil, problem(Shard, "there is nothing for shard %d/%d of a plan of %s", s.Index, s.Of, show.Counted(p.Conversations(), "conversation"))
}

// Conversations is how many there are in this shard.
func (p *Part) Conversations() uint64 { return ShareOf(p.shard, p.Plan.Conversations()) }

// Truth is that of the i-th conversation of the shard.
func (p *Part) Truth(i uint64) plan.Truth { return p.Plan.Truth(p.number(i)) }

// ScenarioOf is that of the i-th conversation of the shard.
func (p *Part) ScenarioOf(i uint64) int { return p.Plan.ScenarioOf(p.number(i)) }

func (p *Part) number(i uint64) uint64 { return i*max(p.shard.Of, 1) + p.shard.Index }

// ShareOf is how many of the conversations of a plan a shard plays.
func ShareOf(shard plan.Shard, conversations uint64) uint64 {
	switch {
	case shard.Of == 0:
		return conversations
	case conversations <= shard.Index:
		return 0
	}
	return (conversations-shard.Index-1)/shard.Of + 1
}
