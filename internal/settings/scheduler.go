package settings

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ringback/ringback/plan"
)

// shardsVariable is how many shards there are, for schedulers that do not tell it, and for arrays of Slurm that are a part.
const shardsVariable = "RINGBACK_SHARDS"

// scheduler is what starts the processes of a run, and tells each one by environment variables which it is.
type scheduler struct {
	name  string
	index string // holds the number of the process; is set nowhere else
	count string // holds how many there are; empty if the scheduler does not tell
	first uint64 // the number of the first process
	shard func(environment, scheduler) (plan.Shard, error)
}

const (
	slurmArray = "SLURM_ARRAY_TASK_"
	slurmRank  = "SLURM_PROCID"
	slurmTasks = "SLURM_STEP_NUM_TASKS"
)

var schedulers = []scheduler{
	{"Kubernetes", "JOB_COMPLETION_INDEX", "", 0, environment.counted},
	{"a Slurm array", slurmArray + "ID", slurmArray + "COUNT", 0, environment.ofArray},
	{"srun", slurmRank, slurmTasks, 0, environment.counted},
	{"AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", 0, environment.counted},
	{"Nomad", "NOMAD_ALLOC_INDEX", "", 0, environment.counted},
	{"GitLab CI", "CI_NODE_INDEX", "CI_NODE_TOTAL", 1, environment.ofGitLab},
	{"CircleCI", "CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0, environment.counted},
	{"Buildkite", "BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0, environment.counted},
	{"Azure Pipelines", "SYSTEM_JOBPOSITIONINPHASE", "SYSTEM_TOTALJOBSINPHASE", 1, environment.counted},
}

// unnumbered says how a process gets a number from the scheduler that a variable belongs to, if it has none.
var unnumbered = []struct{ variable, cure string }{
	{"SLURM_JOB_ID", "this Slurm job is no array; submit it with sbatch -a 0-3"},
	{"AWS_BATCH_JOB_ID", "this AWS Batch job is no array job; submit it with an array size"},
	{"GITLAB_CI", "this GitLab job is not parallel; give it parallel: 4"},
	{"GITHUB_ACTIONS", "GitHub Actions sets none; set RINGBACK_SHARD to ${{ strategy.job-index }}/${{ strategy.job-total }}"},
	{"KUBERNETES_SERVICE_HOST", "Kubernetes sets JOB_COMPLETION_INDEX in a Job with completionMode: Indexed"},
	{"", "see docs/shards.md"},
}

// environment looks up a variable.
type environment func(name string) (string, bool)

// text is the value of a variable, empty if it is not set: CI systems set variables to nothing.
func (e environment) text(name string) string {
	value, _ := e(name)
	return value
}

// numbers reports whether a scheduler has numbered this process. A step of one task is how srun starts any command.
func (e environment) numbers(s scheduler) bool {
	if s.index == slurmRank && (e.text(slurmTasks) == "" || e.text(slurmTasks) == "1") {
		return false
	}
	return e.text(s.index) != ""
}

// shardOfProcess is the shard that the scheduler has given this process. More than one scheduler is an error: a job of
// one that submits to another hands its variables on.
func (e environment) shardOfProcess() (plan.Shard, error) {
	var found []scheduler
	var names []string
	for _, s := range schedulers {
		if e.numbers(s) {
			found = append(found, s)
			names = append(names, fmt.Sprintf("%s (%s)", s.index, s.name))
		}
	}
	switch len(found) {
	case 0:
		for _, u := range unnumbered {
			if u.variable == "" || e.text(u.variable) != "" {
				return plan.Shard{}, problem(Shard, "auto: no variable numbers this process; %s; elsewhere use 0/4 and so on", u.cure)
			}
		}
	case 1:
		return found[0].shard(e, found[0])
	}
	return plan.Shard{}, problem(Shard, "auto: %s are set; unset what does not number the shards, or use 0/4 and so on", strings.Join(names, " and "))
}

// number is the whole number in a variable, which must be set; missing says what to do otherwise.
func (e environment) number(name, missing string) (uint64, error) {
	text := e.text(name)
	if text == "" {
		return 0, problem(Shard, "auto: the environment variable %s is not set; %s", name, missing)
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, problem(Shard, "auto: want a whole number in %s, got %q", name, text)
	}
	return n, nil
}

// numberOr is the whole number in a variable, or another one if it is not set.
func (e environment) numberOr(name string, other uint64) (uint64, error) {
	if e.text(name) == "" {
		return other, nil
	}
	return e.number(name, "")
}

// counted is the shard of a process of a scheduler that numbers its processes one by one.
func (e environment) counted(s scheduler) (plan.Shard, error) {
	index, err := e.number(s.index, "")
	if err != nil {
		return plan.Shard{}, err
	}
	count := s.count
	if count == "" || e.text(count) == "" {
		count = shardsVariable
	}
	of, err := e.number(count, "set it to the number of shards, which "+s.name+" does not tell")
	if err == nil && of == 0 {
		err = problem(Shard, "auto: want at least 1 in %s, got 0", count)
	}
	if err != nil {
		return plan.Shard{}, err
	}
	if said, err := e.numberOr(shardsVariable, of); err != nil || said != of {
		if err == nil {
			err = problem(Shard, "auto: %s is %d and %s is %d; leave out the latter", count, of, shardsVariable, said)
		}
		return plan.Shard{}, err
	}
	if index < s.first || index-s.first >= of {
		return plan.Shard{}, problem(Shard, "auto: %s is %d and %s is %d; %s numbers %d processes from %d to %d",
			s.index, index, count, of, s.name, of, s.first, s.first+of-1)
	}
	return plan.Shard{Index: index - s.first, Of: of}, nil
}

// ofGitLab is the shard of a parallel job. Other CI systems set the same variables and count from 0.
func (e environment) ofGitLab(s scheduler) (plan.Shard, error) {
	if e.text("GITLAB_CI") == "" {
		return plan.Shard{}, problem(Shard, "auto: %s counts from 1 in GitLab CI and from 0 elsewhere, and GITLAB_CI is not set; use 0/4 and so on", s.index)
	}
	return e.counted(s)
}
