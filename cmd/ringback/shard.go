package main

import (
	"strconv"
	"strings"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// The environment variables from which --shard auto knows its shard. Kubernetes sets the
// first one in the pods of a Job with completionMode Indexed, and tells them nowhere how
// many they are: the manifest has to.
const (
	indexVariable  = "JOB_COMPLETION_INDEX"
	shardsVariable = "RINGBACK_SHARDS"
)

// shardInName is what file names may hold in the place of the shard's number.
const shardInName = "{shard}"

// parseShard reads K/N, where K counts from 0 as the pods of a Job do, or auto. An empty
// text is the whole plan.
func parseShard(text string, lookup func(string) (string, bool)) (plan.Shard, error) {
	switch text {
	case "":
		return plan.Shard{}, nil
	case "auto":
		return shardOfJob(lookup)
	}
	k, n, _ := strings.Cut(text, "/")
	index, err1 := strconv.ParseUint(k, 10, 32)
	of, err2 := strconv.ParseUint(n, 10, 32)
	switch {
	case err1 != nil || err2 != nil || of == 0:
		return plan.Shard{}, usage("--shard: want K/N such as 0/4, or auto, got %q", text)
	case index >= of:
		return plan.Shard{}, usage("--shard: %d shards are numbered from 0 to %d, got %q", of, of-1, text)
	}
	return plan.Shard{Index: index, Of: of}, nil
}

// shardOfJob is the shard of a pod of an Indexed Job.
func shardOfJob(lookup func(string) (string, bool)) (plan.Shard, error) {
	number := func(name, missing string) (uint64, error) {
		text, set := lookup(name)
		if !set {
			return 0, usage("--shard auto: the environment variable %s is not set\n%s", name, missing)
		}
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return 0, usage("--shard auto: want a whole number in %s, got %q", name, text)
		}
		return n, nil
	}
	index, err := number(indexVariable, "Kubernetes sets it in a Job with completionMode: Indexed; elsewhere use --shard 0/4 and so on")
	if err != nil {
		return plan.Shard{}, err
	}
	of, err := number(shardsVariable, "set it to the completions of the Job, which Kubernetes does not tell")
	if err != nil {
		return plan.Shard{}, err
	}
	if index >= of {
		return plan.Shard{}, usage("--shard auto: %s is %d and %s is %d: want the completions of the Job there, which are more than any index",
			indexVariable, index, shardsVariable, of)
	}
	return plan.Shard{Index: index, Of: of}, nil
}

// checkSharded refuses what each shard would decide otherwise: shards without a common seed
// and start play parts of different plans.
func checkSharded(shard plan.Shard, seeded, started bool) error {
	switch {
	case shard.Of == 0:
		return nil
	case !seeded:
		return usage("--shard: give all shards the same --seed, or they play different plans")
	case !started:
		return usage("--shard: give all shards the same --start, or run at speed 1 the same --at, or they play different plans")
	}
	return nil
}

// part is what one shard plays of a plan. Its conversations are counted through, so that who
// asks for all of them meets its own alone.
type part struct {
	*plan.Plan
	shard plan.Shard
}

// partOf is the part of a plan that a shard plays: the plan itself if there are no shards. A
// part with nothing in it is an error; to find out, no conversations are counted, because a
// plan may have to be walked to its end for that.
func partOf(p *plan.Plan, s plan.Shard) (planned, error) {
	if s.Of == 0 {
		return p, nil
	}
	for range p.Notifications() {
		return part{p, s}, nil
	}
	return nil, usage("--shard: there is nothing for shard %s of a plan of %s", report.Shard(s), show.Counted(p.Conversations(), "conversation"))
}

func (p part) Conversations() uint64     { return shareOf(p.shard, p.Plan.Conversations()) }
func (p part) Truth(i uint64) plan.Truth { return p.Plan.Truth(p.number(i)) }
func (p part) ScenarioOf(i uint64) int   { return p.Plan.ScenarioOf(p.number(i)) }
func (p part) number(i uint64) uint64    { return i*p.shard.Of + p.shard.Index }

// shareOf is how many of the conversations of a plan a shard plays.
func shareOf(shard plan.Shard, conversations uint64) uint64 {
	switch {
	case shard.Of == 0:
		return conversations
	case conversations <= shard.Index:
		return 0
	}
	return (conversations-shard.Index-1)/shard.Of + 1
}

// shardNote says after other figures which shard it is, if it is one.
func shardNote(s plan.Shard) string {
	if s.Of == 0 {
		return ""
	}
	return ", shard " + report.Shard(s).String()
}

// nameShard puts the number of a shard into the name of a file.
func nameShard(flag, path string, s plan.Shard) (string, error) {
	if s.Of == 0 && strings.Contains(path, shardInName) {
		return "", usage("%s: %s stands for the number of a shard, and there is no --shard", flag, shardInName)
	}
	return strings.ReplaceAll(path, shardInName, strconv.FormatUint(s.Index, 10)), nil
}

// nameShards does so for all files that a run writes.
func (f *runFlags) nameShards(s plan.Shard) (err error) {
	if f.result.log, err = nameShard("--log", f.result.log, s); err != nil {
		return err
	}
	for i := range f.report.files {
		if f.report.files[i], err = nameShard("--report", f.report.files[i], s); err != nil {
			return err
		}
	}
	return nil
}

// settleShard finds out which part of the plan is played, from when on, and into which files.
func (r *playing) settleShard(f *runFlags, s *playSettings) error {
	if err := f.nameShards(s.Shard); err != nil {
		return err
	}
	r.shard, r.log = s.Shard, f.result.log
	if err := r.settleAt(f.at, s); err != nil {
		return err
	}
	return checkSharded(s.Shard, s.seeded, !s.Start.IsZero())
}
